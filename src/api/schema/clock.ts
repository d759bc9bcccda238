import { Type } from 'typebox';
import { int32 } from './scalars.js';

export const HPETTimer = Type.Object({
  present: Type.Optional(Type.Boolean()),
  tickPolicy: Type.Optional(Type.String()),
});
export type HPETTimer = Type.Static<typeof HPETTimer>;

export const HypervTimer = Type.Object({
  present: Type.Optional(Type.Boolean()),
});
export type HypervTimer = Type.Static<typeof HypervTimer>;

export const KVMTimer = Type.Object({
  present: Type.Optional(Type.Boolean()),
});
export type KVMTimer = Type.Static<typeof KVMTimer>;

export const PITTimer = Type.Object({
  present: Type.Optional(Type.Boolean()),
  tickPolicy: Type.Optional(Type.String()),
});
export type PITTimer = Type.Static<typeof PITTimer>;

export const RTCTimer = Type.Object({
  present: Type.Optional(Type.Boolean()),
  tickPolicy: Type.Optional(Type.String()),
  track: Type.Optional(Type.String()),
});
export type RTCTimer = Type.Static<typeof RTCTimer>;

export const Timer = Type.Object({
  hpet: Type.Optional(HPETTimer),
  hyperv: Type.Optional(HypervTimer),
  kvm: Type.Optional(KVMTimer),
  pit: Type.Optional(PITTimer),
  rtc: Type.Optional(RTCTimer),
});
export type Timer = Type.Static<typeof Timer>;

export const ClockOffsetUTC = Type.Object({
  offsetSeconds: Type.Optional(int32()),
});
export type ClockOffsetUTC = Type.Static<typeof ClockOffsetUTC>;

export const Clock = Type.Object({
  timer: Type.Optional(Timer),
  timezone: Type.Optional(Type.String()),
  utc: Type.Optional(ClockOffsetUTC),
});
export type Clock = Type.Static<typeof Clock>;
