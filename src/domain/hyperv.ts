import type { FeatureHyperv } from '../api/schema/features.js';
import type { VirtualMachineInstance } from '../api/schema/kinds.js';
import type { DomainContext } from './domain-input.js';
import { featureFlag as flag, isOn, stateWord } from './feature-state.js';
import type { DomainNotice } from './notice.js';
import { element, type XmlElement } from './xml.js';

/*
 * What a guest gets of Microsoft's hypervisor interface: enlightenments, its clock, its panic device. All of it is
 * KVM's work. QEMU's emulation refuses to start with it ("kernel doesn't allow setting HyperV VP_INDEX"), so an
 * emulated guest runs without it, as Windows does on bare metal, and its owner gets an event.
 */

/** Microsoft's enlightenments, in libvirt's order (docs/reference/domain.md §1.10). */
const enlightenments = (h: FeatureHyperv): XmlElement => {
  const { spinlocks, synictimer, vendorid, tlbflush } = h;
  return element(
    'hyperv',
    {},
    flag('relaxed', h.relaxed),
    flag('vapic', h.vapic),
    spinlocks &&
      element('spinlocks', {
        state: stateWord(spinlocks),
        retries: isOn(spinlocks) ? (spinlocks.spinlocks ?? 4096) : undefined,
      }),
    flag('vpindex', h.vpindex),
    flag('runtime', h.runtime),
    flag('synic', h.synic),
    synictimer && element('stimer', { state: stateWord(synictimer) }, flag('direct', synictimer.direct)),
    flag('reset', h.reset),
    vendorid && element('vendor_id', { state: stateWord(vendorid), value: vendorid.vendorid }),
    flag('frequencies', h.frequencies),
    flag('reenlightenment', h.reenlightenment),
    tlbflush &&
      element(
        'tlbflush',
        { state: stateWord(tlbflush) },
        flag('direct', tlbflush.direct),
        flag('extended', tlbflush.extended),
      ),
    flag('ipi', h.ipi),
    flag('evmcs', h.evmcs),
  );
};

/** `<hyperv>` in `<features>`: the enlightenments listed, or whatever the node has. */
export const hyperv = (vmi: VirtualMachineInstance, context: DomainContext): XmlElement | undefined => {
  const { hyperv: listed, hypervPassthrough } = vmi.spec.domain.features ?? {};
  if (!context.kvmAvailable) return undefined;
  if (listed !== undefined) return enlightenments(listed);
  return hypervPassthrough?.enabled === true ? element('hyperv', { mode: 'passthrough' }) : undefined;
};

/** Whether a panic device reports through Hyper-V's registers. */
export const isHypervPanic = (model: string | undefined): boolean => model === 'hyperv';

/** The fields by which a VMI asks for any of it. */
const askedFor = ({ spec: { domain } }: VirtualMachineInstance): string[] => [
  ...(domain.features?.hyperv === undefined ? [] : ['features.hyperv']),
  ...(domain.features?.hypervPassthrough?.enabled === true ? ['features.hypervPassthrough'] : []),
  ...(domain.devices.panicDevices?.some(({ model }) => isHypervPanic(model)) === true ? ['a hyperv panic device'] : []),
];

/** What an emulated guest lacks of it although it was asked for. */
export const hypervNotices = (vmi: VirtualMachineInstance, context: DomainContext): DomainNotice[] => {
  const asked = context.kvmAvailable ? [] : askedFor(vmi);
  if (asked.length === 0) return [];
  const message = `${asked.join(', ')}: this guest is emulated, and only KVM has Hyper-V's interface: the guest runs without it`;
  return [{ reason: 'HypervUnavailable', message }];
};
