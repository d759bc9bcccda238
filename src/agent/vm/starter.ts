import { TAP } from '../../api/vmi/guest-network.js';
import { dedicatedCpus } from '../../api/vmi/dedicated-cpus.js';
import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import type { ClusterConfig } from '../../api/settings/cluster-config.js';
import { REALTIME_FIELD } from '../../api/vmi/realtime.js';
import { buildDomain, DomainError, domainNotices, type DomainContext } from '../../domain/index.js';
import { errorMessage } from '../../kube/client/api-error.js';
import type { Clock } from '../../kube/clock.js';
import type { Hypervisor } from '../hypervisor/hypervisor.js';
import type { Launcher } from '../pod/launcher.js';
import type { Neighbourhood } from './neighbours.js';
import { networkWish } from '../network/vm-network.js';
import { cardMac } from '../network/wire-links.js';
import type { NetworkFacts } from '../network/wish.js';
import { checkAcpiTables } from '../volumes/acpi-tables.js';
import { prepareKernelBoot } from '../volumes/kernel-boot.js';
import { prepareVolumes } from '../volumes/prepare.js';
import { ensureRealtime, mayLockMemory } from './memory-rights.js';
import type { StartNotice } from './start-notice.js';

/** What a start needs to know about the node and the cluster. */
export interface StartContext {
  readonly config: ClusterConfig;
  /** The node's KVM works (its self-test passed). */
  readonly kvmUsable: boolean;
  readonly nodeLabels: Readonly<Record<string, string>>;
  /** Swap is in use on the node. */
  readonly nodeHasSwap: boolean;
  /** libvirt in the launcher image has the passt backend (9.2 and newer). */
  readonly passt: boolean;
  /** The node and its other VMs. */
  readonly neighbourhood?: Neighbourhood;
}

/** Called while a VM starts. */
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

/** Brings one VM's domain up. Each step may be repeated after a kill at any point. */
export class Starter {
  constructor(
    private readonly launcher: Launcher,
    private readonly clock: Clock,
  ) {}

  /**
   * Volumes, definition, start.
   * @throws VolumeError, DomainError, LibvirtError, CommandError
   */
  async start(
    vmi: VirtualMachineInstance,
    hypervisor: Hypervisor,
    context: StartContext,
    progress: StartProgress,
  ): Promise<StartTimings> {
    const begin = this.clock.now();
    const domainContext = await this.prepare(vmi, context, progress);
    const prepared = this.clock.now();
    await hypervisor.define(buildDomain(vmi, domainContext));
    progress.defined();
    for (const notice of domainNotices(vmi, domainContext)) progress.notice({ type: 'Warning', ...notice });
    const defined = this.clock.now();
    await hypervisor.start({ paused: vmi.spec.startStrategy === 'Paused' });
    await this.giveRealtime(vmi, hypervisor);
    return { volumesMs: prepared - begin, defineMs: defined - prepared, startMs: this.clock.now() - defined };
  }

  /**
   * A guest that cannot keep its deadlines does not run: it would seem to. Its pod ends with it, so that is final.
   * @throws DomainError
   */
  private async giveRealtime(vmi: VirtualMachineInstance, hypervisor: Hypervisor): Promise<void> {
    try {
      await ensureRealtime(vmi, this.launcher);
    } catch (error) {
      await hypervisor.destroy();
      throw new DomainError('NotSupported', errorMessage(error), REALTIME_FIELD);
    }
  }

  private async prepare(
    vmi: VirtualMachineInstance,
    context: StartContext,
    progress: StartProgress,
  ): Promise<DomainContext> {
    const { config } = context;
    const workspace = await this.launcher.workspace();
    const wanted = networkWish(vmi);
    // Beside the volumes: each waits for programs of its own.
    const network = wanted === undefined ? undefined : this.launcher.network.setUp(wanted);
    network?.catch(() => undefined);
    const disks = await prepareVolumes(vmi, workspace, {
      imageSource: (volume, index) => this.launcher.imageSource(volume, index),
      takeBlockDevice: (volume) => this.launcher.takeBlockDevice(volume),
      makeDiskFile: (volume, name, bytes) => this.launcher.makeDiskFile(volume, name, bytes),
      memoryLimitBytes: config.diskVerification.memoryLimit.value(),
      reserveBytes: config.minimumReservePVCBytes,
      toleratePercent: config.pvcTolerateLessSpaceUpToPercent,
      notice: progress.notice,
    });
    await prepareKernelBoot(vmi, workspace, () => this.launcher.kernelImage());
    await checkAcpiTables(vmi, workspace);
    const { nodeHasSwap } = context;
    const question = { vmi, config, nodeHasSwap, launcher: this.launcher, notice: progress.notice };
    return {
      config,
      paths: workspace.paths,
      lockMemory: await mayLockMemory(question),
      kvmAvailable: context.kvmUsable && (await this.launcher.takeKvm()),
      node: { labels: context.nodeLabels },
      ...(dedicatedCpus(vmi) === undefined ? {} : { exclusiveCpus: await this.launcher.exclusiveCpus() }),
      disks,
      network: { passt: context.passt, ...tapsOf(await network) },
    };
  }
}

const tapsOf = (found: NetworkFacts | undefined): Pick<DomainContext['network'], 'tap' | 'attached'> => {
  if (found === undefined) return {};
  const { facts, wires } = found;
  const ends = wires.map((wire) => {
    return [wire.wish.name, { mac: cardMac(wire), mtu: wire.notes.mtu }] as const;
  });
  return {
    ...(facts === undefined ? {} : { tap: { device: TAP, mtu: facts.mtu } }),
    ...(ends.length === 0 ? {} : { attached: Object.fromEntries(ends) }),
  };
};
