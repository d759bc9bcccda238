import { GuestSizeError } from '../api/vmi/guest-size.js';
import { QuantityError } from '../api/quantity.js';
import type { VirtualMachineInstance } from '../api/schema/kinds.js';
import { clock } from './clock.js';
import type { DomainContext } from './domain-input.js';
import { cpu, vcpu } from './cpu.js';
import { deviceList } from './device-list.js';
import { DomainError } from './error.js';
import { features } from './features.js';
import { identity, sysinfo } from './identity.js';
import { ioThreads } from './iothreads.js';
import { memory, memoryBacking, qemuCommandLine, QEMU_NAMESPACE } from './memory.js';
import { refuseUnsupported } from './not-supported.js';
import { numaTune, withNumaCells } from './numa.js';
import { hypervisor, os } from './os.js';
import { placeOnRootComplex } from './pci-placement.js';
import { cpuTune } from './pinning.js';
import { element, writeXml, XmlError, type XmlElement } from './xml.js';

/** Everything below `<devices>`; libvirt places what is on PCI, unless the VM wants it on the root complex. */
const devices = (vmi: VirtualMachineInstance, context: DomainContext): XmlElement =>
  element('devices', {}, placeOnRootComplex(vmi, deviceList(vmi, context)));

const domain = (vmi: VirtualMachineInstance, context: DomainContext): XmlElement =>
  element(
    'domain',
    { type: hypervisor(context), 'xmlns:qemu': context.lockMemory === true ? QEMU_NAMESPACE : undefined },
    identity(vmi),
    memory(vmi, context),
    memoryBacking(vmi, context),
    vcpu(vmi),
    ioThreads(vmi),
    cpuTune(vmi, context),
    numaTune(vmi, context),
    sysinfo(vmi, context.config),
    os(vmi, context),
    features(vmi, context),
    withNumaCells(cpu(vmi, context), vmi, context),
    clock(vmi),
    element('on_poweroff', {}, 'destroy'),
    element('on_reboot', {}, vmi.spec.domain.rebootPolicy === 'Terminate' ? 'destroy' : 'restart'),
    element('on_crash', {}, 'destroy'),
    devices(vmi, context),
    qemuCommandLine(context),
  );

/**
 * The libvirt domain of a defaulted VMI. Pure; never `<memtune>`, and of `<cputune>` pins only, because libvirt's
 * session mode cannot set the rest: those limits are the pod's and the agent's.
 * @throws DomainError when no domain can be made of it; its message names the field and what to write instead.
 */
export const buildDomain = (vmi: VirtualMachineInstance, context: DomainContext): string => {
  refuseUnsupported(vmi);
  try {
    return writeXml(domain(vmi, context));
  } catch (error) {
    if (error instanceof GuestSizeError) throw new DomainError('InvalidValue', error.message, error.field);
    if (error instanceof XmlError || error instanceof QuantityError)
      throw new DomainError('InvalidValue', error.message);
    throw error;
  }
};
