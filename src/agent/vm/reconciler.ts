import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import type { VirtualMachineInstanceStatus as Status } from '../../api/schema/virtualmachineinstance-status.js';
import { isAgentPhase } from '../../agent-api/instance-status.js';
import { timestamp } from '../../api/timestamp.js';
import { errorMessage, isConflict, isNotFound } from '../../kube/client/api-error.js';
import type { KubeClient } from '../../kube/client/client.js';
import type { Clock } from '../../kube/clock.js';
import type { EventRecorder } from '../../kube/events.js';
import { tenantOfKey } from '../../kube/work/fair-queue.js';
import type { Log } from '../../kube/program/log.js';
import { mergePatch } from '../../kube/client/patch.js';
import { vmiPath } from '../../kube/client/resources.js';
import type { Outcome } from '../../kube/work/work-queue.js';
import { CREDENTIALS_REFRESH_MS } from '../credentials/keeper.js';
import { foreignText } from '../hypervisor/foreign-text.js';
import type { DomainView } from '../hypervisor/hypervisor.js';
import { Complaints, withoutPaths } from './complaints.js';
import { decide, SIGNAL_REPEAT_MS, type Action, type Situation } from './decide.js';
import { endMessage } from './end-message.js';
import { cpuNotices, requireRoom, StartRefusal } from './neighbours.js';
import {
  finalStatus,
  runningStatus,
  syncProblem,
  withFreeze,
  withSyncProblem,
  type Emulation,
  type End,
} from './status.js';
import { GUEST_INFO_REFRESH_MS } from './guest-info-cache.js';
import { isSameLife } from './news.js';
import { isPermanent } from './permanent.js';
import { reportEvents } from './report-events.js';
import type { Session } from './session.js';
import type { SessionTable } from './session-table.js';
import { StartPlaces } from './start-places.js';
import type { StartContext } from './starter.js';

export interface ReconcilerOptions {
  readonly client: Pick<KubeClient, 'patch'>;
  readonly events: Pick<EventRecorder, 'event'>;
  readonly sessions: SessionTable;
  /** The informer's copy. */
  readonly get: (key: string) => VirtualMachineInstance | undefined;
  readonly startContext: () => StartContext;
  readonly clock: Clock;
  readonly log: Log;
  /** Starts at a time. */
  readonly parallelStarts?: number;
}

/** The informer sees our own write within this; a lost race is looked at again then. */
const CONFLICT_RETRY_MS = 50;
/** A destroyed guest's end is seen by its event; this is for a lost one. */
const AFTER_DESTROY_MS = 1_000;
/** A slow resync, for changes that no event reports. */
const RESYNC_MS = 300_000;

/** Brings the VMIs of this node and their domains together: one call of {@link handle} makes one step for one VM. */
export class Reconciler {
  private readonly starts: StartPlaces;
  /** The result of our last write, until the informer has it: else every step would write it again. */
  private readonly written = new Map<string, { over: string; object: VirtualMachineInstance }>();

  private readonly complaints: Complaints;

  constructor(private readonly options: ReconcilerOptions) {
    this.complaints = new Complaints(options.clock);
    this.starts = new StartPlaces(options.clock, options.parallelStarts);
  }

  /** For a work queue: keys of one VM never run at the same time. Throws for what should be tried again later. */
  readonly handle = async (key: string): Promise<Outcome | undefined> => {
    const vmi = this.current(key);
    const session =
      vmi !== undefined && isAgentPhase(vmi.status?.phase) ? this.options.sessions.forVmi(key, vmi) : undefined;
    if (vmi === undefined || session === undefined) {
      this.starts.forget(key);
      await this.options.sessions.release(key);
      if (vmi !== undefined && isAgentPhase(vmi.status?.phase) && this.options.sessions.isHere(vmi))
        await this.untilControllerNamesPod(key, vmi);
      else this.forget(key);
      return undefined;
    }
    const action = decide(await this.look(key, vmi, session));
    this.options.log.debug({ vmi: key, action }, 'decided');
    try {
      return await this.carryOut(action, key, vmi, session);
    } catch (error) {
      if (isConflict(error)) return { requeueAfterMs: CONFLICT_RETRY_MS };
      if (isNotFound(error)) return undefined;
      throw error;
    }
  };

  private forget(key: string): void {
    this.written.delete(key);
    this.complaints.forget(key);
  }

  private async look(key: string, vmi: VirtualMachineInstance, session: Session): Promise<Situation> {
    try {
      return await session.look(vmi);
    } catch (error) {
      // Nothing is done with a pod whose processes cannot be identified.
      const problem = shorten(errorMessage(error));
      await this.complain(key, vmi, problem);
      throw error;
    }
  }

  /**
   * Only virt-controller knows whose pod it is, and writes it to the VMI, which the informer observes. An older
   * virt-controller did not write it at the hand-over.
   */
  private async untilControllerNamesPod(key: string, vmi: VirtualMachineInstance): Promise<void> {
    try {
      await this.complain(key, vmi, NO_POD);
    } catch (error) {
      // Another program wrote meanwhile, perhaps the controller: that write enqueues the VMI again.
      if (!isConflict(error) && !isNotFound(error)) throw error;
    }
  }

  private current(key: string): VirtualMachineInstance | undefined {
    const cached = this.options.get(key);
    const own = this.written.get(key);
    if (cached !== undefined && own !== undefined && cached.metadata?.resourceVersion === own.over) return own.object;
    this.written.delete(key);
    return cached;
  }

  private async carryOut(
    action: Action,
    key: string,
    vmi: VirtualMachineInstance,
    session: Session,
  ): Promise<Outcome | undefined> {
    switch (action.do) {
      case 'release':
        await this.options.sessions.release(key);
        return undefined;
      case 'wait':
        return this.wait(action, key, vmi, session);
      case 'start':
        return this.starts.run(tenantOfKey(key), key, () => this.start(key, vmi, session));
      case 'report':
        return this.report(key, vmi, session);
      case 'shutdown':
        return this.shutdown(action.againInMs, vmi, session);
      case 'destroy':
        this.options.events.event(vmi, 'Normal', 'Deleted', 'VirtualMachineInstance stopping');
        await session.destroy();
        return { requeueAfterMs: AFTER_DESTROY_MS };
      case 'terminate':
        await session.launcher.terminate();
        return { requeueAfterMs: SIGNAL_REPEAT_MS };
      case 'finish':
        return this.finish(action, key, vmi, session);
    }
  }

  private async wait(
    { forMs, problem }: { forMs: number; problem?: string },
    key: string,
    vmi: VirtualMachineInstance,
    session: Session,
  ): Promise<Outcome> {
    if (problem !== undefined) {
      const detail = session.problem === undefined ? problem : `${problem} (${withoutPaths(session.problem)})`;
      // The detail may be another each time, and is the guest's uid's to choose: one is enough.
      if (syncProblem(vmi.status)?.startsWith(problem) !== true) await this.complain(key, vmi, shorten(detail));
    }
    return { requeueAfterMs: forMs };
  }

  /** A problem is reported in the condition and in one event, where it is news. */
  private async complain(key: string, vmi: VirtualMachineInstance, problem: string, reason?: string): Promise<void> {
    if (!this.complaints.isNews(key, syncProblem(vmi.status), problem)) return;
    const status = withSyncProblem(vmi.status ?? {}, problem, timestamp(this.options.clock.now()), reason);
    if (await this.write(key, vmi, status)) this.options.events.event(vmi, 'Warning', reason ?? 'SyncFailed', problem);
  }

  private async start(key: string, vmi: VirtualMachineInstance, session: Session): Promise<Outcome | undefined> {
    // The start may have waited for others; meanwhile the user may have changed his mind.
    if (!isSameLife(this.current(key), vmi)) return { requeueAfterMs: 0 };
    const { events, log } = this.options;
    try {
      const context = this.options.startContext();
      const { neighbourhood: hood, config } = context;
      if (hood !== undefined) requireRoom(vmi, hood, config);
      await session.start(vmi, context, {
        defined: () => events.event(vmi, 'Normal', 'Created', 'VirtualMachineInstance defined.'),
        notice: ({ type, reason, message }) => events.event(vmi, type, reason, message),
      });
    } catch (error) {
      const message = shorten(errorMessage(error));
      log.warn({ vmi: key, error: message }, 'start failed');
      // It was told to stop in the middle of its start, and its pod ends: that is no failure of it.
      if (!isSameLife(this.current(key), vmi)) return { requeueAfterMs: 0 };
      await this.complain(key, vmi, message, error instanceof StartRefusal ? error.reason : undefined);
      if (!isPermanent(error)) throw error;
      return this.finish({ phase: 'Failed', message }, key, this.current(key) ?? vmi, session);
    }
    const { neighbourhood: hood, config } = this.options.startContext();
    for (const { type, reason, message } of hood === undefined ? [] : cpuNotices(vmi, hood, config))
      events.event(vmi, type, reason, message);
    log.info({ vmi: key, ...session.timings }, 'VM started');
    return this.report(key, vmi, session);
  }

  private async report(key: string, vmi: VirtualMachineInstance, session: Session): Promise<Outcome | undefined> {
    // What cannot be changed is told and tried again, and holds up nothing else that the guest needs.
    const failure = await session.changeLive(vmi).catch((error: unknown) => ({ error }));
    const { domain } = session;
    // It ended the moment it began; the event of that is in the queue.
    if (domain === undefined || domain.state === 'off') return { requeueAfterMs: AFTER_DESTROY_MS };
    session.resumeNetwork(vmi);
    await this.limitCpu(vmi, session);
    const guest = await session.guestInfo();
    const credentials = session.credentials(vmi);
    const now = timestamp(this.options.clock.now());
    const standing = syncProblem(vmi.status);
    const said = failure === undefined ? undefined : shorten(errorMessage(failure.error));
    const news = said !== undefined && this.complaints.isNews(key, standing, said) ? said : undefined;
    const problem = said === undefined ? undefined : (news ?? standing);
    const running = runningStatus(vmi, domain, guest, this.emulation(domain), now, credentials, problem);
    await this.write(key, vmi, withFreeze(running, session.freezer.frozen));
    if (news !== undefined) this.options.events.event(vmi, 'Warning', 'SyncFailed', news);
    for (const { type, reason, message } of reportEvents(vmi.status, domain, credentials, session.freezer))
      this.options.events.event(vmi, type, reason, message);
    await session.probePause.keep(vmi);
    if (failure !== undefined) throw failure.error;
    if (guest === undefined) return { requeueAfterMs: RESYNC_MS };
    return { requeueAfterMs: credentials === undefined ? GUEST_INFO_REFRESH_MS : CREDENTIALS_REFRESH_MS };
  }

  /** Before anything else is asked of a VM that has come up: until then its guest may take what its pod may. */
  private async limitCpu(vmi: VirtualMachineInstance, session: Session): Promise<void> {
    const problem = await session.cpuLimit.keep(vmi, this.options.startContext().config);
    if (problem === undefined) return;
    this.options.events.event(vmi, 'Warning', 'CPUTuningUnavailable', shorten(problem));
  }

  private emulation({ xml }: DomainView): Emulation | undefined {
    if (!xml.emulated) return undefined;
    return this.options.startContext().kvmUsable ? 'chosen' : 'unavailable';
  }

  private async shutdown(againInMs: number, vmi: VirtualMachineInstance, session: Session): Promise<Outcome> {
    const first = await session.signalShutdown();
    if (first) this.options.events.event(vmi, 'Normal', 'ShuttingDown', 'Signaled Graceful Shutdown');
    return { requeueAfterMs: againInMs };
  }

  private async finish(end: End, key: string, vmi: VirtualMachineInstance, session: Session): Promise<undefined> {
    const { phase, reason } = end;
    const message = endMessage(end, vmi);
    const status = finalStatus(vmi.status ?? {}, { ...end, message }, timestamp(this.options.clock.now()));
    await this.write(key, vmi, status);
    this.options.events.event(vmi, phase === 'Succeeded' ? 'Normal' : 'Warning', reason ?? 'Stopped', message);
    this.options.log.info({ vmi: key, phase, reason: message }, 'VM ended');
    // The entrypoint ends with its guest by itself; where there was no guest it has to be asked to end.
    if (session.domain === undefined || session.domain.state === 'off')
      await session.launcher.terminate().catch((error: unknown) => {
        // The controller removes a pod that does not end by itself.
        this.options.log.warn({ vmi: key, error: errorMessage(error) }, 'launcher could not be asked to end');
      });
    await this.options.sessions.release(key);
    return undefined;
  }

  /** Writes what changed of the status, if anything. @returns whether it wrote */
  private async write(key: string, vmi: VirtualMachineInstance, status: Status): Promise<boolean> {
    const patch = mergePatch({ status: vmi.status }, { status });
    if (patch === undefined) return false;
    const { namespace = '', name = '', resourceVersion, uid } = vmi.metadata ?? {};
    // The uid is a precondition too: a VMI of the same name that came after this one must not get its status.
    const body = { metadata: { resourceVersion, uid }, ...patch };
    const object = await this.options.client.patch<VirtualMachineInstance>(vmiPath(namespace, name), body, 'merge');
    // A second write may follow the first before the informer has either.
    const own = this.written.get(key);
    const over = own?.object.metadata?.resourceVersion === resourceVersion ? own?.over : resourceVersion;
    if (over !== undefined && this.options.get(key)?.metadata?.resourceVersion === over)
      this.written.set(key, { over, object });
    return true;
  }
}

/** What is said of a VMI that is handed over without its pod. */
const NO_POD =
  'Waiting for virt-controller to write into status.launcherPod which pod and containers are the VM’s: the agent acts on no other.';

/** What libvirtd and the tools in the pod say may be of any length if an attacker has taken over the pod. */
const MAX_MESSAGE_BYTES = 1_024;
const shorten = (message: string): string => foreignText(message, MAX_MESSAGE_BYTES);
