import { Type } from 'typebox';
import { enumOf } from './scalars.js';
import { ACPI } from './features.js';

export const Chassis = Type.Object({
  asset: Type.Optional(Type.String()),
  manufacturer: Type.Optional(Type.String()),
  serial: Type.Optional(Type.String()),
  sku: Type.Optional(Type.String()),
  version: Type.Optional(Type.String()),
});
export type Chassis = Type.Static<typeof Chassis>;

export const BIOS = Type.Object({
  useSerial: Type.Optional(Type.Boolean()),
});
export type BIOS = Type.Static<typeof BIOS>;

export const EFI = Type.Object({
  persistent: Type.Optional(Type.Boolean()),
  secureBoot: Type.Optional(Type.Boolean()),
});
export type EFI = Type.Static<typeof EFI>;

export const Bootloader = Type.Object({
  bios: Type.Optional(BIOS),
  efi: Type.Optional(EFI),
});
export type Bootloader = Type.Static<typeof Bootloader>;

export const KernelBootContainer = Type.Object({
  image: Type.String(),
  imagePullPolicy: Type.Optional(enumOf(['Always', 'IfNotPresent', 'Never'])),
  imagePullSecret: Type.Optional(Type.String()),
  initrdPath: Type.Optional(Type.String()),
  kernelPath: Type.Optional(Type.String()),
});
export type KernelBootContainer = Type.Static<typeof KernelBootContainer>;

export const KernelBoot = Type.Object({
  container: Type.Optional(KernelBootContainer),
  kernelArgs: Type.Optional(Type.String()),
});
export type KernelBoot = Type.Static<typeof KernelBoot>;

export const Firmware = Type.Object({
  acpi: Type.Optional(ACPI),
  bootloader: Type.Optional(Bootloader),
  kernelBoot: Type.Optional(KernelBoot),
  serial: Type.Optional(Type.String()),
  uuid: Type.Optional(Type.String()),
});
export type Firmware = Type.Static<typeof Firmware>;
