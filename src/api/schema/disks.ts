import { Type } from 'typebox';
import { anyObject, int32, uint32, unsigned } from './scalars.js';
import { FeatureState } from './features.js';

export const CustomBlockSize = Type.Object({
  discardGranularity: Type.Optional(unsigned()),
  logical: Type.Optional(int32()),
  physical: Type.Optional(int32()),
});
export type CustomBlockSize = Type.Static<typeof CustomBlockSize>;

export const BlockSize = Type.Object({
  custom: Type.Optional(CustomBlockSize),
  matchVolume: Type.Optional(FeatureState),
});
export type BlockSize = Type.Static<typeof BlockSize>;

export const CDRomTarget = Type.Object({
  bus: Type.Optional(Type.String()),
  /** No field of KubeVirt, whose API server drops it; its documentation has it (docs/reference/user-guides.md §3.2). */
  readOnly: Type.Optional(Type.Boolean()),
  readonly: Type.Optional(Type.Boolean()),
  tray: Type.Optional(Type.String()),
});
export type CDRomTarget = Type.Static<typeof CDRomTarget>;

export const DiskTarget = Type.Object({
  bus: Type.Optional(Type.String()),
  pciAddress: Type.Optional(Type.String()),
  readonly: Type.Optional(Type.Boolean()),
});
export type DiskTarget = Type.Static<typeof DiskTarget>;

export const LunTarget = Type.Object({
  bus: Type.Optional(Type.String()),
  readonly: Type.Optional(Type.Boolean()),
  reservation: Type.Optional(Type.Boolean()),
});
export type LunTarget = Type.Static<typeof LunTarget>;

export const Disk = Type.Object({
  blockSize: Type.Optional(BlockSize),
  bootOrder: Type.Optional(int32()),
  cache: Type.Optional(Type.String()),
  cdrom: Type.Optional(CDRomTarget),
  changedBlockTracking: Type.Optional(Type.Boolean()),
  dedicatedIOThread: Type.Optional(Type.Boolean()),
  disk: Type.Optional(DiskTarget),
  errorPolicy: Type.Optional(Type.String()),
  // No field of KubeVirt any more. Without it the API server would prune a floppy before admission could refuse it.
  floppy: Type.Optional(anyObject()),
  io: Type.Optional(Type.String()),
  lun: Type.Optional(LunTarget),
  name: Type.String(),
  serial: Type.Optional(Type.String()),
  shareable: Type.Optional(Type.Boolean()),
  tag: Type.Optional(Type.String()),
});
export type Disk = Type.Static<typeof Disk>;

export const DiskIOThreads = Type.Object({
  supplementalPoolThreadCount: Type.Optional(uint32()),
});
export type DiskIOThreads = Type.Static<typeof DiskIOThreads>;
