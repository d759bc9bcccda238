import type { FileHandle } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { LIBVIRT_SOCKET_IN_PRIVATE, PodVolume, podPaths, type VmPaths } from '../../api/pod-layout.js';
import { KERNEL_BOOT } from '../../api/vmi/kernel-boot.js';
import type { LauncherPod } from '../../api/schema/virtualmachineinstance-status.js';
import { COMPUTE_CONTAINER, containerDiskContainer, KERNEL_BOOT_CONTAINER } from '../../launcher/index.js';
import type { CpuSpread } from '../../api/vmi/cpu-spread.js';
import type { ExclusiveCpus } from '../../domain/index.js';
import { systemClock } from '../../kube/clock.js';
import { awaitedProcess } from './awaited-process.js';
import { Confinement } from './confinement.js';
import { containerCgroups, type ContainerCgroups } from './container-cgroups.js';
import { takeBlockDevice, claimDevice } from './device-owner.js';
import { findCpuCgroup, type CpuCgroup } from './cpu-cgroup.js';
import { tuneCpu, type CpuTuningRequest } from './cpu-tuning.js';
import { makeDiskFile } from './disk-file-maker.js';
import { exclusiveCpus } from './exclusive-cpus.js';
import { MAX_RESULT_BYTES, parseLauncherResult, resultFile, toldToStopFile } from './launcher-result.js';
import type { Launcher } from './launcher.js';
import type { Diallers } from '../network/diallers.js';
import type { PodNetworks } from '../network/network-thread.js';
import { PodGuestNetwork } from '../network/pod-guest-network.js';
import { raiseMemoryLock } from './memory-lock.js';
import { scheduleRealtime } from './realtime.js';
import type { DomainChange, Hypervisor, StopReason } from '../hypervisor/hypervisor.js';
import { LibvirtHypervisor } from '../hypervisor/libvirt-hypervisor.js';
import { firstProcess, isStillThere, type ContainerIdentity, type ContainerProcess } from './pod-process.js';
import { oomKills } from './oom-kills.js';
import { PodUsageReader } from './pod-usage.js';
import { connectSocketPath, openPodFile, readPodFile } from './sockets.js';
import type { ImageSource } from '../volumes/preparation.js';
import { VolumeError, type Owner } from '../volumes/volume-error.js';
import type { CommandRunner } from '../workspace/command.js';
import { PodWorkspace } from '../workspace/pod-workspace.js';
import type { Workspace } from '../workspace/workspace.js';

export interface PodLauncherOptions {
  /** `status.launcherPod` of the VMI: the pod and the containers that are believed to be the VM's. */
  readonly pod: LauncherPod;
  readonly vmiUid: string;
  /** Of the VM. */
  readonly namespace: string;
  readonly domain: string;
  /** kubelet's directory of pods, as the agent sees it. */
  readonly podsDirectory: string;
  /** How commands are run in the pod. */
  readonly run: CommandRunner;
  readonly networks: PodNetworks;
  readonly diallers: Diallers;
  /** Something of the VM is not as it should be, and nobody waits for it. */
  readonly warn: (message: string) => void;
}

/** A path in the pod as names below one of its volumes. */
const stepsBelow = (volume: string, path: string): string[] => path.slice(volume.length + 1).split('/');

/** A launcher pod on this node. */
export class PodLauncher implements Launcher {
  /** First processes, by the name of their container. Once found, none that comes later is taken for it. */
  private readonly known = new Map<string, ContainerProcess>();
  /** kubelet made these steps, nobody in the pod can change them; what is below belongs to the pod. */
  private readonly privateDirectory: string;
  private readonly ephemeralDirectory: string;
  private cgroups: ContainerCgroups | undefined;
  readonly network: PodGuestNetwork;
  private cpuCgroup: CpuCgroup | undefined;
  private reader: PodUsageReader | undefined;

  constructor(private readonly options: PodLauncherOptions) {
    const { podsDirectory, pod } = options;
    const volumes = join(podsDirectory, pod.uid, 'volumes', 'kubernetes.io~empty-dir');
    this.privateDirectory = join(volumes, PodVolume.private.name);
    this.ephemeralDirectory = join(volumes, PodVolume.ephemeralDisks.name);
    this.network = new PodGuestNetwork({
      ...options,
      place: async () => ({ process: await this.requireCompute(), container: this.identity(COMPUTE_CONTAINER) }),
    });
  }

  async alive(): Promise<boolean> {
    return (await this.compute()) !== undefined;
  }

  async oomKills(): Promise<number | undefined> {
    // What was found once is asked at once: when it matters the container is about to end.
    this.cgroups ??= await containerCgroups(
      (await this.requireCompute()).pid,
      this.identity(COMPUTE_CONTAINER),
      this.options.run,
    );
    return oomKills(this.cgroups);
  }

  result(): StopReason | undefined {
    return parseLauncherResult(readPodFile(this.privateDirectory, resultFile(this.options.vmiUid), MAX_RESULT_BYTES));
  }

  toldToStop(): boolean {
    return readPodFile(this.privateDirectory, toldToStopFile(this.options.vmiUid), 1) !== undefined;
  }

  async connect(onChange: (change: DomainChange) => void): Promise<Hypervisor> {
    const socket = await connectSocketPath(this.privateDirectory, LIBVIRT_SOCKET_IN_PRIVATE);
    return LibvirtHypervisor.open(socket, this.options.domain, onChange);
  }

  async workspace(): Promise<Workspace> {
    return this.podWorkspace();
  }

  async imageSource(volume: string): Promise<ImageSource> {
    return { root: await this.imageRoot(containerDiskContainer(volume), volume) };
  }

  kernelImage(): Promise<string> {
    const owner = { said: KERNEL_BOOT, pathField: `${KERNEL_BOOT}.container` };
    return this.imageRoot(KERNEL_BOOT_CONTAINER, owner);
  }

  private async imageRoot(name: string, owner: Owner): Promise<string> {
    const found = await awaitedProcess(
      () => this.first(name),
      () => this.known.has(name),
      systemClock,
    );
    // It is ready when the VMI is handed over, so it must have ended since.
    if (found === undefined)
      throw new VolumeError(owner, 'transient', `the container ${name} does not run in the launcher pod`);
    return `/proc/${found.podPid}/root`;
  }

  async takeKvm(): Promise<boolean> {
    const compute = await this.compute();
    return compute !== undefined && claimDevice('kvm', compute.pid, this.identity(COMPUTE_CONTAINER));
  }

  async exclusiveCpus(): Promise<ExclusiveCpus> {
    return exclusiveCpus((await this.requireCompute()).pid);
  }

  async tuneCpu(request: CpuTuningRequest): Promise<CpuSpread | undefined> {
    const { pid } = await this.requireCompute();
    const { run } = this.options;
    const identity = this.identity(COMPUTE_CONTAINER);
    // Nobody but the runtime can move the process to another one.
    this.cpuCgroup ??= await findCpuCgroup(pid, identity, run);
    return tuneCpu(this.cpuCgroup, identity, request, run);
  }

  raiseMemoryLock(): Promise<{ readonly denied?: string }> {
    return raiseMemoryLock(this.identity(COMPUTE_CONTAINER), this.options.run);
  }

  scheduleRealtime(vcpus: readonly number[]): Promise<{ readonly denied?: string }> {
    return scheduleRealtime(this.identity(COMPUTE_CONTAINER), vcpus, this.options.run);
  }

  async takeBlockDevice(volume: string): Promise<void> {
    const { pid } = await this.requireCompute();
    takeBlockDevice(pid, this.identity(COMPUTE_CONTAINER), this.paths.blockDevice(volume));
  }

  async makeDiskFile(volume: string, name: string, bytes: bigint): Promise<void> {
    const { pid } = await this.requireCompute();
    const directory = this.paths.persistentVolume(volume);
    await makeDiskFile(pid, this.identity(COMPUTE_CONTAINER), { directory, name, bytes });
  }

  screen(): Promise<Socket> {
    return this.connectPrivate(this.paths.vncSocket);
  }

  console(): Promise<Socket> {
    return this.connectPrivate(this.paths.serialSocket);
  }

  metricsDisk(volume: string): Promise<FileHandle> {
    const disk = this.paths.downwardMetrics(volume);
    return openPodFile(this.ephemeralDirectory, stepsBelow(PodVolume.ephemeralDisks.path, disk));
  }

  metricsPort(): Promise<Socket> {
    return this.connectPrivate(this.paths.downwardMetricsSocket);
  }

  private connectPrivate(socket: string): Promise<Socket> {
    return connectSocketPath(this.privateDirectory, stepsBelow(PodVolume.private.path, socket));
  }

  async usage(): Promise<PodUsageReader> {
    if (this.reader === undefined) {
      const { pid } = await this.requireCompute();
      this.reader = new PodUsageReader(pid, await containerCgroups(pid, this.identity(COMPUTE_CONTAINER)));
    }
    return this.reader;
  }

  async terminate(): Promise<void> {
    const compute = await this.compute();
    if (compute === undefined) return;
    const workspace = await this.podWorkspace();
    // Inside the pod and as its uid: whatever this pid means by now, it is the pod's own.
    // The launcher image has no kill of its own: Debian's is in procps.
    await workspace.run(['/bin/busybox', 'kill', '-TERM', String(compute.podPid)]);
  }

  private async podWorkspace(): Promise<PodWorkspace> {
    const compute = await this.requireCompute();
    return new PodWorkspace(
      this.options.vmiUid,
      new Confinement(this.identity(COMPUTE_CONTAINER), compute, this.options.run),
    );
  }

  private get paths(): VmPaths {
    return podPaths(this.options.vmiUid);
  }

  private async requireCompute(): Promise<ContainerProcess> {
    const compute = await this.compute();
    if (compute === undefined) throw new Error('the launcher pod has ended');
    return compute;
  }

  private compute(): Promise<ContainerProcess | undefined> {
    return this.first(COMPUTE_CONTAINER);
  }

  /**
   * The first process of a container while it runs: launcher pods are never restarted, so one that ended does not come
   * back.
   */
  private async first(name: string): Promise<ContainerProcess | undefined> {
    const identity = this.identity(name);
    const known = this.known.get(name);
    if (known !== undefined) return (await isStillThere(identity, known)) ? known : undefined;
    const found = await firstProcess(identity);
    if (found !== undefined) this.known.set(name, found);
    return found;
  }

  /** @throws Error when the VMI's status does not name the container */
  private identity(name: string): ContainerIdentity {
    const { uid, containers = [] } = this.options.pod;
    const id = containers.find((container) => container.name === name)?.id;
    if (id === undefined) throw new Error(`status.launcherPod of the VMI does not name the container ${name}`);
    return { podUid: uid, name, id };
  }
}
