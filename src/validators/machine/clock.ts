import type { Timer } from '../../api/schema/clock.js';
import { suggest } from '../../api/schema-check/suggest.js';
import { isTimeZone, timeZones } from '../../api/time-zones.js';
import { because, invalid, NOTHING, type Finding } from '../rule/finding.js';
import { instanceRule, instanceRules } from '../rule/rule.js';
import type { InstanceSubject } from '../rule/subject.js';
import { show } from '../rule/wording.js';

/*
 * The reference passes the clock on unseen, and libvirt refuses the domain when the VM starts, or QEMU silently takes
 * UTC. What is allowed is what libvirt 9 and 11 take for QEMU guests: tested by defining domains.
 */

type TimerName = keyof Timer;
/** Timers whose lost ticks QEMU can make up for; the others lose none. */
const TICK_POLICIES = {
  rtc: ['delay', 'catchup'],
  pit: ['delay', 'catchup', 'discard'],
  hpet: ['delay', 'catchup', 'merge', 'discard'],
} as const satisfies { readonly [Name in TimerName]?: readonly string[] };
const TRACKS = ['guest', 'wall', 'realtime'];
/** Timers of PCs, in the order of the API. */
const X86_TIMERS = ['hpet', 'hyperv', 'kvm'] as const satisfies readonly TimerName[];
const X86 = 'amd64';

const timerRule = instanceRules<(timer: Timer, path: string, subject: InstanceSubject) => readonly Finding[]>({
  field: '$.domain.clock.timer',
  source: 'none: libvirt would refuse it',
  run: (subject, check) => {
    const timer = subject.spec.domain.clock?.timer;
    return timer === undefined ? NOTHING : check(timer, `${subject.path}.domain.clock.timer`, subject);
  },
});

const timeZoneRemedy = (text: string): string => {
  const lower = text.toLowerCase();
  const meant = [...timeZones()].find((name) => name.toLowerCase() === lower) ?? suggest(text, timeZones());
  return meant === undefined ? 'write a name such as "Europe/Berlin", or use utc' : `did you mean "${meant}"?`;
};

export const clockRules = [
  instanceRule({
    id: 'clock.one-offset',
    field: '$.domain.clock',
    source: 'none: one of them would be ignored',
    summary: 'a clock by UTC and by a time zone at once',
    check: ({ path, spec: { domain } }) =>
      domain.clock?.utc && domain.clock.timezone
        ? [
            invalid(
              `${path}.domain.clock`,
              `is by utc and by timezone ${show(domain.clock.timezone)} at once: keep one of them`,
            ),
          ]
        : [],
  }),
  instanceRule({
    id: 'clock.timezone',
    field: '$.domain.clock.timezone',
    source: 'none: the guest would silently have UTC',
    summary: 'a time zone that does not exist',
    check: ({ path, spec }) => {
      const timezone = spec.domain.clock?.timezone;
      return !timezone || isTimeZone(timezone)
        ? []
        : [invalid(`${path}.domain.clock.timezone`, `${show(timezone)} is no time zone: ${timeZoneRemedy(timezone)}`)];
    },
  }),
  timerRule({
    id: 'clock.tick-policy',
    field: '.{rtc,pit,hpet}.tickPolicy',
    summary: 'a tick policy that the timer does not have',
    check: (timer, path) =>
      (['rtc', 'pit', 'hpet'] as const).flatMap((name) => {
        const policy = timer[name]?.tickPolicy;
        const policies: readonly string[] = TICK_POLICIES[name];
        return !policy || policies.includes(policy)
          ? []
          : [
              invalid(
                `${path}.${name}.tickPolicy`,
                `${show(policy)} is no policy of the timer ${name}: write one of ${policies.join(', ')}`,
              ),
            ];
      }),
  }),
  timerRule({
    id: 'clock.track',
    field: '.rtc.track',
    summary: 'a clock that a timer cannot follow',
    check: ({ rtc }, path) =>
      !rtc?.track || TRACKS.includes(rtc.track)
        ? []
        : [
            invalid(
              `${path}.rtc.track`,
              `${show(rtc.track)} is nothing that rtc follows: write one of ${TRACKS.join(', ')}`,
            ),
          ],
  }),
  timerRule({
    id: 'clock.timer-arch',
    field: '.{hpet,hyperv,kvm}',
    summary: "a PC's timer on another architecture",
    check: (timer, path, { path: specPath, spec: { architecture } }) =>
      !architecture || architecture === X86
        ? []
        : because(
            `${specPath}.architecture`,
            X86_TIMERS.filter((name) => timer[name] && timer[name].present !== false).map((name) =>
              invalid(
                `${path}.${name}`,
                `only ${X86} has the timer ${name}, and this VM is ${architecture}: remove it`,
              ),
            ),
          ),
  }),
];
