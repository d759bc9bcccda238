import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import type {
  VirtualMachineInstanceNetworkInterface as InterfaceStatus,
  VirtualMachineInstanceStatus as Status,
} from '../../api/schema/virtualmachineinstance-status.js';
import {
  type Condition,
  type ConditionContent,
  findCondition,
  isTrue,
  withCondition,
  withoutCondition,
} from '../../api/vmi/condition.js';
import { unnamed } from '../../api/vmi/filesystems.js';
import { topology, writtenGuestMemory } from '../../api/vmi/guest-size.js';
import { enterPhase, type FinalPhase } from '../../api/vmi/phase.js';
import { agentCredentials } from '../../api/vmi/access-credentials.js';
import { boundedText } from '../../api/visible-text.js';
import { without } from '../../api/record.js';
import { Quantity } from '../../api/quantity.js';
import {
  AGENT_CONDITIONS,
  AGENT_VOLUME_FIELDS,
  GUEST_ENDED,
  isAgentInterfaceField,
} from '../../agent-api/instance-status.js';
import { MULTUS_STATUS } from '../../api/multus.js';
import type { CredentialState } from '../credentials/keeper.js';
import type { GuestInfo, GuestInterface } from '../hypervisor/guest-agent.js';
import type { DomainView } from '../hypervisor/hypervisor.js';
import type { FinalReason } from './decide.js';

/** The condition in which a failed attempt is reported. */
export const SYNCHRONIZED = 'Synchronized';
export const SYNC_FAILED = 'Synchronizing with the Domain failed.';

/** The list with this condition in it, or (`undefined`) without it. */
const conditionsWith = (
  conditions: readonly Condition[],
  type: string,
  content: Omit<ConditionContent, 'type'> | undefined,
  now: string,
): Condition[] =>
  content === undefined ? withoutCondition(conditions, type) : withCondition(conditions, { type, ...content }, now);

/** A status that reports a failed attempt, or (`undefined`) none. */
export const withSyncProblem = (
  status: Status,
  problem: string | undefined,
  now: string,
  reason = SYNC_FAILED,
): Status => ({
  ...status,
  conditions: conditionsWith(
    status.conditions ?? [],
    SYNCHRONIZED,
    problem === undefined ? undefined : { status: 'False', reason, message: problem },
    now,
  ),
});

/** What stands there of a failed attempt. */
export const syncProblem = (status: Status | undefined): string | undefined =>
  findCondition(status?.conditions, SYNCHRONIZED)?.message;

/** How a VM ended; `reason` where there is a word for it. */
export interface End {
  readonly phase: FinalPhase;
  readonly message: string;
  readonly reason?: FinalReason;
}

/** `fsFreezeStatus` of a guest that was frozen by us; absent: it is not, as far as we know. */
export const FROZEN = 'frozen';

/** With that of the guest's file systems in it, or without. */
export const withFreeze = (status: Status, frozen: boolean): Status =>
  frozen ? { ...status, fsFreezeStatus: FROZEN } : without(status, 'fsFreezeStatus');

/** The last status of a VM. A guest that has ended is neither paused nor has it an agent. */
export const finalStatus = (status: Status, { phase, message, reason }: End, now: string): Status => {
  let conditions = conditionsWith(
    status.conditions ?? [],
    SYNCHRONIZED,
    reason === undefined ? undefined : { status: 'False', reason, message: boundedText(message) },
    now,
  );
  for (const type of ['AgentConnected', 'Paused', CREDENTIALS]) conditions = withoutCondition(conditions, type);
  // In the write that ends it: nobody may find an ended guest ready. One that was not says why already.
  if (isTrue(conditions, 'Ready'))
    conditions = withCondition(conditions, { type: 'Ready', status: 'False', ...GUEST_ENDED }, now);
  return enterPhase(
    {
      ...withFreeze(status, false),
      conditions,
      ...(phase === 'Failed' ? { reason: reason ?? boundedText(message) } : {}),
    },
    phase,
    now,
  );
};

const PAUSED = {
  user: { reason: 'PausedByUser', message: 'VMI was paused by user' },
  'io-error': { reason: 'PausedIOError', message: 'VMI was paused, low-level IO error detected' },
  other: { reason: 'Paused', message: 'VMI is paused' },
} as const;

/** The condition of credentials that the guest's agent is told. */
export const CREDENTIALS = 'AccessCredentialsSynchronized';

/** Why a guest is emulated: its node has no KVM that works, or it has, and the cluster's settings chose otherwise. */
export type Emulation = 'unavailable' | 'chosen';

const EMULATED = {
  unavailable: {
    reason: 'KVMUnavailable',
    message: 'The guest runs in software emulation: KVM does not work on this node.',
  },
  chosen: {
    reason: 'UseEmulation',
    message:
      'The guest runs in software emulation although KVM works on this node: ' +
      'spec.configuration.developerConfiguration.useEmulation of the KubeVirt object is true.',
  },
} as const;

/**
 * The status of a VM whose domain is up. Fields of other writers stay. Pure. Source: docs/reference/domain.md §9.2,
 * §9.7.
 */
export const runningStatus = (
  vmi: VirtualMachineInstance,
  view: DomainView,
  guest: GuestInfo | undefined,
  emulation: Emulation | undefined,
  now: string,
  credentials?: CredentialState,
  problem?: string,
): Status => {
  const before = vmi.status ?? {};
  let status = enterPhase(withSyncProblem(before, problem, now), 'Running', now);
  const set = (type: (typeof AGENT_CONDITIONS)[number], content: Parameters<typeof conditionsWith>[2]): void => {
    status = { ...status, conditions: conditionsWith(status.conditions ?? [], type, content, now) };
  };
  set('Paused', view.state === 'paused' ? { status: 'True', ...PAUSED[view.by] } : undefined);
  set('AgentConnected', view.xml.guestAgentConnected ? { status: 'True' } : undefined);
  set('LiveMigratable', {
    status: 'False',
    reason: 'MigrationNotSupported',
    message: 'Live migration is not supported by this version.',
  });
  set('SoftwareEmulation', emulation === undefined ? undefined : { status: 'True', ...EMULATED[emulation] });
  // Not known yet, by an agent that has just begun: what stands there stays.
  if (credentials !== undefined || agentCredentials(vmi.spec).length === 0)
    set(CREDENTIALS, credentials && conditionOf(credentials));
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

const conditionOf = (state: CredentialState): Omit<ConditionContent, 'type'> =>
  state.synced ? { status: 'True' } : { status: 'False', message: state.message };

/**
 * The pod's addresses (the controller wrote them) with what the domain and the guest's agent know of each interface.
 * Only interfaces that the VMI has, each once: any program may answer in libvirtd's place, and could fill the status
 * with names.
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
      infoSource: [
        'domain',
        ...(inGuest === undefined ? [] : ['guest-agent']),
        ...(old?.infoSource?.includes(MULTUS_STATUS) === true ? [MULTUS_STATUS] : []),
      ].join(', '),
      ...(inGuest === undefined ? {} : { interfaceName: inGuest.name }),
      ...addressesOf(old, inGuest),
    };
  });
  return [...known, ...before.filter(({ name }) => !known.some((entry) => entry.name === name))];
};

/** The pod's own are virt-controller's to say; those on a network beside it may be known to the guest alone. */
const addressesOf = (
  old: InterfaceStatus | undefined,
  inGuest: GuestInterface | undefined,
): Pick<InterfaceStatus, 'ipAddress' | 'ipAddresses'> => {
  const ipAddresses = [...(inGuest?.addresses ?? [])];
  if (ipAddresses.length === 0 || !isAgentInterfaceField('ipAddresses', old?.podInterfaceName)) return {};
  return { ipAddress: ipAddresses[0], ipAddresses };
};

const volumesOf = (vmi: VirtualMachineInstance, view: DomainView): Status['volumeStatus'] => {
  const [volumes, before] = [vmi.spec.volumes ?? [], vmi.status?.volumeStatus ?? []];
  const known = volumes.map(({ name }) => ({
    ...before.find((entry) => entry.name === name),
    name,
    target: view.xml.disks.find((disk) => disk.name === name)?.target ?? unnamed(vmi, name),
  }));
  // What another program wrote of a volume is its to remove.
  const others = before.filter((entry) => !volumes.some(({ name }) => name === entry.name) && hasMoreThanOurs(entry));
  return [...known, ...others].sort((a, b) => (a.name < b.name ? -1 : 1));
};

const hasMoreThanOurs = (entry: object): boolean =>
  Object.keys(entry).some((field) => !(AGENT_VOLUME_FIELDS as readonly string[]).includes(field));

const memoryOf = (vmi: VirtualMachineInstance, view: DomainView): Status['memory'] => {
  const requested = writtenGuestMemory(vmi.spec)?.text;
  const current = view.xml.currentMemoryKiB;
  return {
    ...(requested === undefined ? {} : { guestAtBoot: requested, guestRequested: requested }),
    ...vmi.status?.memory,
    ...(current === undefined ? {} : { guestCurrent: Quantity.of(current * 1024n).toString() }),
  };
};

const topologyOf = ({ spec, status }: VirtualMachineInstance): Status['currentCPUTopology'] =>
  status?.currentCPUTopology ?? topology(spec);
