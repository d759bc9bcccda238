import type { VirtualMachineInstanceSpec } from '../schema/virtualmachineinstance.js';

/** UEFI firmware as a VM asks for it; undefined: it boots by BIOS. */
export interface EfiBoot {
  /** On unless it is switched off: KubeVirt's default (docs/reference/admission.md §6.4). */
  readonly secureBoot: boolean;
}

type Firmware = Pick<VirtualMachineInstanceSpec['domain'], 'firmware'>;

export const efiBoot = ({ firmware }: Firmware): EfiBoot | undefined => {
  const efi = firmware?.bootloader?.efi;
  return efi && { secureBoot: efi.secureBoot !== false };
};
