import { isDeleting, isFinal } from '../../api/vmi/phase.js';
import type { RunStrategy } from '../../api/vmi/run-strategy.js';
import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import type { VirtualMachineStateChangeRequest } from '../../api/schema/virtualmachine.js';

type Requests = readonly VirtualMachineStateChangeRequest[];

/**
 * What is left when satisfied requests are dropped from the head (docs/reference/control.md §4.5): a Stop whose VMI no
 * longer exists, is another one or was not named; a Start while a VMI lives.
 */
export const pendingRequests = (requests: Requests | undefined, vmi: VirtualMachineInstance | undefined): Requests => {
  let left: Requests = requests ?? [];
  for (let [head] = left; head && isSatisfied(head, vmi); [head] = left) left = left.slice(1);
  return left;
};

const isSatisfied = (
  { action, uid }: VirtualMachineStateChangeRequest,
  vmi: VirtualMachineInstance | undefined,
): boolean => {
  if (action === 'Start') return vmi !== undefined && !isFinal(vmi) && !isDeleting(vmi);
  if (action === 'Stop') return !vmi || !uid || vmi.metadata?.uid !== uid;
  // Admission lets no other word through; one that is here would block the queue for ever.
  return true;
};

/** The head is a Stop of this very VMI. */
export const wantsStop = (requests: Requests, vmi: VirtualMachineInstance | undefined): boolean =>
  requests[0]?.action === 'Stop' && vmi !== undefined && requests[0].uid === vmi.metadata?.uid;

export const startRequest = (requests: Requests): VirtualMachineStateChangeRequest | undefined =>
  requests[0]?.action === 'Start' ? requests[0] : undefined;

export const wantsPausedStart = (request: VirtualMachineStateChangeRequest | undefined): boolean =>
  request?.data?.paused === 'true';

/**
 * The rest of a restart whose VM was then told to stop: left in the list, it would start the VM whenever its strategy
 * lets it.
 */
export const withoutStaleStart = (
  requests: Requests,
  strategy: RunStrategy,
  vmi: VirtualMachineInstance | undefined,
): Requests => {
  if (strategy !== 'Halted' || vmi !== undefined) return requests;
  return requests.filter((request) => request.action !== 'Start' || wantsPausedStart(request));
};
