import { Type } from 'typebox';
import { uint32 } from './scalars.js';

export const FeatureState = Type.Object({
  enabled: Type.Optional(Type.Boolean()),
});
export type FeatureState = Type.Static<typeof FeatureState>;

export const FeatureAPIC = Type.Object({
  enabled: Type.Optional(Type.Boolean()),
  endOfInterrupt: Type.Optional(Type.Boolean()),
});
export type FeatureAPIC = Type.Static<typeof FeatureAPIC>;

export const FeatureSpinlocks = Type.Object({
  enabled: Type.Optional(Type.Boolean()),
  spinlocks: Type.Optional(uint32()),
});
export type FeatureSpinlocks = Type.Static<typeof FeatureSpinlocks>;

export const SyNICTimer = Type.Object({
  direct: Type.Optional(FeatureState),
  enabled: Type.Optional(Type.Boolean()),
});
export type SyNICTimer = Type.Static<typeof SyNICTimer>;

export const TLBFlush = Type.Object({
  direct: Type.Optional(FeatureState),
  enabled: Type.Optional(Type.Boolean()),
  extended: Type.Optional(FeatureState),
});
export type TLBFlush = Type.Static<typeof TLBFlush>;

export const FeatureVendorID = Type.Object({
  enabled: Type.Optional(Type.Boolean()),
  vendorid: Type.Optional(Type.String()),
});
export type FeatureVendorID = Type.Static<typeof FeatureVendorID>;

export const FeatureHyperv = Type.Object({
  evmcs: Type.Optional(FeatureState),
  frequencies: Type.Optional(FeatureState),
  ipi: Type.Optional(FeatureState),
  reenlightenment: Type.Optional(FeatureState),
  relaxed: Type.Optional(FeatureState),
  reset: Type.Optional(FeatureState),
  runtime: Type.Optional(FeatureState),
  spinlocks: Type.Optional(FeatureSpinlocks),
  synic: Type.Optional(FeatureState),
  synictimer: Type.Optional(SyNICTimer),
  tlbflush: Type.Optional(TLBFlush),
  vapic: Type.Optional(FeatureState),
  vendorid: Type.Optional(FeatureVendorID),
  vpindex: Type.Optional(FeatureState),
});
export type FeatureHyperv = Type.Static<typeof FeatureHyperv>;

export const HyperVPassthrough = Type.Object({
  enabled: Type.Optional(Type.Boolean()),
});
export type HyperVPassthrough = Type.Static<typeof HyperVPassthrough>;

export const FeatureKVM = Type.Object({
  hidden: Type.Optional(Type.Boolean()),
});
export type FeatureKVM = Type.Static<typeof FeatureKVM>;

export const Features = Type.Object({
  acpi: Type.Optional(FeatureState),
  apic: Type.Optional(FeatureAPIC),
  hyperv: Type.Optional(FeatureHyperv),
  hypervPassthrough: Type.Optional(HyperVPassthrough),
  kvm: Type.Optional(FeatureKVM),
  pvspinlock: Type.Optional(FeatureState),
  smm: Type.Optional(FeatureState),
});
export type Features = Type.Static<typeof Features>;

export const ACPI = Type.Object({
  msdmNameRef: Type.Optional(Type.String()),
  slicNameRef: Type.Optional(Type.String()),
});
export type ACPI = Type.Static<typeof ACPI>;
