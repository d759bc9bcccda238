import { Type } from 'typebox';
import { emptyObject, enumOf, mapOf, quantity, uint32 } from './scalars.js';

export const CPUFeature = Type.Object({
  name: Type.String(),
  policy: Type.Optional(Type.String()),
});
export type CPUFeature = Type.Static<typeof CPUFeature>;

export const NUMAGuestMappingPassthrough = emptyObject();
export type NUMAGuestMappingPassthrough = Type.Static<typeof NUMAGuestMappingPassthrough>;

export const NUMA = Type.Object({
  guestMappingPassthrough: Type.Optional(NUMAGuestMappingPassthrough),
});
export type NUMA = Type.Static<typeof NUMA>;

export const Realtime = Type.Object({
  mask: Type.Optional(Type.String()),
});
export type Realtime = Type.Static<typeof Realtime>;

export const CPU = Type.Object({
  cores: Type.Optional(uint32()),
  dedicatedCpuPlacement: Type.Optional(Type.Boolean()),
  features: Type.Optional(Type.Array(CPUFeature)),
  isolateEmulatorThread: Type.Optional(Type.Boolean()),
  maxSockets: Type.Optional(uint32()),
  model: Type.Optional(Type.String()),
  numa: Type.Optional(NUMA),
  realtime: Type.Optional(Realtime),
  sockets: Type.Optional(uint32()),
  threads: Type.Optional(uint32()),
});
export type CPU = Type.Static<typeof CPU>;

export const Hugepages = Type.Object({
  pageSize: Type.Optional(Type.String()),
});
export type Hugepages = Type.Static<typeof Hugepages>;

export const ReservedOverhead = Type.Object({
  addedOverhead: Type.Optional(quantity()),
  memLock: Type.Optional(enumOf(['NotRequired', 'Required'])),
});
export type ReservedOverhead = Type.Static<typeof ReservedOverhead>;

export const Memory = Type.Object({
  guest: Type.Optional(quantity()),
  hugepages: Type.Optional(Hugepages),
  maxGuest: Type.Optional(quantity()),
  reservedOverhead: Type.Optional(ReservedOverhead),
});
export type Memory = Type.Static<typeof Memory>;

export const ResourceRequirements = Type.Object({
  limits: Type.Optional(mapOf(quantity())),
  overcommitGuestOverhead: Type.Optional(Type.Boolean()),
  requests: Type.Optional(mapOf(quantity())),
});
export type ResourceRequirements = Type.Static<typeof ResourceRequirements>;
