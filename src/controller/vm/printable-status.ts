import { findCondition, isTrue } from '../../api/vmi/condition.js';
import { isDeleting, isFinal, phaseOf, type Phase } from '../../api/vmi/phase.js';
import { repeatsStarts, type RunStrategy } from '../../api/vmi/run-strategy.js';
import type { VirtualMachine, VirtualMachineInstance } from '../../api/schema/kinds.js';
import type { VirtualMachineStartFailure } from '../../api/schema/virtualmachine.js';
import { CLAIM_WORDS, WAITING_WORDS } from './waiting-status.js';

/** What the word is chosen by. */
export interface PrintableInput {
  readonly vm: VirtualMachine;
  /** The VMI as it is after this pass's own create or delete. */
  readonly vmi: VirtualMachineInstance | undefined;
  readonly strategy: RunStrategy;
  readonly startFailure: VirtualMachineStartFailure | undefined;
  /** Of the DataVolumes that its templates describe. */
  readonly storage?: 'DataVolumeError' | 'Provisioning' | 'WaitingForVolumeBinding' | undefined;
  /** There is no VMI, and the VM should have one. */
  readonly startPending: boolean;
  /** When the VMI that has ended is gone, there will be another. */
  readonly runsAgain: boolean;
}

interface Entry {
  readonly word: string;
  readonly when: (input: PrintableInput) => boolean;
}

const isLive = ({ vmi }: PrintableInput): boolean => vmi !== undefined && !isFinal(vmi);
const isGoing = ({ vmi }: PrintableInput): boolean => vmi !== undefined && isDeleting(vmi);
const isIn = ({ vmi }: PrintableInput, ...phases: Phase[]): boolean =>
  vmi !== undefined && phases.some((phase) => phaseOf(vmi) === phase);
const has = ({ vmi }: PrintableInput, type: string): boolean => isTrue(vmi?.status?.conditions, type);
const lacks = (input: PrintableInput, type: string, reason: string): boolean => {
  const condition = findCondition(input.vmi?.status?.conditions, type);
  return isLive(input) && condition?.status === 'False' && condition.reason === reason;
};
const waits = ({ reason, word }: { reason: string; word: string }): Entry => ({
  word,
  when: (input) => lacks(input, 'Synchronized', reason),
});
/** Nothing but its DataVolumes keeps the VM from running. */
const isWanted = (input: PrintableInput): boolean => isLive(input) || input.startPending;

/**
 * `status.printableStatus`: the words of the reference in its order, of which the first that holds is the state
 * (docs/reference/domain.md §9.11). Its words Migrating and WaitingForReceiver need a migration, which there is not.
 *
 * Ours: what keeps a VM from running has a word where a user can name it (waiting-status.ts); and a VM whose next VMI
 * is due is Starting, also between one that has ended and its successor, where the reference says Stopped: a restart is
 * Stopping, Starting, Running.
 */
export const PRINTABLE_STATUSES: readonly Entry[] = [
  { word: 'Terminating', when: ({ vm }) => isDeleting(vm) },
  { word: 'Stopping', when: (input) => isLive(input) && isGoing(input) },
  { word: 'Paused', when: (input) => isIn(input, 'Running') && has(input, 'Paused') },
  { word: 'Running', when: (input) => isIn(input, 'Running') },
  { word: 'ErrorPvcNotFound', when: (input) => lacks(input, 'Synchronized', 'FailedPvcNotFound') },
  { word: 'DataVolumeError', when: ({ storage }) => storage === 'DataVolumeError' },
  ...CLAIM_WORDS.map(waits),
  { word: 'ErrorUnschedulable', when: (input) => lacks(input, 'PodScheduled', 'Unschedulable') },
  { word: 'Provisioning', when: ({ storage }) => storage === 'Provisioning' },
  {
    word: 'WaitingForVolumeBinding',
    when: (input) => input.storage === 'WaitingForVolumeBinding' && isWanted(input),
  },
  { word: 'ErrImagePull', when: (input) => lacks(input, 'Synchronized', 'ErrImagePull') },
  { word: 'ImagePullBackOff', when: (input) => lacks(input, 'Synchronized', 'ImagePullBackOff') },
  ...WAITING_WORDS.map(waits),
  { word: 'Starting', when: (input) => isIn(input, 'Pending', 'Scheduling', 'Scheduled') },
  {
    word: 'CrashLoopBackOff',
    when: ({ startFailure, strategy }) => (startFailure?.consecutiveFailCount ?? 0) > 0 && repeatsStarts(strategy),
  },
  { word: 'Starting', when: (input) => input.startPending && input.vmi === undefined },
  { word: 'Starting', when: (input) => input.runsAgain && isGoing(input) && !isLive(input) },
  { word: 'Stopped', when: (input) => !isLive(input) },
];

/** The state of a VM in one word. */
export const printableStatus = (input: PrintableInput): string =>
  PRINTABLE_STATUSES.find(({ when }) => when(input))?.word ?? 'Unknown';
