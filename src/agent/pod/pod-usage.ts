import { cgroupCpuSeconds, cgroupUsage, type CgroupUsage } from './cgroup-usage.js';
import type { ContainerCgroups } from './container-cgroups.js';
import { networkDevices, type DeviceCounters } from './network-devices.js';
import { VmProcessReader, type VmProcess } from './vm-process.js';

/**
 * What a VM uses of its node, as the kernel counts it: nothing of it is said by the guest or by what runs in its pod.
 */
export interface PodUsage {
  readonly cgroup: CgroupUsage;
  /** Undefined while there is no QEMU. */
  readonly process: VmProcess | undefined;
  readonly devices: readonly DeviceCounters[];
}

/** Reads it of one launcher pod. A look is a dozen small files of the kernel's and no process. */
export class PodUsageReader {
  private readonly process: VmProcessReader;

  /** @param pid of a process in the pod's network namespace that lives as long as the pod */
  constructor(
    private readonly pid: number,
    private readonly cgroups: ContainerCgroups,
  ) {
    this.process = new VmProcessReader(cgroups.memory ?? cgroups.cpu ?? '/nonexistent');
  }

  read(): PodUsage {
    return { cgroup: cgroupUsage(this.cgroups), process: this.process.read(), devices: networkDevices(this.pid) };
  }

  cpuSeconds(): number | undefined {
    return cgroupCpuSeconds(this.cgroups);
  }
}
