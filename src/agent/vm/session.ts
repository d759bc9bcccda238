import { domainName } from '../../api/names.js';
import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import { planLiveChanges } from '../../domain/index.js';
import type { Clock } from '../../kube/clock.js';
import { CredentialKeeper, type CredentialState } from '../credentials/keeper.js';
import type { GuestInfo } from '../hypervisor/guest-agent.js';
import type { DomainChange, DomainView, Hypervisor } from '../hypervisor/hypervisor.js';
import type { GuestUsage } from '../hypervisor/guest-usage.js';
import type { DomainStatistics, DomainUsage } from '../hypervisor/statistics.js';
import type { Launcher } from '../pod/launcher.js';
import { networkWish } from '../network/vm-network.js';
import type { PodUsage } from '../pod/pod-usage.js';
import type { Situation } from './decide.js';
import { CpuLimit } from './cpu-limit.js';
import { Freezer } from './freezer.js';
import { GuestExecutions } from './guest-executions.js';
import { GuestInfoCache } from './guest-info-cache.js';
import { GuestQuestions } from './guest-questions.js';
import { GuestUsageCache } from './guest-usage-cache.js';
import { HypervisorLink } from './hypervisor-link.js';
import { ensureRealtime } from './memory-rights.js';
import { ObserveRate } from './observe-rate.js';
import { Observer } from './observer.js';
import { ProbePause } from './probe-pause.js';
import { FROZEN } from './status.js';
import { Starter, type StartContext, type StartProgress, type StartTimings } from './starter.js';

/**
 * The agent's handle on one VM: its launcher, the connection to its libvirtd, what is seen of it, and what can be done
 * to it. Everything here can be determined again, so an agent that was killed continues from any point.
 */
export class Session {
  /** Of the last start. */
  timings: StartTimings | undefined;
  private readonly link: HypervisorLink;
  private readonly observer: Observer;
  private readonly starter: Starter;
  private readonly guest: GuestInfoCache;
  private readonly guestUsed: GuestUsageCache;
  private readonly looks: ObserveRate;
  readonly cpuLimit: CpuLimit;
  /** What users ask the guest's agent. */
  readonly questions: GuestQuestions;
  readonly executions: GuestExecutions;
  readonly freezer: Freezer;
  readonly probePause: ProbePause;
  private readonly credentialKeeper: CredentialKeeper;
  /** The vCPUs are scheduled as the VM asks. */
  private realtime = false;

  constructor(
    readonly vmiUid: string,
    readonly podUid: string,
    readonly launcher: Launcher,
    clock: Clock,
    /** Called when something changed that the VM should be looked at for, now or after some milliseconds. */
    private readonly changed: (afterMs: number) => void,
  ) {
    this.link = new HypervisorLink(launcher, (change) => this.onChange(change));
    this.observer = new Observer(vmiUid, launcher, this.link, clock);
    this.starter = new Starter(launcher, clock);
    this.guest = new GuestInfoCache(clock);
    this.guestUsed = new GuestUsageCache(clock);
    this.looks = new ObserveRate(clock);
    this.questions = new GuestQuestions(clock);
    this.executions = new GuestExecutions(clock);
    const agent = (): Hypervisor | undefined => this.guestAgent;
    this.freezer = new Freezer(agent, clock, () => this.changed(0));
    this.cpuLimit = new CpuLimit(launcher, clock);
    this.probePause = new ProbePause(launcher);
    this.credentialKeeper = new CredentialKeeper(launcher, clock, () => this.changed(0));
  }

  /** Looks at the launcher and the domain, connecting first if need be. Never throws for a VM that misbehaves. */
  async look(vmi: VirtualMachineInstance): Promise<Situation> {
    const situation = await this.observer.observe(vmi);
    this.freezer.resume(vmi.status?.fsFreezeStatus === FROZEN);
    await this.keepRealtime(vmi);
    return situation;
  }

  /** An agent that was killed in a start may have left the vCPUs as they began. */
  private async keepRealtime(vmi: VirtualMachineInstance): Promise<void> {
    if (vmi.spec.domain.cpu?.realtime === undefined || this.realtime || this.domain?.state !== 'running') return;
    try {
      await ensureRealtime(vmi, this.launcher);
      this.realtime = true;
    } catch {
      // The guest runs on; the next look tries again.
    }
  }

  private onChange(change: DomainChange): void {
    if (change.kind === 'stopped') this.observer.stopReported(change.reason);
    if (change.kind === 'rebooted') this.freezer.rebooted();
    this.changed(this.looks.take());
  }

  /** Why libvirtd cannot be reached, for the condition. */
  get problem(): string | undefined {
    return this.link.problem;
  }

  /** The domain as it was last seen. */
  get domain(): DomainView | undefined {
    return this.observer.domain;
  }

  /**
   * Volumes, definition, start. Safe to repeat after a kill at any point.
   * @throws VolumeError, DomainError, LibvirtError, CommandError
   */
  async start(vmi: VirtualMachineInstance, context: StartContext, progress: StartProgress): Promise<void> {
    const hypervisor = this.link.require();
    await this.clearForeign(hypervisor);
    this.timings = await this.starter.start(vmi, hypervisor, context, {
      ...progress,
      defined: () => {
        this.observer.domainDefined();
        progress.defined();
      },
    });
    this.observer.domainSeen(await hypervisor.observe());
  }

  /** A domain of this name that another VMI left behind has no right to the pod. */
  private async clearForeign(hypervisor: Hypervisor): Promise<void> {
    const { domain } = this;
    if (domain === undefined || domain.xml.vmiUid === this.vmiUid) return;
    if (domain.state !== 'off') await hypervisor.destroy();
    await hypervisor.undefine();
  }

  /**
   * What of the VM may change while its guest runs, step by step, and what became of it.
   * @throws LibvirtError
   */
  async changeLive(vmi: VirtualMachineInstance): Promise<void> {
    const { domain } = this;
    if (domain?.state !== 'running' && domain?.state !== 'paused') return;
    const steps = planLiveChanges(vmi, domain.xml);
    if (steps.length === 0) return;
    const hypervisor = this.link.require();
    for (const step of steps) await hypervisor.change(step);
    this.observer.domainSeen(await hypervisor.observe());
  }

  /**
   * Presses the power button; a guest that is frozen could not write what it has. @returns whether it is the first time
   */
  async signalShutdown(): Promise<boolean> {
    const first = this.observer.shutdownSignalled();
    const hypervisor = this.link.require();
    // Nobody waits: a guest whose agent hangs is told to power off all the same.
    if (this.freezer.mayBeFrozen && this.guestAgent !== undefined) this.freezer.thaw(hypervisor).catch(() => undefined);
    await hypervisor.requestShutdown();
    return first;
  }

  async destroy(): Promise<void> {
    await this.link.require().destroy();
    this.observer.domainDestroyed();
  }

  /** What the guest's agent reports; undefined while there is none. */
  guestInfo(): Promise<GuestInfo | undefined> {
    // While it is frozen its agent answers nothing else.
    return this.freezer.frozen ? Promise.resolve(this.guest.last) : this.guest.get(this.guestAgent);
  }

  /** The connection while the guest's agent has its end of the channel open. */
  private get guestAgent(): Hypervisor | undefined {
    return this.domain?.xml.guestAgentConnected === true ? this.link.open : undefined;
  }

  /** What became of the VM's credentials; undefined: it has none for its guest's agent, or that is not known yet. */
  credentials(vmi: VirtualMachineInstance): CredentialState | undefined {
    return this.freezer.frozen ? this.credentialKeeper.last : this.credentialKeeper.keep(vmi, this.guestAgent);
  }

  /** What the guest uses; undefined while that cannot be known. */
  async statistics(): Promise<DomainStatistics | undefined> {
    return this.link.open?.statistics();
  }

  /** What libvirt counts of the domain; undefined while that cannot be known. */
  async domainUsage(): Promise<DomainUsage | undefined> {
    return this.link.open?.usage();
  }

  /** What the kernel counts of the pod. @throws Error when it has ended, or is not confined */
  async podUsage(): Promise<PodUsage> {
    return (await this.launcher.usage()).read();
  }

  /** Of processor time alone; undefined where there is none. */
  async cpuSeconds(): Promise<number | undefined> {
    return (await this.launcher.usage()).cpuSeconds();
  }

  /** What the guest says of itself, as of the last minute. */
  guestUsage(): GuestUsage | undefined {
    return this.guestUsed.get(this.guestAgent);
  }

  /** The connection, for what a user asks of a running guest. @throws Error when there is none */
  require(): Hypervisor {
    return this.link.require();
  }

  /** For a guest that runs: an agent that ended took with it who answers the guest's questions. */
  resumeNetwork(vmi: VirtualMachineInstance): void {
    const wanted = networkWish(vmi);
    if (wanted !== undefined) this.launcher.network.resume(wanted);
  }

  close(): Promise<void> {
    this.freezer.close();
    this.launcher.network.release();
    return this.link.close();
  }
}

/** The domain's name of a VMI. */
export const domainOf = (vmi: VirtualMachineInstance): string =>
  domainName(vmi.metadata?.namespace ?? '', vmi.metadata?.name ?? '');
