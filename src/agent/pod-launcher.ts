import { readFile, type FileHandle } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { LIBVIRT_SOCKET_IN_PRIVATE, PodVolume, podPaths, type VmPaths } from '../api/pod-layout.js';
import { COMPUTE_CONTAINER, containerDiskContainer } from '../launcher/index.js';
import type { ExclusiveCpus } from '../domain/index.js';
import { claimBlockDevice, claimKvmDevice } from './device-claim.js';
import { makeDiskFile } from './disk-file-maker.js';
import { exclusiveCpus } from './exclusive-cpus.js';
import { MAX_RESULT_BYTES, parseLauncherResult, resultFile } from './launcher-result.js';
import type { Launcher } from './launcher.js';
import type { DomainChange, Hypervisor, StopReason } from './hypervisor.js';
import { LibvirtHypervisor } from './libvirt-hypervisor.js';
import { isInPod, podContainers, type ContainerProcess } from './pod-process.js';
import { connectSocketPath, openPodFile, readPodFile } from './sockets.js';
import type { ImageSource } from './volumes/preparation.js';
import { VolumeError } from './volumes/volume-error.js';
import { PodWorkspace } from './workspace/pod-workspace.js';
import type { Workspace } from './workspace/workspace.js';

export interface PodLauncherOptions {
  readonly podUid: string;
  readonly vmiUid: string;
  readonly domain: string;
  /** kubelet's directory of pods, as the agent sees it. */
  readonly podsDirectory: string;
}

/** A path in the pod as names below one of its volumes. */
const stepsBelow = (volume: string, path: string): string[] => path.slice(volume.length + 1).split('/');

/** A launcher pod on this node. */
export class PodLauncher implements Launcher {
  private containers: ContainerProcess[] = [];
  /** kubelet made these steps, nobody in the pod can change them; what is below belongs to the pod. */
  private readonly privateDirectory: string;
  private readonly ephemeralDirectory: string;

  constructor(private readonly options: PodLauncherOptions) {
    const { podsDirectory, podUid } = options;
    const volumes = join(podsDirectory, podUid, 'volumes', 'kubernetes.io~empty-dir');
    this.privateDirectory = join(volumes, PodVolume.private.name);
    this.ephemeralDirectory = join(volumes, PodVolume.ephemeralDisks.name);
  }

  async alive(): Promise<boolean> {
    return (await this.compute()) !== undefined;
  }

  result(): StopReason | undefined {
    return parseLauncherResult(readPodFile(this.privateDirectory, resultFile(this.options.vmiUid), MAX_RESULT_BYTES));
  }

  async connect(onChange: (change: DomainChange) => void): Promise<Hypervisor> {
    const socket = await connectSocketPath(this.privateDirectory, LIBVIRT_SOCKET_IN_PRIVATE);
    return LibvirtHypervisor.open(socket, this.options.domain, onChange);
  }

  async workspace(): Promise<Workspace> {
    return this.podWorkspace();
  }

  async imageSource(volume: string): Promise<ImageSource> {
    const name = containerDiskContainer(volume);
    const find = (): ContainerProcess | undefined => this.containers.find(({ container }) => container === name);
    if (find() === undefined) this.containers = await podContainers(this.options.podUid);
    const found = find();
    // It is ready when the VMI is handed over, so it must have ended since.
    if (found === undefined)
      throw new VolumeError(volume, false, `the container ${name} does not run in the launcher pod`);
    return { root: `/proc/${found.podPid}/root` };
  }

  async claimKvm(): Promise<boolean> {
    const compute = await this.compute();
    return compute !== undefined && claimKvmDevice(compute.pid, this.options.podUid);
  }

  async exclusiveCpus(): Promise<ExclusiveCpus> {
    return exclusiveCpus((await this.requireCompute()).pid);
  }

  async claimBlockDevice(volume: string): Promise<void> {
    const { pid } = await this.requireCompute();
    claimBlockDevice(pid, this.options.podUid, this.paths.blockDevice(volume));
  }

  async makeDiskFile(volume: string, name: string, bytes: bigint): Promise<void> {
    const { pid } = await this.requireCompute();
    const directory = this.paths.persistentVolume(volume);
    await makeDiskFile(pid, this.options.podUid, { directory, name, bytes });
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

  async terminate(): Promise<void> {
    const compute = await this.compute();
    if (compute === undefined) return;
    const workspace = await this.podWorkspace();
    // Inside the pod and as its uid: whatever this pid means by now, it is the pod's own.
    // The launcher image has no kill of its own: Debian's is in procps.
    await workspace.run(['/bin/busybox', 'kill', '-TERM', String(compute.podPid)]);
  }

  private async podWorkspace(): Promise<PodWorkspace> {
    return new PodWorkspace(this.options.vmiUid, (await this.requireCompute()).pid);
  }

  private get paths(): VmPaths {
    return podPaths(this.options.vmiUid);
  }

  private async requireCompute(): Promise<ContainerProcess> {
    const compute = await this.compute();
    if (compute === undefined) throw new Error('the launcher pod has ended');
    return compute;
  }

  /** The first process of compute, looked up again when the known one is gone or its pid means something else. */
  private async compute(): Promise<ContainerProcess | undefined> {
    const known = this.find();
    if (known !== undefined && (await this.isOurs(known.pid))) return known;
    this.containers = await podContainers(this.options.podUid);
    return this.find();
  }

  private find(): ContainerProcess | undefined {
    return this.containers.find(({ container }) => container === COMPUTE_CONTAINER);
  }

  private async isOurs(pid: number): Promise<boolean> {
    try {
      return isInPod(await readFile(`/proc/${pid}/cgroup`, 'utf8'), this.options.podUid);
    } catch {
      return false;
    }
  }
}
