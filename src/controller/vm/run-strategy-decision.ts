import { GUEST_ENDED } from '../../agent-api/instance-status.js';
import { findCondition } from '../../api/vmi/condition.js';
import { isDeleting, isFinal, phaseOf } from '../../api/vmi/phase.js';
import type { RunStrategy } from '../../api/vmi/run-strategy.js';
import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import type { VirtualMachineStateChangeRequest } from '../../api/schema/virtualmachine.js';
import { endedWithItsPod } from '../vmi/pod-removal.js';
import { pendingRequests, startRequest, wantsPausedStart, wantsStop } from './state-change-requests.js';

/** What a VM's run strategy asks for, given its VMI. */
export interface RunDecision {
  action: 'none' | 'start' | 'stop';
  /** Start with the CPUs stopped. */
  paused?: boolean;
  /** The start obeys `status.startFailure`. */
  backOff?: boolean;
  /** A Start request must be queued before the VMI is deleted. */
  queueStart?: boolean;
  /** Halted with a request for a paused start: the strategy becomes Always. */
  becomeAlways?: boolean;
}

export interface RunSituation {
  strategy: RunStrategy;
  /** `status.runStrategy`: the strategy that was in force when it was last looked at. */
  recorded: string | undefined;
  /** Only what is still pending. */
  requests: readonly VirtualMachineStateChangeRequest[];
  vmi: VirtualMachineInstance | undefined;
}

const NONE: RunDecision = { action: 'none' };
const STOP: RunDecision = { action: 'stop' };

/**
 * The VMI controller puts its own words into the Ready of a VMI that has ended in the same write that records whether
 * its pod was removed; until then they are the agent's (an older agent leaves it True).
 */
export const isUnexplained = (vmi: VirtualMachineInstance): boolean => {
  const ready = findCondition(vmi.status?.conditions, 'Ready');
  return isFinal(vmi) && (ready?.status === 'True' || ready?.reason === GUEST_ENDED.reason);
};

/** Whether a VM will have another VMI when the one it has is gone. */
export const wantsAnother = (
  strategy: RunStrategy,
  recorded: string | undefined,
  requests: readonly VirtualMachineStateChangeRequest[],
): boolean => {
  const left = pendingRequests(requests, undefined);
  const { action, becomeAlways } = decideRun({ strategy, recorded, requests: left, vmi: undefined });
  return action === 'start' || becomeAlways === true;
};

/** The matrix of docs/reference/domain.md §9.9. */
export const decideRun = ({ strategy, recorded, requests, vmi }: RunSituation): RunDecision => {
  const start = startRequest(requests);
  const paused = wantsPausedStart(start);
  if (!vmi) {
    switch (strategy) {
      case 'Always':
        return { action: 'start', paused, backOff: true };
      case 'RerunOnFailure':
        return start || recorded !== strategy ? { action: 'start', paused, backOff: true } : NONE;
      case 'Manual':
        return start ? { action: 'start', paused } : NONE;
      case 'Halted':
        // A start that a stop overtook is not one any more: only a paused one is asked for in this way.
        return paused ? { action: 'none', becomeAlways: true } : NONE;
      case 'Once':
        return { action: 'start', paused };
    }
  }
  if (isDeleting(vmi)) return NONE;
  const stop = wantsStop(requests, vmi);
  switch (strategy) {
    case 'Always':
      return stop || isFinal(vmi) ? STOP : NONE;
    case 'RerunOnFailure':
      if (phaseOf(vmi) === 'Failed' || endedWithItsPod(vmi)) {
        return { action: 'stop', queueStart: requests.length === 0 };
      }
      return stop || (isFinal(vmi) && !isUnexplained(vmi)) ? STOP : NONE;
    case 'Manual':
      return stop ? STOP : NONE;
    case 'Halted':
      return STOP;
    case 'Once':
      return NONE;
  }
};
