import { CRASHED, ENDED_BY_FORCE } from '../../agent-api/instance-end.js';
import { findCondition } from '../../api/vmi/condition.js';
import { hasBeenRunning, isDeleting, isFinal, phaseOf, phaseTime, type FinalPhase } from '../../api/vmi/phase.js';
import { boundedText } from '../../api/visible-text.js';
import type { VirtualMachine, VirtualMachineInstance } from '../../api/schema/kinds.js';
import type { VirtualMachineStartFailure, VirtualMachineTermination } from '../../api/schema/virtualmachine.js';
import type { EventType } from '../../kube/events.js';
import { startedGeneration } from './instance.js';
import { isUnexplained } from './run-strategy-decision.js';
import { wasStopped } from './start-failure.js';

/*
 * How a VM's instance ended, kept with the VM: the instance, its conditions and its events are gone with it, and
 * anyone who asks why the VM does not run asks the VM.
 */

/** What a user reads of it; the guest, a node or a registry may have written most of it. */
const MAX_MESSAGE = 1024;

/** Reasons of the controller's own in `status.reason` of an instance (the agent writes a sentence there), and whose. */
const REMOVED: Readonly<Record<string, string | undefined>> = {
  Evicted: undefined,
  Preempted: 'Scheduler',
  PodDeleted: undefined,
  NodeGone: undefined,
  OOMKilled: 'Kernel',
  LivenessProbeFailed: 'Kubelet',
};

/** Ends that nobody wanted: they are the VM's Failure until it runs again. */
const FAILURES = [
  'Crashed',
  'OOMKilled',
  'LivenessProbeFailed',
  'Evicted',
  'Preempted',
  'PodDeleted',
  'NodeGone',
  'FailedToStart',
];

type How = Pick<VirtualMachineTermination, 'reason' | 'by'>;

const how = (vmi: VirtualMachineInstance): How => {
  const removed = vmi.status?.reason ?? '';
  if (Object.hasOwn(REMOVED, removed)) return { reason: removed, by: byKubelet(vmi) ?? REMOVED[removed] };
  const ran = hasBeenRunning(vmi);
  const stopped = wasStopped(vmi);
  if (phaseOf(vmi) === 'Succeeded' || (!ran && stopped))
    return stopped ? { reason: 'Stopped', by: 'User' } : { reason: 'PoweredOff', by: 'Guest' };
  if (!ran) return { reason: 'FailedToStart' };
  const forced = removed === ENDED_BY_FORCE || (stopped && removed !== CRASHED);
  return forced ? { reason: 'Forced', by: 'User' } : { reason: 'Crashed' };
};

/** kubelet evicts what runs at once, and what it evicted has failed; through the API the guest powers off. */
const byKubelet = ({ status }: VirtualMachineInstance): string | undefined =>
  status?.reason === 'Evicted' && status.phase === 'Failed' ? 'Kubelet' : undefined;

const WORDS: Readonly<Record<string, string>> = {
  PoweredOff: 'the guest powered off',
  Stopped: 'it was stopped on request',
};

/** The last that was said of the instance: by the agent in its reason, by the controller in a condition. */
const lastWords = ({ status }: VirtualMachineInstance, { reason }: How): string => {
  const told = findCondition(status?.conditions, 'Synchronized');
  const said = told?.status === 'False' ? told.message : undefined;
  return boundedText(WORDS[reason] ?? said ?? status?.reason ?? 'no reason was given', MAX_MESSAGE);
};

/** `status.lastTermination` after a look at the VMI: only one that has ended changes it. */
export const nextTermination = (
  before: VirtualMachineTermination | undefined,
  vmi: VirtualMachineInstance | undefined,
): VirtualMachineTermination | undefined => {
  if (vmi === undefined || !isFinal(vmi)) return before;
  // The VMI controller takes Ready from it in the write that says whether its pod was taken away: that is about to
  // come.
  if (!isDeleting(vmi) && isUnexplained(vmi)) return before;
  const ended = how(vmi);
  const uid = vmi.metadata?.uid;
  // What was told stays, also when the instance is deleted after its end; only what the pod says of it explains more.
  const known = before !== undefined && before.instanceUID === uid;
  if (known && (before.reason === ended.reason || !Object.hasOwn(REMOVED, ended.reason))) return before;
  const time = phaseTime(vmi, phaseOf(vmi) as FinalPhase);
  const generation = startedGeneration(vmi);
  return {
    reason: ended.reason,
    message: lastWords(vmi, ended),
    ...(ended.by === undefined ? {} : { by: ended.by }),
    ...(uid === undefined ? {} : { instanceUID: uid }),
    ...(time === undefined ? {} : { time }),
    ...(generation === undefined ? {} : { generation }),
  };
};

const isFailure = ({ reason }: VirtualMachineTermination): boolean => FAILURES.includes(reason);

/** Told once per end, and of the stops that a user asked for by the event of the stop. */
export const terminationEvents = (
  before: VirtualMachineTermination | undefined,
  after: VirtualMachineTermination | undefined,
): { type: EventType; reason: string; message: string }[] => {
  if (after === undefined || after === before || after.reason === 'Stopped') return [];
  const type = isFailure(after) || after.reason === 'Forced' ? 'Warning' : 'Normal';
  return [{ type, reason: after.reason, message: `the last instance ended: ${after.message ?? ''}` }];
};

/** The VM was changed since the instance was made that failed: what made it fail may be put right. */
export const isChangedSince = ({ metadata, status }: VirtualMachine): boolean => {
  const failed = status?.lastTermination?.generation;
  return failed !== undefined && metadata?.generation !== undefined && metadata.generation > failed;
};

/**
 * The VM's condition Failure while nothing runs and the last instance did not end as anybody wanted: why, and when the
 * next start is.
 */
export const terminationFailure = (
  { metadata }: Pick<VirtualMachine, 'metadata'>,
  last: VirtualMachineTermination | undefined,
  waiting: VirtualMachineStartFailure | undefined,
): { reason: string; message: string } | undefined => {
  if (last === undefined || !isFailure(last)) return undefined;
  const { reason, message = '' } = last;
  const { consecutiveFailCount: times = 0, retryAfterTimestamp: next } = waiting ?? {};
  if (times === 0 || next === undefined) return { reason, message };
  const started = `failed to start ${times === 1 ? 'once' : `${times} times in a row`}`;
  const now = `kubectl virt start ${metadata?.name ?? ''} -n ${metadata?.namespace ?? ''}`;
  return { reason, message: `${started}: ${message}; next try at ${next}, or now: ${now}` };
};
