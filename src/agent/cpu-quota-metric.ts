import { Gauge, type Registry } from 'prom-client';
import type { VirtualMachineInstance } from '../api/schema/kinds.js';
import type { CpuSpread } from '../api/vmi/cpu-spread.js';

interface LimitedVm {
  readonly vmi: VirtualMachineInstance;
  readonly session: { readonly cpuLimit: { readonly spread: CpuSpread | undefined } };
}

/** What each scope may use; of VMs without a CPU limit nothing. */
export const cpuQuotaMetric = (registry: Registry, vms: () => readonly LimitedVm[]): void => {
  new Gauge({
    name: 'kubevirt_vmi_cpu_quota_seconds',
    help: 'CPU seconds that a scope may use in a second: the VM as a whole (total), each vCPU, the emulator, each I/O thread.',
    labelNames: ['namespace', 'name', 'scope'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { vmi, session } of vms()) {
        const { namespace = '', name = '' } = vmi.metadata ?? {};
        const { period, ...quotas } = session.cpuLimit.spread ?? { period: 1 };
        for (const [scope, quota] of Object.entries(quotas)) this.set({ namespace, name, scope }, quota / period);
      }
    },
  });
};
