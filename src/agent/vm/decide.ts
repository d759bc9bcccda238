import {
  CRASHED,
  ENDED_BY_FORCE,
  LIVENESS_FAILED,
  LIVENESS_MESSAGE,
  OOM_KILLED,
} from '../../agent-api/instance-end.js';
import { isAgentPhase } from '../../agent-api/instance-status.js';
import type { FinalPhase } from '../../api/vmi/phase.js';
import type { DomainState, StopReason } from '../hypervisor/hypervisor.js';

/** Everything a decision depends on. Times are milliseconds before now. */
export interface Situation {
  /** `status.phase` of the VMI. */
  readonly phase: string;
  /** Its deletion was asked for. */
  readonly deleting: boolean;
  /** How long ago; set when `deleting`. */
  readonly deletingForMs?: number;
  readonly gracePeriodSeconds: number;
  /** The guest was last asked to power off this long ago. */
  readonly signalledMsAgo?: number;
  /** The pod's first process lives. */
  readonly launcher: 'alive' | 'gone';
  readonly launcherGoneForMs?: number;
  /** What the launcher left behind when it ended. */
  readonly launcherResult?: StopReason;
  /** There is a connection to its libvirtd. */
  readonly connected: boolean;
  readonly disconnectedForMs?: number;
  /** libvirtd's socket was not there yet (it starts), in contrast to one that fails. */
  readonly starting?: boolean;
  readonly domain?: DomainState & { readonly ours: boolean };
  readonly domainMissingForMs?: number;
  /** The domain was seen to stop; libvirtd may have ended since. */
  readonly stopSeen?: StopReason;
  /** Since the guest ran, the kernel has killed a process of its pod for want of memory. */
  readonly oomKilled?: boolean;
  /**
   * How long ago the stop was seen of a guest with a liveness probe whose launcher was told to stop, which nobody has
   * explained: neither is its VMI deleted, nor is its pod removed as far as the controller has said.
   */
  readonly unexplainedForMs?: number;
}

export type Action =
  /** Nothing of it is ours any more: stop managing the VM. */
  | { readonly do: 'release' }
  | { readonly do: 'wait'; readonly forMs: number; readonly problem?: string }
  | { readonly do: 'start' }
  /** The domain is up: write down what it is. */
  | { readonly do: 'report' }
  | { readonly do: 'shutdown'; readonly againInMs: number }
  | { readonly do: 'destroy' }
  /** Ask the launcher itself to end: libvirtd cannot be asked. */
  | { readonly do: 'terminate' }
  | { readonly do: 'finish'; readonly phase: FinalPhase; readonly message: string; readonly reason?: FinalReason };

/** A word for the end that others act on, in place of its message. */
export type FinalReason = typeof OOM_KILLED | typeof LIVENESS_FAILED;

/** A booting guest may miss the power button (docs/reference/domain.md §9.5). */
export const SIGNAL_REPEAT_MS = 5_000;
/** How often a libvirtd that is starting is looked for: what users wait for. */
const START_POLL_MS = 100;
/** A libvirtd that the entrypoint restarts is back within a second or two; only then is it worth a condition. */
const CONNECTION_PROBLEM_MS = 5_000;
/** On a node that is busy libvirtd takes its time to come up: that is no problem to tell yet. */
const STARTUP_PROBLEM_MS = 30_000;
const RECONNECT_MS = 1_000;
/** KubeVirt's limit for a launcher that never answers (docs/reference/domain.md §9.1). */
const LAUNCHER_SILENT_MS = 180_000;
/**
 * The result is written before the last process ends, and kubelet's directory outlives it; so it is there or never
 * comes.
 */
const RESULT_GRACE_MS = 3_000;
/** libvirtd that was restarted finds its domains again in well under this. */
const DOMAIN_MISSING_MS = 30_000;
/** The controller says within this that it is the pod that is deleted or evicted. */
const EXPLANATION_MS = 2_000;
/** Beyond the grace period, for what a launcher needs to end by itself. */
const TERMINATE_GRACE_MS = 30_000;

const wait = (forMs: number, problem?: string): Action => ({
  do: 'wait',
  forMs,
  ...(problem === undefined ? {} : { problem }),
});
const finish = (phase: FinalPhase, message: string): Action => ({ do: 'finish', phase, message });

/** The next step for one VM. Pure. Source: docs/reference/domain.md §9.3–9.5. */
export const decide = (situation: Situation): Action => {
  const { phase } = situation;
  if (!isAgentPhase(phase)) return { do: 'release' };
  const stopped = stopReason(situation);
  if (stopped !== undefined) return finishBy(stopped, situation);
  if (situation.launcher === 'gone') return launcherGone(situation);
  if (!situation.connected) return disconnected(situation);
  return situation.domain === undefined || situation.domain.state === 'off' || !situation.domain.ours
    ? noDomain(situation)
    : domainUp(situation);
};

/** How the guest ended, when it is certain that it ran and ended. */
const stopReason = ({ stopSeen, domain, launcherResult }: Situation): StopReason | undefined => {
  const off = domain?.state === 'off' && domain.ours ? domain.reason : undefined;
  return [stopSeen, off, launcherResult].find(
    (reason) => reason !== undefined && reason !== 'unknown' && reason !== 'failed-to-start',
  );
};

const finishBy = (reason: StopReason, { gracePeriodSeconds, oomKilled, unexplainedForMs }: Situation): Action => {
  if (unexplainedForMs !== undefined && reason !== 'crashed')
    return unexplainedForMs < EXPLANATION_MS
      ? wait(EXPLANATION_MS - unexplainedForMs)
      : { do: 'finish', phase: 'Failed', message: LIVENESS_MESSAGE, reason: LIVENESS_FAILED };
  if (reason === 'shutdown') return finish('Succeeded', 'The VirtualMachineInstance was shut down.');
  if (reason === 'destroyed')
    return gracePeriodSeconds === 0
      ? finish('Succeeded', 'The VirtualMachineInstance was shut down.')
      : finish('Failed', ENDED_BY_FORCE);
  return oomKilled === true
    ? { do: 'finish', phase: 'Failed', message: CRASHED, reason: OOM_KILLED }
    : finish('Failed', CRASHED);
};

const launcherGone = ({ launcherGoneForMs = 0, deleting, phase }: Situation): Action => {
  if (launcherGoneForMs < RESULT_GRACE_MS) return wait(RESULT_GRACE_MS - launcherGoneForMs);
  if (deleting && phase === 'Scheduled')
    return finish('Succeeded', 'The VirtualMachineInstance was stopped before it ran.');
  return finish('Failed', 'The launcher pod ended without telling how the guest ended.');
};

const NOT_YET = 'libvirtd in the launcher pod has not answered yet; waiting for it.';
const AWAY = 'libvirtd in the launcher pod does not answer; waiting for its return.';

const disconnected = (situation: Situation): Action => {
  const { disconnectedForMs = 0, deleting, deletingForMs = 0, phase, gracePeriodSeconds, starting } = situation;
  if (deleting) {
    if (deletingForMs > gracePeriodSeconds * 1000 + TERMINATE_GRACE_MS)
      return finish('Failed', 'libvirtd could not be reached to stop the guest; it ends with its pod.');
    return disconnectedForMs >= CONNECTION_PROBLEM_MS ? { do: 'terminate' } : wait(RECONNECT_MS);
  }
  if (phase === 'Scheduled' && disconnectedForMs >= LAUNCHER_SILENT_MS)
    return finish('Failed', 'libvirtd in the launcher pod did not answer for 3 minutes.');
  const isNew = phase === 'Scheduled';
  if (disconnectedForMs < (isNew ? STARTUP_PROBLEM_MS : CONNECTION_PROBLEM_MS))
    return wait(starting === true ? START_POLL_MS : RECONNECT_MS);
  return wait(RECONNECT_MS, isNew ? NOT_YET : AWAY);
};

const noDomain = (situation: Situation): Action => {
  const { deleting, phase, domain, domainMissingForMs = 0 } = situation;
  if (deleting)
    return phase === 'Scheduled'
      ? finish('Succeeded', 'The VirtualMachineInstance was stopped before it ran.')
      : finish('Failed', 'The domain was gone when the VirtualMachineInstance was to be stopped.');
  if (phase === 'Scheduled') return { do: 'start' };
  // It ran, so it must not be started again: that would be another life of the same VMI.
  if (domainMissingForMs < DOMAIN_MISSING_MS) return wait(RECONNECT_MS);
  return finish(
    'Failed',
    domain === undefined ? 'The domain disappeared from libvirt.' : 'The domain ended and libvirt does not know how.',
  );
};

const domainUp = (situation: Situation): Action => {
  const { deleting, deletingForMs = 0, gracePeriodSeconds, signalledMsAgo, domain } = situation;
  if (!deleting) return { do: 'report' };
  const leftMs = gracePeriodSeconds * 1000 - deletingForMs;
  if (leftMs <= 0) return { do: 'destroy' };
  if (domain?.state === 'stopping') return wait(Math.min(SIGNAL_REPEAT_MS, leftMs));
  if (signalledMsAgo !== undefined && signalledMsAgo < SIGNAL_REPEAT_MS)
    return wait(Math.min(SIGNAL_REPEAT_MS - signalledMsAgo, leftMs));
  return { do: 'shutdown', againInMs: Math.min(SIGNAL_REPEAT_MS, leftMs) };
};
