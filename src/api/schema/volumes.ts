import { Type } from 'typebox';
import type { Descriptions } from '../descriptions/descriptions.js';
import { emptyObject, enumOf, quantity } from './scalars.js';
import { CorePersistentVolumeClaimVolumeSource, DownwardAPIVolumeFile, LocalObjectReference } from './core.js';

export const UtilityVolume = Type.Object({
  claimName: Type.String(),
  name: Type.String(),
  readOnly: Type.Optional(Type.Boolean()),
  type: Type.Optional(Type.String()),
});
export type UtilityVolume = Type.Static<typeof UtilityVolume>;

/** Where the data of cloud-init comes from, for both of its ways to read them. */
const cloudInitSource = () =>
  Type.Object({
    networkData: Type.Optional(Type.String()),
    networkDataBase64: Type.Optional(Type.String()),
    networkDataSecretRef: Type.Optional(LocalObjectReference),
    secretRef: Type.Optional(LocalObjectReference),
    userData: Type.Optional(Type.String()),
    userDataBase64: Type.Optional(Type.String()),
  });

export const CloudInitConfigDriveSource = cloudInitSource();
export type CloudInitConfigDriveSource = Type.Static<typeof CloudInitConfigDriveSource>;

export const CloudInitNoCloudSource = cloudInitSource();
export type CloudInitNoCloudSource = Type.Static<typeof CloudInitNoCloudSource>;

export const ConfigMapVolumeSource = Type.Object({
  name: Type.Optional(Type.String()),
  optional: Type.Optional(Type.Boolean()),
  volumeLabel: Type.Optional(Type.String()),
});
export type ConfigMapVolumeSource = Type.Static<typeof ConfigMapVolumeSource>;

export const ContainerDiskSource = Type.Object({
  image: Type.String(),
  imagePullPolicy: Type.Optional(enumOf(['Always', 'IfNotPresent', 'Never'])),
  imagePullSecret: Type.Optional(Type.String()),
  path: Type.Optional(Type.String()),
});
export type ContainerDiskSource = Type.Static<typeof ContainerDiskSource>;

export const ContainerPathVolumeSource = Type.Object({
  path: Type.String({ maxLength: 4096 }),
  readOnly: Type.Optional(Type.Boolean()),
});
export type ContainerPathVolumeSource = Type.Static<typeof ContainerPathVolumeSource>;

export const DataVolumeSource = Type.Object({
  hotpluggable: Type.Optional(Type.Boolean()),
  name: Type.String(),
});
export type DataVolumeSource = Type.Static<typeof DataVolumeSource>;

export const DownwardAPIVolumeSource = Type.Object({
  fields: Type.Optional(Type.Array(DownwardAPIVolumeFile)),
  volumeLabel: Type.Optional(Type.String()),
});
export type DownwardAPIVolumeSource = Type.Static<typeof DownwardAPIVolumeSource>;

export const DownwardMetricsVolumeSource = emptyObject();
export type DownwardMetricsVolumeSource = Type.Static<typeof DownwardMetricsVolumeSource>;

export const EmptyDiskSource = Type.Object({
  capacity: quantity(),
});
export type EmptyDiskSource = Type.Static<typeof EmptyDiskSource>;

export const EphemeralVolumeSource = Type.Object({
  persistentVolumeClaim: Type.Optional(CorePersistentVolumeClaimVolumeSource),
});
export type EphemeralVolumeSource = Type.Static<typeof EphemeralVolumeSource>;

export const HostDisk = Type.Object({
  capacity: Type.Optional(quantity()),
  path: Type.String(),
  shared: Type.Optional(Type.Boolean()),
  type: Type.String(),
});
export type HostDisk = Type.Static<typeof HostDisk>;

export const MemoryDumpVolumeSource = Type.Object({
  claimName: Type.String(),
  hotpluggable: Type.Optional(Type.Boolean()),
  readOnly: Type.Optional(Type.Boolean()),
});
export type MemoryDumpVolumeSource = Type.Static<typeof MemoryDumpVolumeSource>;

export const PersistentVolumeClaimVolumeSource = Type.Object({
  claimName: Type.String(),
  hotpluggable: Type.Optional(Type.Boolean()),
  readOnly: Type.Optional(Type.Boolean()),
});
export type PersistentVolumeClaimVolumeSource = Type.Static<typeof PersistentVolumeClaimVolumeSource>;

export const SecretVolumeSource = Type.Object({
  optional: Type.Optional(Type.Boolean()),
  secretName: Type.Optional(Type.String()),
  volumeLabel: Type.Optional(Type.String()),
});
export type SecretVolumeSource = Type.Static<typeof SecretVolumeSource>;

export const ServiceAccountVolumeSource = Type.Object({
  serviceAccountName: Type.Optional(Type.String()),
});
export type ServiceAccountVolumeSource = Type.Static<typeof ServiceAccountVolumeSource>;

export const SysprepSource = Type.Object({
  configMap: Type.Optional(LocalObjectReference),
  secret: Type.Optional(LocalObjectReference),
});
export type SysprepSource = Type.Static<typeof SysprepSource>;

export const Volume = Type.Object({
  cloudInitConfigDrive: Type.Optional(CloudInitConfigDriveSource),
  cloudInitNoCloud: Type.Optional(CloudInitNoCloudSource),
  configMap: Type.Optional(ConfigMapVolumeSource),
  containerDisk: Type.Optional(ContainerDiskSource),
  containerPath: Type.Optional(ContainerPathVolumeSource),
  dataVolume: Type.Optional(DataVolumeSource),
  downwardAPI: Type.Optional(DownwardAPIVolumeSource),
  downwardMetrics: Type.Optional(DownwardMetricsVolumeSource),
  emptyDisk: Type.Optional(EmptyDiskSource),
  ephemeral: Type.Optional(EphemeralVolumeSource),
  hostDisk: Type.Optional(HostDisk),
  memoryDump: Type.Optional(MemoryDumpVolumeSource),
  name: Type.String(),
  persistentVolumeClaim: Type.Optional(PersistentVolumeClaimVolumeSource),
  secret: Type.Optional(SecretVolumeSource),
  serviceAccount: Type.Optional(ServiceAccountVolumeSource),
  sysprep: Type.Optional(SysprepSource),
});
export type Volume = Type.Static<typeof Volume>;

/** What the fields mean: beside the schema, so that a source is described where it is declared. */
export const VOLUME_DESCRIPTIONS: Descriptions = {
  Volume: {
    cloudInitConfigDrive: 'cloud-init data on a config drive.',
    cloudInitNoCloud: 'A disk with cloud-init data (NoCloud): users, keys, files and network settings of the guest.',
    configMap: 'A ConfigMap as files.',
    containerDisk: 'A disk image that comes in a container image; changes are lost when the VM stops.',
    containerPath: 'A directory of the pod.',
    dataVolume: 'A DataVolume and its PVC.',
    downwardAPI: 'Fields of the VM as files.',
    downwardMetrics: 'A disk with metrics of the host.',
    emptyDisk: 'An empty disk that lasts as long as the VM runs.',
    ephemeral: 'A layer over a PVC that is lost when the VM stops.',
    hostDisk: 'A disk image on the node.',
    memoryDump: 'A PVC for dumps of the memory.',
    name: 'Name of the volume, and of its disk: a DNS label, none twice.',
    persistentVolumeClaim: 'A PersistentVolumeClaim of the namespace.',
    secret: 'A Secret as files.',
    serviceAccount: 'The token of a service account.',
    sysprep: 'Answer files for Windows.',
  },
  ContainerDiskSource: {
    image: 'Container image with one disk image (qcow2 or raw) in /disk, such as registry/name:tag.',
    imagePullPolicy: 'Always, IfNotPresent or Never. Default: Always for the tag latest or none, else IfNotPresent.',
    imagePullSecret: 'Secret with the credentials of the registry.',
    path: 'Absolute path of the disk image in the container image, when it is not the only file in /disk.',
  },
  EmptyDiskSource: { capacity: 'Size of the disk, such as 2Gi.' },
  CloudInitNoCloudSource: {
    networkData: 'Network settings as text: netplan version 1 or 2. At most one networkData field.',
    networkDataBase64: 'Network settings in base64.',
    networkDataSecretRef: 'Secret with the network settings under the key networkdata.',
    secretRef:
      'Secret with the user data under the key userdata. At most one of secretRef, userData and userDataBase64.',
    userData: 'User data as text, such as a document that begins with #cloud-config. At most 2 KiB.',
    userDataBase64: 'User data in base64.',
  },
  CloudInitConfigDriveSource: {
    networkData: 'Network settings as text.',
    networkDataBase64: 'Network settings in base64.',
    networkDataSecretRef: 'Secret with the network settings.',
    secretRef: 'Secret with the user data.',
    userData: 'User data as text.',
    userDataBase64: 'User data in base64.',
  },
  ConfigMapVolumeSource: {
    name: 'Name of the ConfigMap.',
    optional: 'Whether it may be missing.',
    volumeLabel: 'Label of the disk.',
  },
  ContainerPathVolumeSource: { path: 'Absolute path in the pod.', readOnly: 'Always true: the guest cannot write.' },
  DataVolumeSource: { hotpluggable: 'Whether it may be removed again.', name: 'Name of the DataVolume.' },
  DownwardAPIVolumeSource: { fields: 'Fields, each as a file.', volumeLabel: 'Label of the disk.' },
  EphemeralVolumeSource: { persistentVolumeClaim: 'The PVC below, never written to.' },
  HostDisk: {
    capacity: 'Size of a new image.',
    path: 'Path on the node.',
    shared: 'Other VMs may write to the image at the same time, as with a disk that is shareable.',
    type: 'Disk: must exist; DiskOrCreate: is made.',
  },
  MemoryDumpVolumeSource: {
    claimName: 'Name of the PVC.',
    hotpluggable: 'Whether it may be removed again.',
    readOnly: 'Whether it is read-only.',
  },
  PersistentVolumeClaimVolumeSource: {
    claimName: 'Name of the PVC.',
    hotpluggable: 'Whether it may be removed again.',
    readOnly: 'Whether it is read-only.',
  },
  CorePersistentVolumeClaimVolumeSource: { claimName: 'Name of the PVC.', readOnly: 'Whether it is read-only.' },
  SecretVolumeSource: {
    optional: 'Whether it may be missing.',
    secretName: 'Name of the Secret.',
    volumeLabel: 'Label of the disk.',
  },
  ServiceAccountVolumeSource: { serviceAccountName: 'Name of the service account.' },
  SysprepSource: { configMap: 'ConfigMap with the answer files.', secret: 'Secret with the answer files.' },
  UtilityVolume: {
    claimName: 'Name of the PVC.',
    name: 'Name of the volume.',
    readOnly: 'Whether it is read-only.',
    type: 'What it is used for.',
  },
};
