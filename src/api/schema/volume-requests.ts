import { Type } from 'typebox';
import { Disk } from './disks.js';
import { DataVolumeSource, PersistentVolumeClaimVolumeSource } from './volumes.js';

export const HotplugVolumeSource = Type.Object({
  dataVolume: Type.Optional(DataVolumeSource),
  persistentVolumeClaim: Type.Optional(PersistentVolumeClaimVolumeSource),
});
export type HotplugVolumeSource = Type.Static<typeof HotplugVolumeSource>;

export const AddVolumeOptions = Type.Object({
  disk: Disk,
  dryRun: Type.Optional(Type.Array(Type.String(), { 'x-kubernetes-list-type': 'atomic' })),
  name: Type.String(),
  volumeSource: HotplugVolumeSource,
});
export type AddVolumeOptions = Type.Static<typeof AddVolumeOptions>;

export const RemoveVolumeOptions = Type.Object({
  dryRun: Type.Optional(Type.Array(Type.String(), { 'x-kubernetes-list-type': 'atomic' })),
  name: Type.String(),
});
export type RemoveVolumeOptions = Type.Static<typeof RemoveVolumeOptions>;

export const VirtualMachineVolumeRequest = Type.Object({
  addVolumeOptions: Type.Optional(AddVolumeOptions),
  removeVolumeOptions: Type.Optional(RemoveVolumeOptions),
});
export type VirtualMachineVolumeRequest = Type.Static<typeof VirtualMachineVolumeRequest>;
