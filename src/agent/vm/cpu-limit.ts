import { dedicatedCpus } from '../../api/vmi/dedicated-cpus.js';
import type { CpuSpread } from '../../api/vmi/cpu-spread.js';
import { vcpuCount } from '../../api/vmi/guest-size.js';
import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import type { ClusterConfig } from '../../api/settings/cluster-config.js';
import { ioThreadCount } from '../../domain/index.js';
import { errorMessage } from '../../kube/client/api-error.js';
import type { Clock } from '../../kube/clock.js';
import type { CpuTuningRequest } from '../pod/cpu-tuning.js';
import type { Launcher } from '../pod/launcher.js';

/** How often it is looked at whether all is still so: kubelet may have changed the limit, QEMU made a thread. */
const AGAIN_MS = 240_000;

/** undefined: the VM's CPUs are its own, and none is shared out. */
const requestFor = (vmi: VirtualMachineInstance, { cpuTuning }: ClusterConfig): CpuTuningRequest | undefined =>
  dedicatedCpus(vmi) === undefined
    ? { vcpus: vcpuCount(vmi.spec), ioThreads: ioThreadCount(vmi.spec), tuning: cpuTuning }
    : undefined;

/** Keeps the CPU limit of one VM's pod spread over the threads of its QEMU. */
export class CpuLimit {
  /** What holds; undefined: no limit, or none that is spread. */
  spread: CpuSpread | undefined;
  private applied: { readonly request: string; readonly at: number } | undefined;
  private problem: string | undefined;

  constructor(
    private readonly launcher: Pick<Launcher, 'tuneCpu'>,
    private readonly clock: Clock,
  ) {}

  /**
   * Applies it where that was not done yet, where the settings or the VM changed, and from time to time. Never throws:
   * the VM runs within its pod's limit either way.
   * @returns what keeps it from being spread, once
   */
  async keep(vmi: VirtualMachineInstance, config: ClusterConfig): Promise<string | undefined> {
    const request = requestFor(vmi, config);
    if (request === undefined) return undefined;
    const key = JSON.stringify(request);
    const now = this.clock.now();
    if (this.applied?.request === key && now - this.applied.at < AGAIN_MS) return undefined;
    this.applied = { request: key, at: now };
    try {
      this.spread = await this.launcher.tuneCpu(request);
      this.problem = undefined;
      return undefined;
    } catch (error) {
      this.spread = undefined;
      const problem = errorMessage(error);
      const isNews = this.problem === undefined;
      this.problem = problem;
      return isNews ? problem : undefined;
    }
  }
}
