import { Type } from 'typebox';
import { condition, resource } from './object.js';
import { anyObject, int32, int64, mapOf, time } from './scalars.js';
import { DataVolumeSpec } from './datavolume.js';
import { ChangedBlockTrackingStatus } from './shared-status.js';
import { VirtualMachineInstanceTemplateSpec } from './virtualmachineinstance.js';
import { VirtualMachineMemoryDumpRequest } from './virtualmachineinstance-status.js';
import { VolumeUpdateState } from './volume-migration.js';
import { VirtualMachineVolumeRequest } from './volume-requests.js';

export const DataVolumeTemplateDummyStatus = anyObject();
export type DataVolumeTemplateDummyStatus = Type.Static<typeof DataVolumeTemplateDummyStatus>;

export const DataVolumeTemplateSpec = resource(DataVolumeSpec, DataVolumeTemplateDummyStatus);
export type DataVolumeTemplateSpec = Type.Static<typeof DataVolumeTemplateSpec>;

export const InstancetypeMatcher = Type.Object({
  inferFromVolume: Type.Optional(Type.String()),
  inferFromVolumeFailurePolicy: Type.Optional(Type.String()),
  kind: Type.Optional(Type.String()),
  name: Type.Optional(Type.String()),
  revisionName: Type.Optional(Type.String()),
});
export type InstancetypeMatcher = Type.Static<typeof InstancetypeMatcher>;

export const PreferenceMatcher = Type.Object({
  inferFromVolume: Type.Optional(Type.String()),
  inferFromVolumeFailurePolicy: Type.Optional(Type.String()),
  kind: Type.Optional(Type.String()),
  name: Type.Optional(Type.String()),
  revisionName: Type.Optional(Type.String()),
});
export type PreferenceMatcher = Type.Static<typeof PreferenceMatcher>;

export const VirtualMachineSpec = Type.Object({
  dataVolumeTemplates: Type.Optional(Type.Array(DataVolumeTemplateSpec)),
  instancetype: Type.Optional(InstancetypeMatcher),
  preference: Type.Optional(PreferenceMatcher),
  runStrategy: Type.Optional(Type.String()),
  running: Type.Optional(Type.Boolean()),
  template: VirtualMachineInstanceTemplateSpec,
  updateVolumesStrategy: Type.Optional(Type.String()),
});
export type VirtualMachineSpec = Type.Static<typeof VirtualMachineSpec>;

export const VirtualMachineCondition = condition();
export type VirtualMachineCondition = Type.Static<typeof VirtualMachineCondition>;

export const ControllerRevisionRef = Type.Object({
  name: Type.Optional(Type.String()),
});
export type ControllerRevisionRef = Type.Static<typeof ControllerRevisionRef>;

export const InstancetypeStatusRef = Type.Object({
  controllerRevisionRef: Type.Optional(ControllerRevisionRef),
  inferFromVolume: Type.Optional(Type.String()),
  inferFromVolumeFailurePolicy: Type.Optional(Type.String()),
  kind: Type.Optional(Type.String()),
  name: Type.Optional(Type.String()),
});
export type InstancetypeStatusRef = Type.Static<typeof InstancetypeStatusRef>;

export const VirtualMachineStartFailure = Type.Object({
  consecutiveFailCount: Type.Optional(int32()),
  lastFailedVMIUID: Type.Optional(Type.String()),
  retryAfterTimestamp: Type.Optional(time()),
});
export type VirtualMachineStartFailure = Type.Static<typeof VirtualMachineStartFailure>;

export const VirtualMachineStateChangeRequest = Type.Object({
  action: Type.String(),
  data: Type.Optional(mapOf(Type.String())),
  uid: Type.Optional(Type.String()),
});
export type VirtualMachineStateChangeRequest = Type.Static<typeof VirtualMachineStateChangeRequest>;

export const VolumeSnapshotStatus = Type.Object({
  enabled: Type.Boolean(),
  name: Type.String(),
  reason: Type.Optional(Type.String()),
});
export type VolumeSnapshotStatus = Type.Static<typeof VolumeSnapshotStatus>;

/** How the last instance ended. Ours: the reference forgets it with the instance. */
export const VirtualMachineTermination = Type.Object({
  by: Type.Optional(Type.String()),
  generation: Type.Optional(int64()),
  instanceUID: Type.Optional(Type.String()),
  message: Type.Optional(Type.String()),
  reason: Type.String(),
  time: Type.Optional(time()),
});
export type VirtualMachineTermination = Type.Static<typeof VirtualMachineTermination>;

export const VirtualMachineStatus = Type.Object({
  changedBlockTracking: Type.Optional(ChangedBlockTrackingStatus),
  conditions: Type.Optional(Type.Array(VirtualMachineCondition)),
  created: Type.Optional(Type.Boolean()),
  desiredGeneration: Type.Optional(int64()),
  instancetypeRef: Type.Optional(InstancetypeStatusRef),
  lastTermination: Type.Optional(VirtualMachineTermination),
  memoryDumpRequest: Type.Optional(VirtualMachineMemoryDumpRequest),
  observedGeneration: Type.Optional(int64()),
  preferenceRef: Type.Optional(InstancetypeStatusRef),
  printableStatus: Type.Optional(Type.String()),
  ready: Type.Optional(Type.Boolean()),
  restoreInProgress: Type.Optional(Type.String()),
  runStrategy: Type.Optional(Type.String()),
  snapshotInProgress: Type.Optional(Type.String()),
  startFailure: Type.Optional(VirtualMachineStartFailure),
  stateChangeRequests: Type.Optional(Type.Array(VirtualMachineStateChangeRequest)),
  volumeRequests: Type.Optional(Type.Array(VirtualMachineVolumeRequest, { 'x-kubernetes-list-type': 'atomic' })),
  volumeSnapshotStatuses: Type.Optional(Type.Array(VolumeSnapshotStatus)),
  volumeUpdateState: Type.Optional(VolumeUpdateState),
});
export type VirtualMachineStatus = Type.Static<typeof VirtualMachineStatus>;
