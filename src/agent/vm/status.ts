import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import type {
  VirtualMachineInstanceCondition as Condition,
  VirtualMachineInstanceNetworkInterface as InterfaceStatus,
  VirtualMachineInstanceStatus as Status,
} from '../../api/schema/virtualmachineinstance-status.js';
import { boundedText } from '../../api/visible-text.js';
import { Quantity } from '../../api/quantity.js';
import { AGENT_VOLUME_FIELDS } from '../../agent-api/instance-status.js';
import type { GuestInfo } from '../hypervisor/guest-agent.js';
import type { DomainView } from '../hypervisor/hypervisor.js';

/** A condition without its times, which come from what was there before. */
export interface ConditionValue {
  readonly type: string;
  readonly status: 'True' | 'False';
  readonly reason?: string;
  readonly message?: string;
}

export const SYNC_FAILED = 'Synchronizing with the Domain failed.';

/** RFC 3339 as Kubernetes writes it: whole seconds. */
export const timestamp = (now: number): string => `${new Date(now).toISOString().slice(0, 19)}Z`;

/** Sets or (`undefined`) removes a condition; the transition time moves only when the status does. Pure. */
export const withCondition = (
  conditions: readonly Condition[],
  type: string,
  value: ConditionValue | undefined,
  now: number,
): Condition[] => {
  const old = conditions.find((condition) => condition.type === type);
  if (value === undefined) return conditions.filter((condition) => condition.type !== type);
  const same =
    old?.status === value.status &&
    (old.reason ?? '') === (value.reason ?? '') &&
    (old.message ?? '') === (value.message ?? '');
  if (same) return [...conditions];
  const fresh: Condition = {
    lastProbeTime: null,
    ...value,
    lastTransitionTime: old?.status === value.status ? old.lastTransitionTime : timestamp(now),
  };
  return old === undefined
    ? [...conditions, fresh]
    : conditions.map((condition) => (condition === old ? fresh : condition));
};

/** A status with another phase; the change is added to the history. The same phase changes nothing. */
export const withPhase = (status: Status, phase: string, now: number): Status =>
  status.phase === phase
    ? status
    : {
        ...status,
        phase,
        phaseTransitionTimestamps: [
          ...(status.phaseTransitionTimestamps ?? []),
          { phase, phaseTransitionTimestamp: timestamp(now) },
        ],
      };

/** A status that tells of a failed attempt, or (`undefined`) of none. */
export const withSyncProblem = (status: Status, problem: string | undefined, now: number): Status => ({
  ...status,
  conditions: withCondition(
    status.conditions ?? [],
    'Synchronized',
    problem === undefined
      ? undefined
      : { type: 'Synchronized', status: 'False', reason: SYNC_FAILED, message: boundedText(problem) },
    now,
  ),
});

/** The last status of a VM. A guest that is gone is neither paused nor has it an agent. */
export const finalStatus = (status: Status, phase: 'Succeeded' | 'Failed', message: string, now: number): Status => {
  let conditions = withSyncProblem(status, undefined, now).conditions ?? [];
  for (const type of ['AgentConnected', 'Paused']) conditions = withCondition(conditions, type, undefined, now);
  return withPhase(
    { ...status, conditions, ...(phase === 'Failed' ? { reason: boundedText(message) } : {}) },
    phase,
    now,
  );
};

const PAUSED = {
  user: { reason: 'PausedByUser', message: 'VMI was paused by user' },
  'io-error': { reason: 'PausedIOError', message: 'VMI was paused, low-level IO error detected' },
  other: { reason: 'Paused', message: 'VMI is paused' },
} as const;

/** The status of a VM whose domain is up. Fields of other writers stay. Pure. Source: spec/domain.md §9.2, §9.7. */
export const runningStatus = (
  vmi: VirtualMachineInstance,
  view: DomainView,
  guest: GuestInfo | undefined,
  emulated: boolean,
  now: number,
): Status => {
  const before = vmi.status ?? {};
  let status = withPhase(withSyncProblem(before, undefined, now), 'Running', now);
  const set = (type: string, value: Omit<ConditionValue, 'type'> | undefined): void => {
    const full = value === undefined ? undefined : { type, ...value };
    status = { ...status, conditions: withCondition(status.conditions ?? [], type, full, now) };
  };
  set('Paused', view.state === 'paused' ? { status: 'True', ...PAUSED[view.by] } : undefined);
  set('AgentConnected', view.xml.guestAgentConnected ? { status: 'True' } : undefined);
  set('LiveMigratable', {
    status: 'False',
    reason: 'MigrationNotSupported',
    message: 'Live migration is not supported by this version.',
  });
  set(
    'SoftwareEmulation',
    emulated
      ? { status: 'True', reason: 'KVMUnavailable', message: 'The guest runs in software emulation, without KVM.' }
      : undefined,
  );
  return {
    ...status,
    interfaces: interfacesOf(vmi, view, guest),
    volumeStatus: volumesOf(vmi, view),
    memory: memoryOf(vmi, view),
    currentCPUTopology: topologyOf(vmi),
    ...(view.xml.machine === undefined ? {} : { machine: { type: view.xml.machine } }),
    ...(guest?.os === undefined ? {} : { guestOSInfo: guest.os }),
  };
};

/**
 * The pod's addresses (the controller wrote them) with what the domain and the guest's agent know of each interface. Only
 * interfaces that the VMI has, each once: who answers for libvirtd may be anybody, and could fill the status with names.
 */
const interfacesOf = (
  vmi: VirtualMachineInstance,
  view: DomainView,
  guest: GuestInfo | undefined,
): InterfaceStatus[] => {
  const before = vmi.status?.interfaces ?? [];
  const names = new Set([...(vmi.spec.domain.devices.interfaces ?? []), ...before].map(({ name }) => name));
  const present = view.xml.interfaces.filter(({ name }) => names.delete(name));
  const known = present.map(({ name, mac, queues, linkDown }): InterfaceStatus => {
    const old = before.find((entry) => entry.name === name);
    const inGuest = guest?.interfaces.find((entry) => entry.mac === mac);
    return {
      ...old,
      name,
      mac,
      // 0 would be a claim that it has none.
      queueCount: queues ?? 1,
      linkState: linkDown === true ? 'down' : 'up',
      infoSource: inGuest === undefined ? 'domain' : 'domain, guest-agent',
      ...(inGuest === undefined ? {} : { interfaceName: inGuest.name }),
    };
  });
  return [...known, ...before.filter(({ name }) => !known.some((entry) => entry.name === name))];
};

const volumesOf = (vmi: VirtualMachineInstance, view: DomainView): Status['volumeStatus'] => {
  const [volumes, before] = [vmi.spec.volumes ?? [], vmi.status?.volumeStatus ?? []];
  const known = volumes.map(({ name }) => ({
    ...before.find((entry) => entry.name === name),
    name,
    target: view.xml.disks.find((disk) => disk.name === name)?.target ?? '',
  }));
  // What another program wrote of a volume is its to remove.
  const others = before.filter((entry) => !volumes.some(({ name }) => name === entry.name) && hasMoreThanOurs(entry));
  return [...known, ...others].sort((a, b) => (a.name < b.name ? -1 : 1));
};

const hasMoreThanOurs = (entry: object): boolean =>
  Object.keys(entry).some((field) => !(AGENT_VOLUME_FIELDS as readonly string[]).includes(field));

const memoryOf = (vmi: VirtualMachineInstance, view: DomainView): Status['memory'] => {
  const { memory, resources } = vmi.spec.domain;
  const requested = memory?.guest ?? resources?.requests?.memory ?? resources?.limits?.memory;
  const current = view.xml.currentMemoryKiB;
  return {
    ...(requested === undefined ? {} : { guestAtBoot: requested, guestRequested: requested }),
    ...vmi.status?.memory,
    ...(current === undefined ? {} : { guestCurrent: Quantity.of(current * 1024n).toString() }),
  };
};

const topologyOf = (vmi: VirtualMachineInstance): Status['currentCPUTopology'] => {
  const { cores, sockets, threads } = vmi.spec.domain.cpu ?? {};
  return vmi.status?.currentCPUTopology ?? { cores: cores ?? 1, sockets: sockets ?? 1, threads: threads ?? 1 };
};
