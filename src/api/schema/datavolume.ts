import { Type } from 'typebox';
import { conditionFields, resource } from './object.js';
import { emptyObject, enumOf, int32, nullableTime } from './scalars.js';
import {
  PersistentVolumeClaimSpec,
  TypedLocalObjectReference,
  TypedObjectReference,
  VolumeResourceRequirements,
} from './core.js';
import { LabelSelector } from './meta.js';

export const DataVolumeCheckpoint = Type.Object({
  current: Type.String(),
  previous: Type.String(),
});
export type DataVolumeCheckpoint = Type.Static<typeof DataVolumeCheckpoint>;

export const DataVolumeBlankImage = emptyObject();
export type DataVolumeBlankImage = Type.Static<typeof DataVolumeBlankImage>;

export const DataVolumeSourceGCS = Type.Object({
  secretRef: Type.Optional(Type.String()),
  url: Type.String(),
});
export type DataVolumeSourceGCS = Type.Static<typeof DataVolumeSourceGCS>;

export const DataVolumeSourceHTTP = Type.Object({
  certConfigMap: Type.Optional(Type.String()),
  checksum: Type.Optional(Type.String()),
  extraHeaders: Type.Optional(Type.Array(Type.String())),
  secretExtraHeaders: Type.Optional(Type.Array(Type.String())),
  secretRef: Type.Optional(Type.String()),
  url: Type.String(),
});
export type DataVolumeSourceHTTP = Type.Static<typeof DataVolumeSourceHTTP>;

export const DataVolumeSourceImageIO = Type.Object({
  certConfigMap: Type.Optional(Type.String()),
  diskId: Type.String(),
  insecureSkipVerify: Type.Optional(Type.Boolean()),
  secretRef: Type.Optional(Type.String()),
  url: Type.String(),
});
export type DataVolumeSourceImageIO = Type.Static<typeof DataVolumeSourceImageIO>;

export const DataVolumeSourcePVC = Type.Object({
  name: Type.String(),
  namespace: Type.String(),
});
export type DataVolumeSourcePVC = Type.Static<typeof DataVolumeSourcePVC>;

export const PlatformOptions = Type.Object({
  architecture: Type.Optional(Type.String()),
});
export type PlatformOptions = Type.Static<typeof PlatformOptions>;

export const DataVolumeSourceRegistry = Type.Object({
  certConfigMap: Type.Optional(Type.String()),
  imageStream: Type.Optional(Type.String()),
  platform: Type.Optional(PlatformOptions),
  pullMethod: Type.Optional(Type.String()),
  secretRef: Type.Optional(Type.String()),
  url: Type.Optional(Type.String()),
});
export type DataVolumeSourceRegistry = Type.Static<typeof DataVolumeSourceRegistry>;

export const DataVolumeSourceS3 = Type.Object({
  certConfigMap: Type.Optional(Type.String()),
  secretRef: Type.Optional(Type.String()),
  url: Type.String(),
});
export type DataVolumeSourceS3 = Type.Static<typeof DataVolumeSourceS3>;

export const DataVolumeSourceSnapshot = Type.Object({
  name: Type.String(),
  namespace: Type.String(),
});
export type DataVolumeSourceSnapshot = Type.Static<typeof DataVolumeSourceSnapshot>;

export const DataVolumeSourceUpload = emptyObject();
export type DataVolumeSourceUpload = Type.Static<typeof DataVolumeSourceUpload>;

export const DataVolumeSourceVDDK = Type.Object({
  backingFile: Type.Optional(Type.String()),
  extraArgs: Type.Optional(Type.String()),
  initImageURL: Type.Optional(Type.String()),
  secretRef: Type.Optional(Type.String()),
  thumbprint: Type.Optional(Type.String()),
  url: Type.Optional(Type.String()),
  uuid: Type.Optional(Type.String()),
});
export type DataVolumeSourceVDDK = Type.Static<typeof DataVolumeSourceVDDK>;

export const CdiDataVolumeSource = Type.Object({
  blank: Type.Optional(DataVolumeBlankImage),
  gcs: Type.Optional(DataVolumeSourceGCS),
  http: Type.Optional(DataVolumeSourceHTTP),
  imageio: Type.Optional(DataVolumeSourceImageIO),
  pvc: Type.Optional(DataVolumeSourcePVC),
  registry: Type.Optional(DataVolumeSourceRegistry),
  s3: Type.Optional(DataVolumeSourceS3),
  snapshot: Type.Optional(DataVolumeSourceSnapshot),
  upload: Type.Optional(DataVolumeSourceUpload),
  vddk: Type.Optional(DataVolumeSourceVDDK),
});
export type CdiDataVolumeSource = Type.Static<typeof CdiDataVolumeSource>;

export const DataVolumeSourceRef = Type.Object({
  kind: Type.String(),
  name: Type.String(),
  namespace: Type.Optional(Type.String()),
});
export type DataVolumeSourceRef = Type.Static<typeof DataVolumeSourceRef>;

export const StorageSpec = Type.Object({
  accessModes: Type.Optional(Type.Array(Type.String())),
  dataSource: Type.Optional(TypedLocalObjectReference),
  dataSourceRef: Type.Optional(TypedObjectReference),
  resources: Type.Optional(VolumeResourceRequirements),
  selector: Type.Optional(LabelSelector),
  storageClassName: Type.Optional(Type.String()),
  volumeMode: Type.Optional(enumOf(['Block', 'Filesystem', 'FromStorageProfile'])),
  volumeName: Type.Optional(Type.String()),
});
export type StorageSpec = Type.Static<typeof StorageSpec>;

export const DataVolumeSpec = Type.Object({
  checkpoints: Type.Optional(Type.Array(DataVolumeCheckpoint)),
  contentType: Type.Optional(Type.String()),
  finalCheckpoint: Type.Optional(Type.Boolean()),
  preallocation: Type.Optional(Type.Boolean()),
  priorityClassName: Type.Optional(Type.String()),
  pvc: Type.Optional(PersistentVolumeClaimSpec),
  source: Type.Optional(CdiDataVolumeSource),
  sourceRef: Type.Optional(DataVolumeSourceRef),
  storage: Type.Optional(StorageSpec),
});
export type DataVolumeSpec = Type.Static<typeof DataVolumeSpec>;

export const DataVolumeCondition = Type.Object({
  lastHeartbeatTime: Type.Optional(nullableTime()),
  ...conditionFields(),
});
export type DataVolumeCondition = Type.Static<typeof DataVolumeCondition>;

export const DataVolumeStatus = Type.Object({
  claimName: Type.Optional(Type.String()),
  conditions: Type.Optional(Type.Array(DataVolumeCondition)),
  phase: Type.Optional(Type.String()),
  progress: Type.Optional(Type.String()),
  restartCount: Type.Optional(int32()),
});
export type DataVolumeStatus = Type.Static<typeof DataVolumeStatus>;

/** CDI's object; ours where CDI is not (docs/data-volumes.md). */
export const DataVolume = resource(DataVolumeSpec, DataVolumeStatus);
export type DataVolume = Type.Static<typeof DataVolume>;
