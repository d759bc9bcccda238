import type { VirtualMachineInstance } from '../api/schema/kinds.js';
import { efiBoot } from '../api/vmi/efi.js';
import { keepsEfi } from '../api/vmi/persistent-state.js';
import type { DomainContext } from './domain-input.js';
import { element, type XmlElement } from './xml.js';

/** Where Debian's package ovmf has the firmware: in the launcher image, and for `kubectl virt run` on the machine. */
const OVMF = '/usr/share/OVMF';

/**
 * The build and the variables that each VM starts with. Secure boot needs the build that keeps its variables out of the
 * guest's reach (SMM), and variables in which Microsoft's keys are enrolled: without keys it would be off.
 */
const IMAGES = {
  secure: { code: `${OVMF}/OVMF_CODE_4M.ms.fd`, variables: `${OVMF}/OVMF_VARS_4M.ms.fd` },
  plain: { code: `${OVMF}/OVMF_CODE_4M.fd`, variables: `${OVMF}/OVMF_VARS_4M.fd` },
} as const;

/** The files that a VM's firmware is read from; none where it boots by BIOS. */
export const firmwareFiles = ({ spec }: VirtualMachineInstance): readonly string[] => {
  const efi = efiBoot(spec.domain);
  return efi === undefined ? [] : Object.values(IMAGES[efi.secureBoot ? 'secure' : 'plain']);
};

/**
 * UEFI with paths of our own: libvirt's choice by itself would put the variables where they outlive the VM. They are a
 * copy in the VM's private directory: kept over reboots of the guest, and gone with its pod; or on the VM's claim.
 */
export const firmware = (vmi: VirtualMachineInstance, { paths }: DomainContext): XmlElement[] => {
  const efi = efiBoot(vmi.spec.domain);
  if (efi === undefined) return [];
  const { code, variables } = IMAGES[efi.secureBoot ? 'secure' : 'plain'];
  return [
    element('loader', { readonly: 'yes', secure: efi.secureBoot ? 'yes' : 'no', type: 'pflash' }, code),
    element(
      'nvram',
      { template: variables },
      keepsEfi(vmi.spec) ? paths.kept.efiVariables(efi.secureBoot) : paths.efiVariables,
    ),
  ];
};
