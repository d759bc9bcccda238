import { childPath } from '../api/cause.js';
import { Quantity, tryQuantity } from '../api/quantity.js';
import type { CPU } from '../api/schema/cpu-memory.js';
import type { VirtualMachineInstance } from '../api/schema/kinds.js';
import type { VirtualMachineInstancetypeSpec } from '../api/schema/instancetype.js';
import type { VirtualMachinePreferenceSpec } from '../api/schema/preference.js';
import type { Conflict } from './conflict.js';
import { freeAnnotations } from './reserved-annotations.js';
import { topologyOf } from './topology.js';

/*
 * What an instance type makes of a VMI (docs/instance-types.md). Everything that it sets the template must leave open:
 * where both say something, neither is silently the stronger, and the VM is refused.
 */

type Size = VirtualMachineInstancetypeSpec;
type Preference = VirtualMachinePreferenceSpec | undefined;

/** One part of an instance type: what stands in its way, and else its effect. */
interface Part {
  readonly conflicts: (size: Size, vmi: VirtualMachineInstance) => readonly Conflict[];
  readonly apply: (size: Size, vmi: VirtualMachineInstance, preference: Preference) => void;
}

const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === '' ||
  value === false ||
  (typeof value === 'object' && value !== null && Object.keys(value).length === 0);

/** Both have it. `{}` is a setting of its own where presence is one. */
const both = (path: string, given: unknown, found: unknown, gives: string): Conflict[] =>
  isEmpty(given) || isEmpty(found) ? [] : [{ path, gives }];

const bothThere = (path: string, given: unknown, found: unknown, gives: string): Conflict[] =>
  given === undefined || found === undefined ? [] : [{ path, gives }];

const amounts = (what: 'cpu' | 'memory', vmi: VirtualMachineInstance, gives: string): Conflict[] =>
  (['requests', 'limits'] as const).flatMap((list) =>
    vmi.spec.domain.resources?.[list]?.[what] === undefined
      ? []
      : [{ path: `spec.domain.resources.${list}.${what}`, gives }],
  );

const CPU_PATH = 'spec.domain.cpu.';

const cpu: Part = {
  conflicts: (size, vmi) => {
    const found: CPU = vmi.spec.domain.cpu ?? {};
    const gives = `the number of vCPUs (${size.cpu.guest})`;
    const { model, dedicatedCPUPlacement, isolateEmulatorThread, numa, realtime } = size.cpu;
    return [
      ...(['sockets', 'cores', 'threads'] as const).flatMap((name) =>
        found[name] ? [{ path: `${CPU_PATH}${name}`, gives }] : [],
      ),
      ...amounts('cpu', vmi, gives),
      ...both(`${CPU_PATH}model`, model, found.model, 'the CPU model'),
      ...bothThere(
        `${CPU_PATH}dedicatedCpuPlacement`,
        dedicatedCPUPlacement,
        found.dedicatedCpuPlacement || undefined,
        'whether it has CPUs of its own',
      ),
      ...bothThere(
        `${CPU_PATH}isolateEmulatorThread`,
        isolateEmulatorThread,
        found.isolateEmulatorThread || undefined,
        'whether its emulator has a CPU',
      ),
      ...bothThere(`${CPU_PATH}numa`, numa, found.numa, 'NUMA'),
      ...bothThere(`${CPU_PATH}realtime`, realtime, found.realtime, 'realtime'),
    ];
  },
  apply: ({ cpu: given }, vmi, preference) => {
    const draft = (vmi.spec.domain.cpu ??= {});
    Object.assign(draft, topologyOf(given.guest, preference) ?? { sockets: given.guest, cores: 1, threads: 1 });
    if (given.model) draft.model = given.model;
    if (given.dedicatedCPUPlacement !== undefined) draft.dedicatedCpuPlacement = given.dedicatedCPUPlacement;
    if (given.isolateEmulatorThread !== undefined) draft.isolateEmulatorThread = given.isolateEmulatorThread;
    if (given.numa !== undefined) draft.numa = given.numa;
    if (given.realtime !== undefined) draft.realtime = given.realtime;
    if (given.maxSockets) draft.maxSockets = given.maxSockets;
  },
};

/** What is requested of the node when a part of the memory is not; undefined: all of it, which is the default. */
const requested = ({ guest, overcommitPercent = 0 }: Size['memory']): string | undefined => {
  const bytes = tryQuantity(guest)?.value();
  if (overcommitPercent <= 0 || overcommitPercent > 100 || bytes === undefined) return undefined;
  return Quantity.of((bytes * BigInt(100 - overcommitPercent)) / 100n).toString();
};

const memory: Part = {
  conflicts: (size, vmi) => {
    const found = vmi.spec.domain.memory;
    const gives = `the memory (${size.memory.guest})`;
    // One tells it all: what is removed for the first is removed for the others.
    return [
      ...bothThere('spec.domain.memory.guest', size.memory.guest, found?.guest, gives),
      ...amounts('memory', vmi, gives),
      ...bothThere('spec.domain.memory.hugepages', size.memory.hugepages, found?.hugepages, 'huge pages'),
      ...bothThere('spec.domain.memory.maxGuest', size.memory.maxGuest, found?.maxGuest, 'the most memory'),
    ].slice(0, 1);
  },
  apply: ({ memory: given }, vmi) => {
    const draft = (vmi.spec.domain.memory ??= {});
    draft.guest = given.guest;
    if (given.hugepages !== undefined) draft.hugepages = given.hugepages;
    if (given.maxGuest !== undefined) draft.maxGuest = given.maxGuest;
    const request = requested(given);
    if (request === undefined) return;
    const resources = (vmi.spec.domain.resources ??= {});
    resources.requests = { ...resources.requests, memory: request };
  },
};

const nodeSelector: Part = {
  conflicts: (size, { spec }) => both('spec.nodeSelector', size.nodeSelector, spec.nodeSelector, 'the nodes'),
  apply: (size, { spec }) => {
    if (!isEmpty(size.nodeSelector)) spec.nodeSelector = size.nodeSelector;
  },
};

const schedulerName: Part = {
  conflicts: (size, { spec }) => both('spec.schedulerName', size.schedulerName, spec.schedulerName, 'the scheduler'),
  apply: (size, { spec }) => {
    if (size.schedulerName) spec.schedulerName = size.schedulerName;
  },
};

const ioThreads: Part = {
  conflicts: (size, { spec: { domain } }) => [
    ...bothThere('spec.domain.ioThreads', size.ioThreads, domain.ioThreads, 'I/O threads'),
    ...both('spec.domain.ioThreadsPolicy', size.ioThreadsPolicy, domain.ioThreadsPolicy, 'the policy of I/O threads'),
  ],
  apply: (size, { spec: { domain } }) => {
    if (size.ioThreads !== undefined) domain.ioThreads = size.ioThreads;
    if (size.ioThreadsPolicy) domain.ioThreadsPolicy = size.ioThreadsPolicy;
  },
};

const launchSecurity: Part = {
  conflicts: (size, { spec: { domain } }) =>
    bothThere('spec.domain.launchSecurity', size.launchSecurity, domain.launchSecurity, 'confidential computing'),
  apply: (size, { spec: { domain } }) => {
    if (size.launchSecurity !== undefined) domain.launchSecurity = size.launchSecurity;
  },
};

const hostDevices: Part = {
  conflicts: (size, { spec: { domain } }) => [
    ...both('spec.domain.devices.gpus', size.gpus, domain.devices.gpus, 'GPUs'),
    ...both('spec.domain.devices.hostDevices', size.hostDevices, domain.devices.hostDevices, 'host devices'),
  ],
  apply: (size, { spec: { domain } }) => {
    if (!isEmpty(size.gpus)) domain.devices.gpus = size.gpus;
    if (!isEmpty(size.hostDevices)) domain.devices.hostDevices = size.hostDevices;
  },
};

const annotations: Part = {
  conflicts: (size, { metadata }) =>
    freeAnnotations(size.annotations).flatMap(([key, value]) => {
      const found = metadata?.annotations;
      return found !== undefined && Object.hasOwn(found, key) && found[key] !== value
        ? [{ path: childPath('metadata.annotations', key), gives: 'this annotation with another value' }]
        : [];
    }),
  apply: (size, vmi) => {
    const given = freeAnnotations(size.annotations);
    if (given.length === 0) return;
    const metadata = (vmi.metadata ??= {});
    metadata.annotations = Object.fromEntries([...Object.entries(metadata.annotations ?? {}), ...given]);
  },
};

/** In this order. */
const PARTS: readonly Part[] = [
  nodeSelector,
  schedulerName,
  cpu,
  memory,
  ioThreads,
  launchSecurity,
  hostDevices,
  annotations,
];

/**
 * Applies an instance type to a VMI that may be written into. A part that the template has too is left as the template
 * has it, and is a conflict. @returns what the VM is to be refused for
 */
export const applyInstancetype = (
  size: VirtualMachineInstancetypeSpec,
  preference: VirtualMachinePreferenceSpec | undefined,
  vmi: VirtualMachineInstance,
): Conflict[] =>
  PARTS.flatMap(({ conflicts, apply }) => {
    const found = conflicts(size, vmi);
    if (found.length === 0) apply(size, vmi, preference);
    return found;
  });
