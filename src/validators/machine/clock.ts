import type { Timer } from '../../api/schema/clock.js';
import { suggest } from '../../api/schema-check/suggest.js';
import { isTimeZone, timeZones } from '../../api/time-zones.js';
import { because, instanceRule, invalid, show, type Finding, type InstanceSubject, type Rule } from '../rule/rule.js';

/*
 * The reference passes the clock on unseen, and libvirt refuses the domain when the VM starts, or QEMU silently takes UTC.
 * What is allowed is what libvirt 9 and 11 take for QEMU guests: tested by defining domains.
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

const timerRule = (
  id: string,
  field: string,
  summary: string,
  check: (timer: Timer, path: string, subject: InstanceSubject) => readonly Finding[],
): Rule<InstanceSubject> =>
  instanceRule(id, `$.domain.clock.timer${field}`, 'none: libvirt would refuse it', summary, (subject) => {
    const timer = subject.spec.domain.clock?.timer;
    return timer === undefined ? [] : check(timer, `${subject.path}.domain.clock.timer`, subject);
  });

const timeZoneRemedy = (text: string): string => {
  const lower = text.toLowerCase();
  const meant = [...timeZones()].find((name) => name.toLowerCase() === lower) ?? suggest(text, timeZones());
  return meant === undefined ? 'write a name such as "Europe/Berlin", or use utc' : `did you mean "${meant}"?`;
};

export const clockRules = [
  instanceRule(
    'clock.one-offset',
    '$.domain.clock',
    'none: one of them would be ignored',
    'a clock by UTC and by a time zone at once',
    ({ path, spec: { domain } }) =>
      domain.clock?.utc && domain.clock.timezone
        ? [
            invalid(
              `${path}.domain.clock`,
              `is by utc and by timezone ${show(domain.clock.timezone)} at once: keep one of them`,
            ),
          ]
        : [],
  ),
  instanceRule(
    'clock.timezone',
    '$.domain.clock.timezone',
    'none: the guest would silently have UTC',
    'a time zone that does not exist',
    ({ path, spec }) => {
      const timezone = spec.domain.clock?.timezone;
      return !timezone || isTimeZone(timezone)
        ? []
        : [invalid(`${path}.domain.clock.timezone`, `${show(timezone)} is no time zone: ${timeZoneRemedy(timezone)}`)];
    },
  ),
  timerRule(
    'clock.tick-policy',
    '.{rtc,pit,hpet}.tickPolicy',
    'a tick policy that the timer does not have',
    (timer, path) =>
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
  ),
  timerRule('clock.track', '.rtc.track', 'a clock that a timer cannot follow', ({ rtc }, path) =>
    !rtc?.track || TRACKS.includes(rtc.track)
      ? []
      : [
          invalid(
            `${path}.rtc.track`,
            `${show(rtc.track)} is nothing that rtc follows: write one of ${TRACKS.join(', ')}`,
          ),
        ],
  ),
  timerRule(
    'clock.timer-arch',
    '.{hpet,hyperv,kvm}',
    "a PC's timer on another architecture",
    (timer, path, { path: specPath, spec: { architecture } }) =>
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
  ),
];
