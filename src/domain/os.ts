import type { VirtualMachineInstance } from '../api/schema/kinds.js';
import type { DomainContext } from './domain-input.js';
import { DomainError } from './error.js';
import { element, type XmlElement } from './xml.js';

/** How long the boot menu waits when a VM starts paused, in ms: long enough to reach its console first. */
const BOOT_MENU_TIMEOUT = 10_000;

/** Firmware, machine and boot (docs/reference/domain.md §1.8). Boot order stands on the devices, never here. */
export const os = (vmi: VirtualMachineInstance): XmlElement => {
  const { machine, firmware } = vmi.spec.domain;
  const architecture = vmi.spec.architecture ?? 'amd64';
  if (architecture !== 'amd64') {
    throw new DomainError(
      'NotSupported',
      `architecture ${JSON.stringify(architecture)} is not supported yet; use "amd64"`,
      'spec.architecture',
    );
  }
  const type = machine?.type === undefined || machine.type === '' ? 'q35' : machine.type;
  return element(
    'os',
    {},
    element('type', { arch: 'x86_64', machine: type }, 'hvm'),
    element('smbios', { mode: 'sysinfo' }),
    vmi.spec.startStrategy === 'Paused'
      ? element('bootmenu', { enable: 'yes', timeout: BOOT_MENU_TIMEOUT })
      : undefined,
    firmware?.bootloader?.bios?.useSerial === true ? element('bios', { useserial: 'yes' }) : undefined,
  );
};

/** `kvm` or `qemu`, the value of `<domain type>`. */
export const hypervisor = (context: DomainContext): 'kvm' | 'qemu' => {
  if (context.kvmAvailable) return 'kvm';
  if (context.config.useEmulation) return 'qemu';
  throw new DomainError(
    'KVMUnavailable',
    '/dev/kvm is missing or does not work on this node and emulation is not allowed; run the VM on a node with ' +
      'hardware virtualization, or set spec.configuration.developerConfiguration.useEmulation: true in the KubeVirt ' +
      'object to run guests slowly without it',
  );
};
