import { Type } from 'typebox';
import { NUMA, Realtime, Hugepages } from './cpu-memory.js';
import { GPU, HostDevice } from './devices.js';
import { DiskIOThreads } from './disks.js';
import { LaunchSecurity } from './launch-security.js';
import { int32, mapOf, quantity, uint32 } from './scalars.js';
import { ObjectMeta } from './meta.js';

/*
 * What an instance type gives a VM: sizes and what goes with them. Kinds of group instancetype.kubevirt.io, which have
 * no status.
 */

export const CPUInstancetype = Type.Object({
  dedicatedCPUPlacement: Type.Optional(Type.Boolean()),
  guest: uint32(),
  isolateEmulatorThread: Type.Optional(Type.Boolean()),
  maxSockets: Type.Optional(uint32()),
  model: Type.Optional(Type.String()),
  numa: Type.Optional(NUMA),
  realtime: Type.Optional(Realtime),
});
export type CPUInstancetype = Type.Static<typeof CPUInstancetype>;

export const MemoryInstancetype = Type.Object({
  guest: quantity(),
  hugepages: Type.Optional(Hugepages),
  maxGuest: Type.Optional(quantity()),
  overcommitPercent: Type.Optional(int32()),
});
export type MemoryInstancetype = Type.Static<typeof MemoryInstancetype>;

export const VirtualMachineInstancetypeSpec = Type.Object({
  annotations: Type.Optional(mapOf(Type.String())),
  cpu: CPUInstancetype,
  gpus: Type.Optional(Type.Array(GPU, { maxItems: 64, 'x-kubernetes-list-type': 'atomic' })),
  hostDevices: Type.Optional(Type.Array(HostDevice, { maxItems: 64, 'x-kubernetes-list-type': 'atomic' })),
  ioThreads: Type.Optional(DiskIOThreads),
  ioThreadsPolicy: Type.Optional(Type.String()),
  launchSecurity: Type.Optional(LaunchSecurity),
  memory: MemoryInstancetype,
  nodeSelector: Type.Optional(mapOf(Type.String())),
  schedulerName: Type.Optional(Type.String()),
});
export type VirtualMachineInstancetypeSpec = Type.Static<typeof VirtualMachineInstancetypeSpec>;

const instancetype = () =>
  Type.Object({
    apiVersion: Type.Optional(Type.String()),
    kind: Type.Optional(Type.String()),
    metadata: Type.Optional(ObjectMeta),
    spec: VirtualMachineInstancetypeSpec,
  });

export const VirtualMachineInstancetype = instancetype();
export type VirtualMachineInstancetype = Type.Static<typeof VirtualMachineInstancetype>;

export const VirtualMachineClusterInstancetype = instancetype();
export type VirtualMachineClusterInstancetype = Type.Static<typeof VirtualMachineClusterInstancetype>;
