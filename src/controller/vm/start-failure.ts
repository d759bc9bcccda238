import { timestamp } from '../../api/timestamp.js';
import { hasBeenRunning, isFinal, phaseOf, phaseTime } from '../../api/vmi/phase.js';
import type { Phase } from '../../api/vmi/phase.js';
import { repeatsStarts, type RunStrategy } from '../../api/vmi/run-strategy.js';
import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import type { VirtualMachineStartFailure } from '../../api/schema/virtualmachine.js';

const MAX_DELAY_SECONDS = 300;

/**
 * Seconds until the next start after `count` failed ones: 10·n² and up to half of it more, 300 at most
 * (docs/reference/domain.md §9.10).
 * @param chance uniform in [0, 1)
 */
export const startDelaySeconds = (count: number, chance: number): number => {
  const base = 10 * count * count;
  return Math.min(base + Math.floor(chance * (Math.floor(base / 2) + 1)), MAX_DELAY_SECONDS);
};

/**
 * `status.startFailure` after a look at the VMI: a VMI that ended without ever having run counts once; one that ran
 * clears it. A VMI that was deleted before it ended was stopped and has not failed.
 */
export const nextStartFailure = (
  before: VirtualMachineStartFailure | undefined,
  vmi: VirtualMachineInstance | undefined,
  strategy: RunStrategy,
  now: number,
  chance: number,
): VirtualMachineStartFailure | undefined => {
  if (!repeatsStarts(strategy)) return undefined;
  if (!vmi) return before;
  if (hasBeenRunning(vmi)) return undefined;
  const uid = vmi.metadata?.uid;
  if (!isFinal(vmi) || wasStopped(vmi) || before?.lastFailedVMIUID === uid) return before;
  const consecutiveFailCount = (before?.consecutiveFailCount ?? 0) + 1;
  const delay = startDelaySeconds(consecutiveFailCount, chance);
  return {
    consecutiveFailCount,
    lastFailedVMIUID: uid,
    retryAfterTimestamp: timestamp(now + delay * 1000),
  };
};

/** Deleted before it ended. */
export const wasStopped = (vmi: VirtualMachineInstance): boolean => {
  const deleted = vmi.metadata?.deletionTimestamp;
  const ended = phaseTime(vmi, phaseOf(vmi) as Phase);
  return deleted !== undefined && (ended === undefined || Date.parse(deleted) <= Date.parse(ended));
};

/** Milliseconds until the next start may happen; 0: now. */
export const startDelayLeft = (failure: VirtualMachineStartFailure | undefined, now: number): number => {
  const until = failure?.retryAfterTimestamp;
  return until === undefined ? 0 : Math.max(0, Date.parse(until) - now);
};
