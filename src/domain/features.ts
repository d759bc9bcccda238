import type { FeatureAPIC, FeatureHyperv, FeatureState } from '../api/schema/features.js';
import type { VirtualMachineInstance } from '../api/schema/kinds.js';
import { EMULATION_CACHE_MIB } from '../api/vmi/guest-size.js';
import type { DomainContext } from './domain-input.js';
import { element, type XmlElement } from './xml.js';

const on = (state: FeatureState): boolean => state.enabled !== false;
const word = (state: FeatureState): 'on' | 'off' => (on(state) ? 'on' : 'off');
const flag = (name: string, state: FeatureState | undefined): XmlElement | undefined =>
  state === undefined ? undefined : element(name, { state: word(state) });

const eoi = ({ endOfInterrupt }: FeatureAPIC): 'on' | 'off' | undefined =>
  endOfInterrupt === undefined ? undefined : endOfInterrupt ? 'on' : 'off';

/** Microsoft's enlightenments, in libvirt's order (spec/domain.md §1.10). */
const hyperv = (h: FeatureHyperv): XmlElement => {
  const { spinlocks, synictimer, vendorid, tlbflush } = h;
  return element(
    'hyperv',
    {},
    flag('relaxed', h.relaxed),
    flag('vapic', h.vapic),
    spinlocks &&
      element('spinlocks', {
        state: word(spinlocks),
        retries: on(spinlocks) ? (spinlocks.spinlocks ?? 4096) : undefined,
      }),
    flag('vpindex', h.vpindex),
    flag('runtime', h.runtime),
    flag('synic', h.synic),
    synictimer && element('stimer', { state: word(synictimer) }, flag('direct', synictimer.direct)),
    flag('reset', h.reset),
    vendorid && element('vendor_id', { state: word(vendorid), value: vendorid.vendorid }),
    flag('frequencies', h.frequencies),
    flag('reenlightenment', h.reenlightenment),
    tlbflush &&
      element(
        'tlbflush',
        { state: word(tlbflush) },
        flag('direct', tlbflush.direct),
        flag('extended', tlbflush.extended),
      ),
    flag('ipi', h.ipi),
    flag('evmcs', h.evmcs),
  );
};

/** The hint that vCPUs do not share their CPUs is for guests that see the host's CPU; libvirt refuses it for others. */
const kvm = ({ spec }: VirtualMachineInstance, context: DomainContext): XmlElement | undefined => {
  const { features: f, cpu } = spec.domain;
  const dedicated = cpu?.dedicatedCpuPlacement === true && cpu.model === 'host-passthrough' && context.kvmAvailable;
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
  const passthrough = f.hypervPassthrough?.enabled === true && f.hyperv === undefined;
  return element(
    'features',
    {},
    f.acpi?.enabled === false ? undefined : element('acpi'),
    f.apic !== undefined && on(f.apic) ? element('apic', { eoi: eoi(f.apic) }) : undefined,
    f.hyperv && hyperv(f.hyperv),
    passthrough ? element('hyperv', { mode: 'passthrough' }) : undefined,
    kvm(vmi, context),
    f.pvspinlock && element('pvspinlock', { state: word(f.pvspinlock) }),
    f.smm !== undefined ? element('smm', { state: word(f.smm) }) : undefined,
    element('vmport', { state: 'off' }),
    context.kvmAvailable
      ? undefined
      : element('tcg', {}, element('tb-cache', { unit: 'MiB' }, String(EMULATION_CACHE_MIB))),
  );
};
