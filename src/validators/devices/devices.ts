import type { GPU } from '../../api/schema/devices.js';
import { asksForNothing } from '../../api/settings/asks.js';
import { DEVICE_FIELDS, type GatedDevice } from '../../api/vmi/devices.js';
import { because, duplicate, invalid, NOTHING, required } from '../rule/finding.js';
import { earlierTwins } from '../rule/earlier-duplicates.js';
import { inEach } from '../rule/in-each.js';
import { instanceRule, type Rule } from '../rule/rule.js';
import type { InstanceSubject } from '../rule/subject.js';
import { gateIsOff, show } from '../rule/wording.js';

const SOUND_MODELS = ['ich9', 'ac97'];
const PANIC_MODELS = ['hyperv', 'isa', 'pvpanic'];
const DEVICES = '$.domain.devices';

/** A device that needs a feature gate. */
const gatedDevice = (id: string, name: GatedDevice, summary: string): Rule<InstanceSubject> =>
  instanceRule({
    id,
    field: `${DEVICES}.${name}`,
    source: '§6.11',
    summary,
    check: ({ path, spec, config }) => {
      const { gate } = DEVICE_FIELDS[name];
      const asked = !asksForNothing(spec.domain.devices[name]);
      return asked && !config.hasFeatureGate(gate) ? [invalid(`${path}.domain.devices.${name}`, gateIsOff(gate))] : [];
    },
  });

/** Whether a GPU shows the firmware's picture: it has a display, and neither that nor its RAM framebuffer is off. */
const hasRamFramebuffer = ({ virtualGPUOptions }: GPU): boolean => {
  const display = virtualGPUOptions?.display;
  return display !== undefined && display.enabled !== false && display.ramFB?.enabled !== false;
};

const deviceGateRules = Object.values({
  hostDevices: gatedDevice('hostdev.gate', 'hostDevices', 'host devices while their feature gate is off'),
  autoattachVSOCK: gatedDevice('vsock.gate', 'autoattachVSOCK', 'a VSOCK device while its feature gate is off'),
  downwardMetrics: gatedDevice('dm.device-gate', 'downwardMetrics', 'downwardMetrics while their feature gate is off'),
} satisfies Record<GatedDevice, Rule<InstanceSubject>>);

const soundRules = [
  // arm64 has no sound at all, which is what arch.arm64-sound says.
  instanceRule({
    id: 'sound.model',
    field: `${DEVICES}.sound.model`,
    source: '§6.11',
    summary: 'a sound card that does not exist',
    check: ({ path, spec }) => {
      const model = spec.domain.devices.sound?.model;
      return !model || SOUND_MODELS.includes(model) || spec.architecture === 'arm64'
        ? []
        : [
            invalid(
              `${path}.domain.devices.sound.model`,
              `${show(model)} is no sound card: write ${SOUND_MODELS.join(' or ')}, or nothing`,
            ),
          ];
    },
  }),
  instanceRule({
    id: 'sound.name',
    field: `${DEVICES}.sound.name`,
    source: '§6.11',
    summary: 'a sound card without a name',
    check: ({ path, spec }) =>
      spec.domain.devices.sound?.name === '' && spec.architecture !== 'arm64'
        ? [required(`${path}.domain.devices.sound.name`, 'is empty: write a name for the sound card, such as "sound"')]
        : [],
  }),
];

const panicRules = [
  instanceRule({
    id: 'panic.s390x',
    field: `${DEVICES}.panicDevices`,
    source: '§6.11',
    summary: 'panic devices on s390x',
    check: ({ path, spec }) =>
      spec.domain.devices.panicDevices?.length && spec.architecture === 's390x'
        ? because(`${path}.architecture`, [
            invalid(
              `${path}.domain.devices.panicDevices`,
              's390x reports a panic by itself and has no such devices: remove panicDevices',
            ),
          ])
        : [],
  }),
  instanceRule({
    id: 'panic.model',
    field: `${DEVICES}.panicDevices[].model`,
    source: '§6.11',
    summary: 'a panic device that does not exist',
    check: ({ path, spec }) =>
      spec.architecture === 's390x'
        ? []
        : inEach(spec.domain.devices.panicDevices, `${path}.domain.devices.panicDevices`, ({ model }, at) =>
            model === undefined || PANIC_MODELS.includes(model)
              ? NOTHING
              : [invalid(`${at}.model`, `${show(model)} is no panic device: write one of ${PANIC_MODELS.join(', ')}`)],
          ),
  }),
];

/** libvirt's choice where none is named. */
const DEFAULT_PANIC_MODEL = 'isa';

const panicTwice = instanceRule({
  id: 'panic.twice',
  field: `${DEVICES}.panicDevices[].model`,
  source: 'none: libvirt would refuse it',
  summary: 'two panic devices of one model',
  check: ({ path, spec }) => {
    const { panicDevices } = spec.domain.devices;
    if (panicDevices === undefined || panicDevices.length < 2 || spec.architecture === 's390x') return NOTHING;
    const twins = earlierTwins(panicDevices, ({ model }) => model ?? DEFAULT_PANIC_MODEL);
    return inEach(panicDevices, `${path}.domain.devices.panicDevices`, ({ model }, at, index) =>
      twins[index] === undefined
        ? NOTHING
        : [
            duplicate(
              `${at}.model`,
              `${show(model ?? DEFAULT_PANIC_MODEL)} is the model of panicDevices[${twins[index]}] already, and a VM has one of each: remove it`,
            ),
          ],
    );
  },
});

export const deviceRules = [
  instanceRule({
    id: 'gpu.ramfb',
    field: `${DEVICES}.gpus[].virtualGPUOptions.display`,
    source: '§6.11',
    summary: 'more than one GPU with a display and a RAM framebuffer',
    check: ({ path, spec }) => {
      const { gpus } = spec.domain.devices;
      if (!gpus) return [];
      const [first, ...others] = gpus.flatMap((gpu, i) => (hasRamFramebuffer(gpu) ? [i] : []));
      return others.map((i) =>
        invalid(
          `${path}.domain.devices.gpus[${i}].virtualGPUOptions.display`,
          `gpus[${first ?? 0}] has the display with ramFB already, and a VM has one: write ramFB: {enabled: false} here`,
        ),
      );
    },
  }),
  ...deviceGateRules,
  ...soundRules,
  ...panicRules,
  panicTwice,
  instanceRule({
    id: 'serial.log',
    field: `${DEVICES}.logSerialConsole`,
    source: 'none: the reference accepts it and logs nothing',
    summary: 'a log of the serial console of a VM that has none',
    check: ({ path, spec }) => {
      const { autoattachSerialConsole, logSerialConsole } = spec.domain.devices;
      return logSerialConsole !== true || autoattachSerialConsole !== false
        ? NOTHING
        : because(`${path}.domain.devices.autoattachSerialConsole`, [
            invalid(
              `${path}.domain.devices.logSerialConsole`,
              'there is no serial console to log: remove it, or autoattachSerialConsole: false',
            ),
          ]);
    },
  }),
];
