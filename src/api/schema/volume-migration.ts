import { Type } from 'typebox';
import { enumOf, mapOf, quantity } from './scalars.js';

export const PersistentVolumeClaimInfo = Type.Object({
  accessModes: Type.Optional(Type.Array(Type.String(), { 'x-kubernetes-list-type': 'atomic' })),
  capacity: Type.Optional(mapOf(quantity())),
  claimName: Type.Optional(Type.String()),
  filesystemOverhead: Type.Optional(Type.String()),
  preallocated: Type.Optional(Type.Boolean()),
  requests: Type.Optional(mapOf(quantity())),
  volumeMode: Type.Optional(enumOf(['Block', 'Filesystem', 'FromStorageProfile'])),
});
export type PersistentVolumeClaimInfo = Type.Static<typeof PersistentVolumeClaimInfo>;

export const StorageMigratedVolumeInfo = Type.Object({
  destinationPVCInfo: Type.Optional(PersistentVolumeClaimInfo),
  sourcePVCInfo: Type.Optional(PersistentVolumeClaimInfo),
  volumeName: Type.String(),
});
export type StorageMigratedVolumeInfo = Type.Static<typeof StorageMigratedVolumeInfo>;

export const VolumeMigrationState = Type.Object({
  migratedVolumes: Type.Optional(Type.Array(StorageMigratedVolumeInfo, { 'x-kubernetes-list-type': 'atomic' })),
});
export type VolumeMigrationState = Type.Static<typeof VolumeMigrationState>;

export const VolumeUpdateState = Type.Object({
  volumeMigrationState: Type.Optional(VolumeMigrationState),
});
export type VolumeUpdateState = Type.Static<typeof VolumeUpdateState>;
