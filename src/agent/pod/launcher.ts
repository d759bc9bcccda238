import type { FileHandle } from 'node:fs/promises';
import type { Socket } from 'node:net';
import type { CpuSpread } from '../../api/vmi/cpu-spread.js';
import type { ExclusiveCpus } from '../../domain/index.js';
import type { DomainChange, Hypervisor, StopReason } from '../hypervisor/hypervisor.js';
import type { CpuTuningRequest } from './cpu-tuning.js';
import type { ImageSource } from '../volumes/preparation.js';
import type { DialWish } from '../network/dial-wish.js';
import type { DialledSocket } from '../network/dialler.js';
import type { GuestNetworkWish, NetworkFacts } from '../network/wish.js';
import type { Workspace } from '../workspace/workspace.js';
import type { PodUsageReader } from './pod-usage.js';

export interface GuestNetworkSetUp {
  /**
   * Taps of the guest's uid with everything behind them, and somebody who answers what the guest asks about its
   * network. May be repeated at any time.
   * @returns undefined where the sandbox has no network of its own, and QEMU's user network has to do
   * @throws Error
   */
  setUp(wanted: GuestNetworkWish): Promise<NetworkFacts | undefined>;
  /**
   * For a guest that runs, once: what an agent that ended took with it. Nothing for one without a tap. Never throws.
   */
  resume(wanted: GuestNetworkWish): void;
  /**
   * Connects to the guest from its sandbox's network.
   * @param given up: nobody waits for it any more
   * @throws DialError, StatusError
   */
  dial(wish: DialWish, given: AbortSignal): Promise<DialledSocket>;
  /** The guest's questions are another's to answer. */
  release(): void;
}

/** The sandbox of one VM: a launcher pod, or what stands in for one in a test. */
export interface Launcher {
  /** Whether its first process lives. Cheap. */
  alive(): Promise<boolean>;
  /** How many of its processes the kernel has killed for want of memory; undefined: not known. */
  oomKills(): Promise<number | undefined>;
  /** How the guest ended, if the launcher reported it. */
  result(): StopReason | undefined;
  /** Its entrypoint was told to stop: by kubelet, or by {@link terminate}. */
  toldToStop(): boolean;
  /** Connects to its libvirtd. @throws SocketPathError (`missing`: not up yet), ConnectionClosedError, LibvirtError */
  connect(onChange: (change: DomainChange) => void): Promise<Hypervisor>;
  /** @throws Error when it has ended */
  workspace(): Promise<Workspace>;
  imageSource(volume: string, index: number): Promise<ImageSource>;
  /** The root of the file system of the image that the guest's kernel comes from. @throws VolumeError */
  kernelImage(): Promise<string>;
  /** /dev/kvm is in the sandbox, and the guest's uid may use it from now on. */
  takeKvm(): Promise<boolean>;
  /** Makes the guest's network in the sandbox, or finds it again; see {@link GuestNetworkSetUp}. */
  readonly network: GuestNetworkSetUp;
  /** The CPUs of the sandbox, for a VM with dedicated ones. */
  exclusiveCpus(): Promise<ExclusiveCpus>;
  /**
   * Spreads the CPU limit of the sandbox over the threads of its QEMU; undefined: it has none.
   * @throws Error when it cannot be
   */
  tuneCpu(request: CpuTuningRequest): Promise<CpuSpread | undefined>;
  /** The guest's memory may be locked from now on; or why it may not. @throws Error when libvirtd does not run */
  raiseMemoryLock(): Promise<{ readonly denied?: string }>;
  /** Schedules vCPUs of the running guest in real time; or why they cannot be. @throws Error when it does not run */
  scheduleRealtime(vcpus: readonly number[]): Promise<{ readonly denied?: string }>;
  /** The block device of a volume is the guest's uid's from now on. @throws Error when there is none */
  takeBlockDevice(volume: string): Promise<void>;
  /** Makes a sparse file of the guest's uid in the directory of a volume; one that is there stays. @throws Error */
  makeDiskFile(volume: string, name: string, bytes: bigint): Promise<void>;
  /** Connects to the serial console's socket. */
  console(): Promise<Socket>;
  /** Connects to the socket of its screen, which speaks RFB. */
  screen(): Promise<Socket>;
  /** Opens the disk of a downwardMetrics volume for writing; the caller closes it. */
  metricsDisk(volume: string): Promise<FileHandle>;
  /** Connects to the port of the downwardMetrics device. */
  metricsPort(): Promise<Socket>;
  /** What reads its use of the node; the same one at each call. @throws Error when it has ended */
  usage(): Promise<PodUsageReader>;
  /** Asks its entrypoint to power off the guest and exit. No error when it has exited already. */
  terminate(): Promise<void>;
}
