import type { VirtualMachineInstanceStatus as Status } from '../../api/schema/virtualmachineinstance-status.js';
import { findCondition, isTrue } from '../../api/vmi/condition.js';
import type { CredentialState } from '../credentials/keeper.js';
import type { DomainView } from '../hypervisor/hypervisor.js';
import type { Freezer } from './freezer.js';
import { CREDENTIALS, FROZEN } from './status.js';

export interface ReportEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

const normal = (reason: string, message: string): ReportEvent => ({ type: 'Normal', reason, message });

/** An agent that is away is no failure: guests boot. */
const ofCredentials = (before: Status | undefined, state: CredentialState | undefined): ReportEvent[] => {
  const old = findCondition(before?.conditions, CREDENTIALS);
  if (state === undefined) return [];
  if (state.synced)
    return old?.status === 'True'
      ? []
      : [normal('AccessCredentialsSyncSuccess', 'The guest has the credentials of the Secrets.')];
  return state.offline === true || old?.message === state.message
    ? []
    : [{ type: 'Warning', reason: 'AccessCredentialsSyncFailed', message: state.message }];
};

/** Who copies its disks must know that they have moved on, where he has not said so. */
const ofFreezer = (
  wasFrozen: boolean,
  { frozen, thawedBecause }: Pick<Freezer, 'frozen' | 'thawedBecause'>,
): ReportEvent[] => {
  if (frozen === wasFrozen) return [];
  if (frozen) return [normal('Frozen', "The guest's file systems are frozen")];
  const message = "The guest's file systems are thawed";
  return thawedBecause === undefined
    ? [normal('Thawed', message)]
    : [{ type: 'Warning', reason: 'Thawed', message: `${message}: ${thawedBecause}` }];
};

/** What is news of a VM whose domain is up, against its status as it was. */
export const reportEvents = (
  before: Status | undefined,
  { state }: DomainView,
  credentials: CredentialState | undefined,
  freezer: Pick<Freezer, 'frozen' | 'thawedBecause'>,
): ReportEvent[] => {
  const wasPaused = isTrue(before?.conditions, 'Paused');
  return [
    ...(before?.phase === 'Running' ? [] : [normal('Started', 'VirtualMachineInstance started.')]),
    ...(!wasPaused && state === 'paused' ? [normal('Paused', 'VirtualMachineInstance paused')] : []),
    ...(wasPaused && state === 'running' ? [normal('Unpaused', 'VirtualMachineInstance unpaused')] : []),
    ...ofCredentials(before, credentials),
    ...ofFreezer(before?.fsFreezeStatus === FROZEN, freezer),
  ];
};
