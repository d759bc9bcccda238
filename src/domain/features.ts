import type { FeatureAPIC } from '../api/schema/features.js';
import type { VirtualMachineInstance } from '../api/schema/kinds.js';
import { EMULATION_CACHE_MIB } from '../api/vmi/guest-size.js';
import type { DomainContext } from './domain-input.js';
import { isOn, stateWord } from './feature-state.js';
import { hyperv } from './hyperv.js';
import { element, type XmlElement } from './xml.js';

const eoi = ({ endOfInterrupt }: FeatureAPIC): 'on' | 'off' | undefined =>
  endOfInterrupt === undefined ? undefined : endOfInterrupt ? 'on' : 'off';

/**
 * The hint that vCPUs do not share their CPUs: the guest spins on its locks, as none of its vCPUs is ever taken away
 * (docs/reference/domain.md §1.7). Old libvirts took it beside host-passthrough only; 9.0 and 11.3 take it with any
 * model.
 */
const kvm = ({ spec }: VirtualMachineInstance, context: DomainContext): XmlElement | undefined => {
  const { features: f, cpu } = spec.domain;
  const dedicated = cpu?.dedicatedCpuPlacement === true && context.kvmAvailable;
  if (f?.kvm === undefined && !dedicated) return undefined;
  const hidden = f?.kvm && element('hidden', { state: f.kvm.hidden === true ? 'on' : 'off' });
  return element('kvm', {}, hidden, dedicated ? element('hint-dedicated', { state: 'on' }) : undefined);
};

/**
 * `<features>`. ACPI is on unless it is switched off, also without a `features` object: a guest without it cannot be
 * asked to power off. vmport is VMware's back door, of no use here.
 */
export const features = (vmi: VirtualMachineInstance, context: DomainContext): XmlElement => {
  const f = vmi.spec.domain.features ?? {};
  return element(
    'features',
    {},
    f.acpi?.enabled === false ? undefined : element('acpi'),
    f.apic !== undefined && isOn(f.apic) ? element('apic', { eoi: eoi(f.apic) }) : undefined,
    hyperv(vmi, context),
    kvm(vmi, context),
    // Counting what a realtime guest does would interrupt it.
    vmi.spec.domain.cpu?.realtime === undefined ? undefined : element('pmu', { state: 'off' }),
    f.pvspinlock && element('pvspinlock', { state: stateWord(f.pvspinlock) }),
    f.smm !== undefined ? element('smm', { state: stateWord(f.smm) }) : undefined,
    element('vmport', { state: 'off' }),
    context.kvmAvailable
      ? undefined
      : element('tcg', {}, element('tb-cache', { unit: 'MiB' }, String(EMULATION_CACHE_MIB))),
  );
};
