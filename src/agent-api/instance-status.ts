import type {
  VirtualMachineInstanceCondition,
  VirtualMachineInstanceNetworkInterface,
  VirtualMachineInstanceStatus,
} from '../api/schema/virtualmachineinstance-status.js';

/*
 * What an agent writes of a VMI, once: the agent keeps to it, and admission refuses an agent everything else. All of it
 * is in the status: which VM, where, in which pod and for whom is never an agent's to say.
 */

/** Fields of `status`. Of the last three only a part: see below. */
export const AGENT_STATUS_FIELDS = [
  'phase',
  'phaseTransitionTimestamps',
  'reason',
  'machine',
  'memory',
  'currentCPUTopology',
  'guestOSInfo',
  'fsFreezeStatus',
  'conditions',
  'interfaces',
  'volumeStatus',
] as const satisfies readonly (keyof VirtualMachineInstanceStatus)[];

/** Types of the conditions that are an agent's. */
export const AGENT_CONDITIONS = [
  'Synchronized',
  'Paused',
  'AgentConnected',
  'LiveMigratable',
  'SoftwareEmulation',
  'AccessCredentialsSynchronized',
] as const satisfies readonly VirtualMachineInstanceCondition['type'][];

/**
 * Ready of a VMI whose guest has ended, written with its last phase: nobody may find an ended guest ready.
 * virt-controller writes what the pod is like in its place. An agent makes no VMI ready.
 */
export const GUEST_ENDED = { reason: 'GuestEnded', message: 'The guest has ended' } as const;

/** Of an interface: not the addresses of the pod, which virt-controller writes. */
const AGENT_INTERFACE_FIELDS = [
  'name',
  'mac',
  'queueCount',
  'linkState',
  'infoSource',
  'interfaceName',
] as const satisfies readonly (keyof VirtualMachineInstanceNetworkInterface)[];

/** Addresses on a network beside the pod's, which only the guest may know. A device of Multus' is named so. */
const ATTACHED_FIELDS = ['ipAddress', 'ipAddresses'];
const ATTACHED = /^pod[0-9a-f]{11}$/;

/** Whether a field of an interface is an agent's to write. @param podInterfaceName as virt-controller wrote it */
export const isAgentInterfaceField = (field: string, podInterfaceName: unknown): boolean =>
  (AGENT_INTERFACE_FIELDS as readonly string[]).includes(field) ||
  (ATTACHED_FIELDS.includes(field) && typeof podInterfaceName === 'string' && ATTACHED.test(podInterfaceName));

/** Of a volume: where the guest sees it. Which claim it is, virt-controller writes. */
export const AGENT_VOLUME_FIELDS = ['name', 'target'] as const;

/** The phases in which a VMI is an agent's, each with those to which the agent may take it. */
export const AGENT_PHASES: Readonly<Record<string, readonly string[]>> = {
  Scheduled: ['Running', 'Succeeded', 'Failed'],
  Running: ['Succeeded', 'Failed'],
};

/** From hand-over to end (docs/reference/domain.md §9.1): before it a VMI is virt-controller's, afterwards nobody's. */
export const isAgentPhase = (phase: string | undefined): boolean =>
  phase !== undefined && Object.hasOwn(AGENT_PHASES, phase);
