import { Type } from 'typebox';
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
