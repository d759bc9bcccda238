import type { Change, ExampleTable } from '../rule/examples.js';

const CLOCK = 'spec.domain.clock';
const clock = (settings: object): Change => ({ [CLOCK]: settings });
const timer = (timers: object): Change => clock({ timer: timers });
const arm64 = { 'spec.architecture': 'arm64' };

export const clockExamples: ExampleTable = {
  'clock.one-offset': {
    accepts: [
      clock({ timezone: 'Europe/Berlin' }),
      clock({ utc: { offsetSeconds: -2_147_483_648 } }),
      clock({ utc: {}, timezone: '' }),
    ],
    refuses: [
      [clock({ utc: {}, timezone: 'Europe/Berlin' }), CLOCK],
      [clock({ utc: { offsetSeconds: 3600 }, timezone: 'UTC' }), CLOCK],
    ],
  },
  'clock.timezone': {
    accepts: ['Europe/Berlin', 'America/Argentina/Buenos_Aires', 'US/Eastern', 'CET-1CEST,M3.5.0,M10.5.0/3'].map(
      (timezone) => clock({ timezone }),
    ),
    refuses: [
      [clock({ timezone: 'europe/berlin' }), `${CLOCK}.timezone`],
      [clock({ timezone: 'CEST' }), `${CLOCK}.timezone`],
      [clock({ timezone: '../etc/passwd' }), `${CLOCK}.timezone`],
    ],
  },
  'clock.tick-policy': {
    accepts: [
      timer({ rtc: { tickPolicy: 'catchup' } }),
      timer({ rtc: { tickPolicy: 'catchup' }, pit: { tickPolicy: 'discard' }, hpet: { tickPolicy: 'merge' } }),
      timer({ rtc: { tickPolicy: '' } }),
    ],
    refuses: [
      [timer({ rtc: { tickPolicy: 'discard' } }), `${CLOCK}.timer.rtc.tickPolicy`],
      [timer({ pit: { tickPolicy: 'merge' } }), `${CLOCK}.timer.pit.tickPolicy`],
      [timer({ hpet: { tickPolicy: 'slew' } }), `${CLOCK}.timer.hpet.tickPolicy`],
    ],
  },
  'clock.track': {
    accepts: ['guest', 'wall', 'realtime'].map((track) => timer({ rtc: { track } })),
    refuses: [
      [timer({ rtc: { track: 'boot' } }), `${CLOCK}.timer.rtc.track`],
      [timer({ rtc: { track: 'host' } }), `${CLOCK}.timer.rtc.track`],
    ],
  },
  'clock.timer-arch': {
    accepts: [
      { ...arm64, ...timer({ kvm: { present: false } }) },
      timer({ kvm: {}, hyperv: {}, hpet: {} }),
      { ...arm64, ...timer({ kvm: { present: false }, rtc: {} }) },
    ],
    refuses: [
      [{ ...arm64, ...timer({ kvm: {} }) }, `${CLOCK}.timer.kvm`],
      [{ 'spec.architecture': 's390x', ...timer({ hpet: { present: true } }) }, `${CLOCK}.timer.hpet`],
    ],
  },
};
