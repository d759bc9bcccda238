/*
 * Fields of a VMI's spec that its defaults leave nowhere out: whoever reads a spec with its defaults (as `effective` in
 * policies) finds each wherever what holds it is. A test lets the defaults loose on specs of all kinds and compares.
 */

const HYPERV = [
  ...['evmcs', 'frequencies', 'ipi', 'reenlightenment', 'relaxed', 'reset', 'runtime', 'spinlocks', 'synic'],
  ...['synictimer', 'synictimer.direct', 'tlbflush', 'tlbflush.direct', 'tlbflush.extended', 'vapic', 'vendorid'],
  'vpindex',
];
const FEATURES = ['acpi', 'apic', 'pvspinlock', 'smm', ...HYPERV.map((name) => `hyperv.${name}`)];
const TIMERS = ['hpet', 'hyperv', 'kvm', 'pit', 'rtc'];
const PROBE_FIELDS = ['failureThreshold', 'periodSeconds', 'successThreshold', 'timeoutSeconds'];
const DISKS = 'domain.devices.disks[]';

/** Paths below the spec; `[]` stands for any item of a list. */
export const DEFAULTED_FIELDS: ReadonlySet<string> = new Set([
  'architecture',
  'evictionStrategy',
  'domain.cpu',
  ...['cores', 'sockets', 'threads'].map((field) => `domain.cpu.${field}`),
  'domain.features',
  'domain.features.acpi',
  ...FEATURES.map((name) => `domain.features.${name}.enabled`),
  'domain.firmware',
  'domain.firmware.uuid',
  'domain.machine',
  'domain.machine.type',
  'domain.memory',
  ...TIMERS.map((name) => `domain.clock.timer.${name}.present`),
  ...['disk.bus', 'lun.bus', 'cdrom.bus', 'cdrom.readonly', 'cdrom.tray'].map((field) => `${DISKS}.${field}`),
  `${DISKS}.blockSize.matchVolume.enabled`,
  'domain.devices.gpus[].virtualGPUOptions.display.ramFB.enabled',
  'domain.devices.inputs[].bus',
  'volumes[].containerDisk.imagePullPolicy',
  ...['livenessProbe', 'readinessProbe'].flatMap((probe) => PROBE_FIELDS.map((field) => `${probe}.${field}`)),
]);
