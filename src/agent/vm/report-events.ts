import type { VirtualMachineInstanceStatus as Status } from '../../api/schema/virtualmachineinstance-status.js';
import { findCondition, isTrue } from '../../api/vmi/condition.js';
import type { CredentialState } from '../credentials/keeper.js';
import type { DomainView } from '../hypervisor/hypervisor.js';
import { CREDENTIALS } from './status.js';

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

/** What is news of a VM whose domain is up, against its status as it was. */
export const reportEvents = (
  before: Status | undefined,
  { state }: DomainView,
  credentials: CredentialState | undefined,
): ReportEvent[] => {
  const wasPaused = isTrue(before?.conditions, 'Paused');
  return [
    ...(before?.phase === 'Running' ? [] : [normal('Started', 'VirtualMachineInstance started.')]),
    ...(!wasPaused && state === 'paused' ? [normal('Paused', 'VirtualMachineInstance paused')] : []),
    ...(wasPaused && state === 'running' ? [normal('Unpaused', 'VirtualMachineInstance unpaused')] : []),
    ...ofCredentials(before, credentials),
  ];
};
