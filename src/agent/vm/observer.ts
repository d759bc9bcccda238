import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import { gracePeriod } from '../../api/vmi/grace-period.js';
import type { Clock } from '../../kube/clock.js';
import type { DomainView, StopReason } from '../hypervisor/hypervisor.js';
import type { Launcher } from '../pod/launcher.js';
import type { Situation } from './decide.js';
import type { HypervisorLink } from './hypervisor-link.js';

/** Since when something has been so; undefined while it is not. */
class Since {
  private at: number | undefined;
  constructor(private readonly clock: Clock) {}
  update(is: boolean): number | undefined {
    if (!is) this.at = undefined;
    else this.at ??= this.clock.now();
    return this.at === undefined ? undefined : this.clock.now() - this.at;
  }
}

/** What is seen of one VM, and since when: from it and nothing else the next step is decided. */
export class Observer {
  private view: DomainView | undefined;
  /** The domain was seen to stop; libvirtd may have ended since. */
  private stop: StopReason | undefined;
  private signalledAt: number | undefined;
  private seenAlive = false;
  /** How many processes had been killed when the guest was first seen to run, and when it was seen to crash. */
  private killedBefore: number | undefined;
  private killedAfter: number | undefined;
  private readonly launcherGone: Since;
  private readonly disconnected: Since;
  private readonly domainMissing: Since;
  private readonly deleting: Since;
  private readonly unexplained: Since;

  constructor(
    private readonly vmiUid: string,
    private readonly launcher: Pick<Launcher, 'alive' | 'result' | 'toldToStop' | 'oomKills'>,
    private readonly link: HypervisorLink,
    private readonly clock: Clock,
  ) {
    this.launcherGone = new Since(clock);
    this.disconnected = new Since(clock);
    this.domainMissing = new Since(clock);
    this.deleting = new Since(clock);
    this.unexplained = new Since(clock);
  }

  /** The domain as it was last seen. */
  get domain(): DomainView | undefined {
    return this.view;
  }

  /** Observes the launcher and the domain, connecting first if need be. Never throws for a VM that misbehaves. */
  async observe(vmi: VirtualMachineInstance): Promise<Situation> {
    const alive = await this.launcher.alive();
    if (alive) await this.link.connect();
    this.view = await this.link.observe();
    if (alive) await this.countKills();
    const connected = this.link.open !== undefined;
    const launcherGoneForMs = this.launcherGone.update(!alive);
    return {
      phase: vmi.status?.phase ?? '',
      ...this.deletion(vmi),
      gracePeriodSeconds: gracePeriod(vmi),
      signalledMsAgo: this.signalledAt === undefined ? undefined : this.clock.now() - this.signalledAt,
      launcher: alive ? 'alive' : 'gone',
      launcherGoneForMs,
      launcherResult: alive ? undefined : this.result(),
      connected,
      disconnectedForMs: this.disconnected.update(!connected),
      starting: this.link.starting,
      domain: this.view === undefined ? undefined : { ...this.view, ours: this.view.xml.vmiUid === this.vmiUid },
      domainMissingForMs: this.domainMissing.update(
        connected && (this.view === undefined || this.view.state === 'off'),
      ),
      stopSeen: this.stop,
      oomKilled: (this.killedAfter ?? 0) > (this.killedBefore ?? 0),
      unexplainedForMs: this.unexplained.update(this.isUnexplained(vmi, alive)),
    };
  }

  /** See {@link Situation}. The controller writes the reason of a pod's removal as soon as it begins. */
  private isUnexplained({ metadata, spec, status }: VirtualMachineInstance, alive: boolean): boolean {
    if (spec.livenessProbe === undefined || metadata?.deletionTimestamp !== undefined) return false;
    if (status?.reason !== undefined && status.reason !== '') return false;
    const stopped = this.stop !== undefined || this.view?.state === 'off' || !alive;
    return stopped && this.toldToStop();
  }

  private toldToStop(): boolean {
    try {
      return this.launcher.toldToStop();
    } catch {
      // Something hostile stands where the file should be.
      return false;
    }
  }

  /** The domain was looked at outside of {@link observe}. */
  domainSeen(view: DomainView | undefined): void {
    this.view = view;
  }

  /** A domain was defined again: how an earlier one stopped says nothing about it. */
  domainDefined(): void {
    this.stop = undefined;
  }

  /** libvirt reported a stop. */
  stopReported(reason: StopReason): void {
    if (reason !== 'unknown') this.stop = reason;
    // In a moment the pod has ended, and its count with it.
    if (reason === 'crashed') void this.countKills();
  }

  /** Once when the guest runs, and once when it has crashed. */
  private async countKills(): Promise<void> {
    const state = this.view?.state;
    const crashed = this.stop === 'crashed' || (this.view?.state === 'off' && this.view.reason === 'crashed');
    if (crashed) this.killedAfter ??= await this.kills();
    else if (state !== undefined && state !== 'off') this.killedBefore ??= await this.kills();
  }

  private async kills(): Promise<number | undefined> {
    try {
      return await this.launcher.oomKills();
    } catch {
      // The pod has ended, or is not confined: kubelet will tell how it ended.
      return undefined;
    }
  }

  /** We ended the domain, whose event may be lost. */
  domainDestroyed(): void {
    this.stop ??= 'destroyed';
  }

  /** The guest is asked to power off. @returns whether for the first time */
  shutdownSignalled(): boolean {
    const first = this.signalledAt === undefined;
    this.signalledAt = this.clock.now();
    return first;
  }

  /**
   * How long ago the deletion began. An agent that saw the VMI before uses its own clock, one that started later the
   * API server's time stamp: a restart of the agent does not give the guest a second grace period.
   */
  private deletion(vmi: VirtualMachineInstance): Pick<Situation, 'deleting' | 'deletingForMs'> {
    const stamp = vmi.metadata?.deletionTimestamp;
    const deleting = typeof stamp === 'string';
    if (!deleting) this.seenAlive = true;
    const own = this.deleting.update(deleting);
    if (!deleting || own === undefined) return { deleting };
    const deletingForMs = this.seenAlive ? own : Math.max(own, this.clock.now() - Date.parse(stamp));
    return { deleting, deletingForMs };
  }

  private result(): StopReason | undefined {
    try {
      return this.launcher.result();
    } catch {
      // Something hostile stands where the file should be: then the pod reported nothing.
      return undefined;
    }
  }
}
