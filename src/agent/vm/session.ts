import { dedicatedCpus } from '../../api/vmi/dedicated-cpus.js';
import { domainName } from '../../api/names.js';
import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import type { ClusterConfig } from '../../api/settings/cluster-config.js';
import { buildDomain, domainNotices, type DomainContext } from '../../domain/index.js';
import type { Clock } from '../../kube/clock.js';
import { errorMessage } from '../../kube/client/api-error.js';
import { gracePeriod } from '../../launcher/index.js';
import { foreignText } from '../hypervisor/foreign-text.js';
import { readGuestInfo, type GuestInfo } from '../hypervisor/guest-agent.js';
import type { DomainChange, DomainStatistics, DomainView, Hypervisor, StopReason } from '../hypervisor/hypervisor.js';
import type { Launcher } from '../pod/launcher.js';
import { LookBudget } from './observe-rate.js';
import type { Situation } from './decide.js';
import { SocketPathError } from '../pod/sockets.js';
import { prepareVolumes } from '../volumes/prepare.js';

/** What a start needs to know about the node and the cluster. */
export interface StartContext {
  readonly config: ClusterConfig;
  /** The node's KVM works (its self-test passed). */
  readonly kvmUsable: boolean;
  readonly nodeLabels: Readonly<Record<string, string>>;
  /** libvirt in the launcher image has the passt backend (9.2 and newer). */
  readonly passt: boolean;
}

/** An event's words. */
export interface StartNotice {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

/** Told while a VM starts. */
export interface StartProgress {
  /** The domain is defined. */
  readonly defined: () => void;
  /** Something is not quite as it was asked for. */
  readonly notice: (notice: StartNotice) => void;
}

/** What the steps of a start took: preparing volumes, defining the domain, libvirt's start of QEMU. */
export interface StartTimings {
  readonly volumesMs: number;
  readonly defineMs: number;
  readonly startMs: number;
}

/** How often the guest agent's word is refreshed: interfaces and OS, spec/domain.md §9.6. */
export const GUEST_INFO_REFRESH_MS = 120_000;

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

/**
 * The agent's hold on one VM: its launcher, the connection to its libvirtd, and what was seen of it. Everything here can be
 * found out again, so an agent that was killed goes on from any point.
 */
export class Session {
  /** Of the last start. */
  timings: StartTimings | undefined;
  private hypervisor: Hypervisor | undefined;
  /** Marks the connection whose words count: one that was given up may still speak while it closes. */
  private link: object | undefined;
  private readonly looks: LookBudget;
  private view: DomainView | undefined;
  private stopSeen: StopReason | undefined;
  private signalledAt: number | undefined;
  private seenAlive = false;
  private connectProblem: { starting: boolean; message: string } | undefined;
  private guest: { info: GuestInfo; at: number } | undefined;
  private readonly launcherGone: Since;
  private readonly disconnected: Since;
  private readonly domainMissing: Since;
  private readonly deleting: Since;

  constructor(
    readonly vmiUid: string,
    readonly podUid: string,
    readonly launcher: Launcher,
    private readonly clock: Clock,
    /** Called when something changed that the VM should be looked at for, now or after some milliseconds. */
    private readonly changed: (afterMs: number) => void,
  ) {
    this.looks = new LookBudget(clock);
    this.launcherGone = new Since(clock);
    this.disconnected = new Since(clock);
    this.domainMissing = new Since(clock);
    this.deleting = new Since(clock);
  }

  /** Looks at the launcher and the domain, connecting first if need be. Never throws for a VM that misbehaves. */
  async look(vmi: VirtualMachineInstance): Promise<Situation> {
    const alive = await this.launcher.alive();
    if (alive && this.hypervisor === undefined) await this.connect();
    this.view = await this.observe();
    const connected = this.hypervisor !== undefined;
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
      starting: this.connectProblem?.starting,
      domain: this.view === undefined ? undefined : { ...this.view, ours: this.view.xml.vmiUid === this.vmiUid },
      domainMissingForMs: this.domainMissing.update(
        connected && (this.view === undefined || this.view.state === 'off'),
      ),
      stopSeen: this.stopSeen,
    };
  }

  /**
   * How long ago the deletion began. An agent that saw the VMI before goes by its own clock, one that came later by the
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

  private async connect(): Promise<void> {
    const link = {};
    this.link = link;
    try {
      const hypervisor = await this.launcher.connect((change) => {
        if (this.link === link) this.onChange(change);
      });
      this.hypervisor = hypervisor;
      this.connectProblem = undefined;
    } catch (error) {
      this.connectProblem = {
        starting: error instanceof SocketPathError && error.missing,
        message: problemText(error),
      };
    }
  }

  private onChange(change: DomainChange): void {
    if (change.kind === 'stopped' && change.reason !== 'unknown') this.stopSeen = change.reason;
    if (change.kind === 'disconnected') this.hypervisor = undefined;
    this.changed(this.looks.take());
  }

  private async observe(): Promise<DomainView | undefined> {
    const { hypervisor } = this;
    if (hypervisor === undefined) return undefined;
    try {
      return await hypervisor.observe();
    } catch (error) {
      // The connection is of no use when it cannot even tell the state; a new one shows what is wrong.
      this.connectProblem = { starting: false, message: problemText(error) };
      this.hypervisor = undefined;
      this.link = undefined;
      void hypervisor.close();
      return undefined;
    }
  }

  private result(): StopReason | undefined {
    try {
      return this.launcher.result();
    } catch {
      // Something hostile stands where the file should be: then the pod told nothing.
      return undefined;
    }
  }

  /** Why libvirtd cannot be reached, for the condition. */
  get problem(): string | undefined {
    return this.connectProblem?.message;
  }

  get domain(): DomainView | undefined {
    return this.view;
  }

  /**
   * Volumes, definition, start. Safe to repeat after a kill at any point.
   * @throws VolumeError, DomainError, LibvirtError, CommandError
   */
  async start(
    vmi: VirtualMachineInstance,
    context: StartContext,
    progress: StartProgress,
  ): Promise<DomainView | undefined> {
    const hypervisor = this.require();
    await this.clearForeign(hypervisor);
    const begin = this.clock.now();
    const workspace = await this.launcher.workspace();
    const disks = await prepareVolumes(vmi, workspace, {
      imageSource: (volume, index) => this.launcher.imageSource(volume, index),
      claimBlockDevice: (volume) => this.launcher.claimBlockDevice(volume),
      makeDiskFile: (volume, name, bytes) => this.launcher.makeDiskFile(volume, name, bytes),
      memoryLimitBytes: context.config.diskVerification.memoryLimit.value(),
      reserveBytes: context.config.minimumReservePVCBytes,
      toleratePercent: context.config.pvcTolerateLessSpaceUpToPercent,
      notice: progress.notice,
    });
    const prepared = this.clock.now();
    const domainContext: DomainContext = {
      config: context.config,
      paths: workspace.paths,
      kvmAvailable: context.kvmUsable && (await this.launcher.claimKvm()),
      node: { labels: context.nodeLabels },
      ...(dedicatedCpus(vmi) === undefined ? {} : { exclusiveCpus: await this.launcher.exclusiveCpus() }),
      disks,
      network: { passt: context.passt },
    };
    await hypervisor.define(buildDomain(vmi, domainContext));
    progress.defined();
    for (const notice of domainNotices(vmi, domainContext)) progress.notice({ type: 'Warning', ...notice });
    this.stopSeen = undefined;
    const defineDone = this.clock.now();
    await hypervisor.start({ paused: vmi.spec.startStrategy === 'Paused' });
    this.timings = {
      volumesMs: prepared - begin,
      defineMs: defineDone - prepared,
      startMs: this.clock.now() - defineDone,
    };
    this.view = await hypervisor.observe();
    return this.view;
  }

  /** A domain of this name that another VMI left behind has no right to the pod. */
  private async clearForeign(hypervisor: Hypervisor): Promise<void> {
    if (this.view === undefined || this.view.xml.vmiUid === this.vmiUid) return;
    if (this.view.state !== 'off') await hypervisor.destroy();
    await hypervisor.undefine();
  }

  /** Presses the power button. @returns whether it is the first time */
  async signalShutdown(): Promise<boolean> {
    const first = this.signalledAt === undefined;
    this.signalledAt = this.clock.now();
    await this.require().requestShutdown();
    return first;
  }

  async destroy(): Promise<void> {
    await this.require().destroy();
    this.stopSeen ??= 'destroyed';
  }

  /** The guest's own word, asked for when its agent appears and now and then afterwards. */
  async guestInfo(): Promise<GuestInfo | undefined> {
    if (this.view?.xml.guestAgentConnected !== true || this.hypervisor === undefined) {
      this.guest = undefined;
      return undefined;
    }
    const fresh = this.guest !== undefined && this.clock.now() - this.guest.at < GUEST_INFO_REFRESH_MS;
    if (!fresh) this.guest = { info: await readGuestInfo(this.hypervisor), at: this.clock.now() };
    return this.guest?.info;
  }

  /** What the guest uses; undefined while that cannot be known. */
  async statistics(): Promise<DomainStatistics | undefined> {
    return this.hypervisor?.statistics();
  }

  /** The connection, for what a user asks of a running guest. @throws Error when there is none */
  require(): Hypervisor {
    if (this.hypervisor === undefined) throw new Error('libvirtd in the launcher pod does not answer');
    return this.hypervisor;
  }

  async close(): Promise<void> {
    const { hypervisor } = this;
    this.hypervisor = undefined;
    this.link = undefined;
    await hypervisor?.close();
  }
}

/** It is kept as long as it stays, and may be libvirtd's words. */
const problemText = (error: unknown): string => foreignText(errorMessage(error), MAX_PROBLEM_BYTES);
const MAX_PROBLEM_BYTES = 1_024;

/** The domain's name of a VMI. */
export const domainOf = (vmi: VirtualMachineInstance): string =>
  domainName(vmi.metadata?.namespace ?? '', vmi.metadata?.name ?? '');
