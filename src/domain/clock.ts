import type { Timer } from '../api/schema/clock.js';
import type { VirtualMachineInstance } from '../api/schema/kinds.js';
import { element, type XmlElement } from './xml.js';

interface AnyTimer {
  present?: boolean;
  tickPolicy?: string;
  track?: string;
}

const timer = (name: string, settings: AnyTimer | undefined): XmlElement | undefined =>
  settings &&
  element('timer', {
    name,
    // Empty means the default, as everywhere in the API; libvirt refuses an empty attribute.
    tickpolicy: settings.tickPolicy || undefined,
    present: settings.present === false ? 'no' : 'yes',
    track: settings.track || undefined,
  });

const timers = (t: Timer): (XmlElement | undefined)[] => [
  timer('rtc', t.rtc),
  timer('pit', t.pit),
  timer('kvmclock', t.kvm),
  timer('hpet', t.hpet),
  timer('hypervclock', t.hyperv),
];

/** `<clock>`, only when asked for: libvirt's own default is UTC (docs/reference/domain.md §1.11). */
export const clock = (vmi: VirtualMachineInstance): XmlElement | undefined => {
  const spec = vmi.spec.domain.clock;
  if (spec === undefined) return undefined;
  const children = timers(spec.timer ?? {}).filter((child) => child !== undefined);
  if (spec.timezone !== undefined && spec.timezone !== '') {
    return element('clock', { offset: 'timezone', timezone: spec.timezone }, children);
  }
  const adjustment = spec.utc === undefined ? undefined : (spec.utc.offsetSeconds ?? 'reset');
  return element('clock', { offset: 'utc', adjustment }, children);
};
