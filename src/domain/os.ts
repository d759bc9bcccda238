import { DEFAULT_MACHINE_TYPE, usedMachineType } from '../api/machine-types.js';
import type { VirtualMachineInstance } from '../api/schema/kinds.js';
import type { DomainContext } from './domain-input.js';
import { DomainError } from './error.js';
import { acpiTables } from './acpi-tables.js';
import { firmware as efiFirmware } from './firmware.js';
import { kernelBoot } from './kernel-boot.js';
import { element, type XmlElement } from './xml.js';

/** How long the boot menu waits when a VM starts paused, in ms: long enough to reach its console first. */
const BOOT_MENU_TIMEOUT = 10_000;

/**
 * The launcher's own machine type for the one that is asked for; a type of another build of QEMU is the nearest one.
 */
const machineType = (asked: string | undefined): string => {
  const used = usedMachineType(asked || DEFAULT_MACHINE_TYPE);
  if (used !== undefined) return used;
  throw new DomainError(
    'InvalidValue',
    `${JSON.stringify(asked)} is no machine type of the launcher's QEMU; write ${DEFAULT_MACHINE_TYPE}`,
    'spec.domain.machine.type',
  );
};

/** Firmware, machine and boot (docs/reference/domain.md §1.8). Boot order stands on the devices, never here. */
export const os = (vmi: VirtualMachineInstance, context: DomainContext): XmlElement => {
  const { machine, firmware } = vmi.spec.domain;
  const architecture = vmi.spec.architecture ?? 'amd64';
  if (architecture !== 'amd64') {
    throw new DomainError(
      'NotSupported',
      `architecture ${JSON.stringify(architecture)} is not supported yet; use "amd64"`,
      'spec.architecture',
    );
  }
  return element(
    'os',
    {},
    element('type', { arch: 'x86_64', machine: machineType(machine?.type) }, 'hvm'),
    ...efiFirmware(vmi, context),
    ...kernelBoot(vmi, context),
    acpiTables(vmi, context),
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
