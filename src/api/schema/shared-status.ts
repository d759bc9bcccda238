import { Type } from 'typebox';
import { time } from './scalars.js';

export const VirtualMachineInstanceBackupVolumeInfo = Type.Object({
  volumeName: Type.String(),
});
export type VirtualMachineInstanceBackupVolumeInfo = Type.Static<typeof VirtualMachineInstanceBackupVolumeInfo>;

export const VirtualMachineInstanceBackupStatus = Type.Object({
  backupMsg: Type.Optional(Type.String()),
  backupName: Type.Optional(Type.String()),
  checkpointName: Type.Optional(Type.String()),
  completed: Type.Optional(Type.Boolean()),
  endTimestamp: Type.Optional(time()),
  failed: Type.Optional(Type.Boolean()),
  quiesceStatus: Type.Optional(Type.String()),
  startTimestamp: Type.Optional(time()),
  volumes: Type.Optional(Type.Array(VirtualMachineInstanceBackupVolumeInfo, { 'x-kubernetes-list-type': 'atomic' })),
});
export type VirtualMachineInstanceBackupStatus = Type.Static<typeof VirtualMachineInstanceBackupStatus>;

export const ChangedBlockTrackingStatus = Type.Object({
  backupStatus: Type.Optional(VirtualMachineInstanceBackupStatus),
  state: Type.String(),
});
export type ChangedBlockTrackingStatus = Type.Static<typeof ChangedBlockTrackingStatus>;
