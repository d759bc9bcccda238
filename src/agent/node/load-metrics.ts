import { Gauge, type Registry } from 'prom-client';
import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import { vcpuCount } from '../../api/vmi/guest-size.js';
import { isFinal } from '../../api/vmi/phase.js';
import { physicalCores } from './physical-cores.js';

export interface NodeLoadSource {
  readonly node: string;
  /** VMs of this node. */
  readonly vms: () => readonly VirtualMachineInstance[];
  /** Absent: this machine's. */
  readonly cores?: () => number | undefined;
}

/** Of a VM that is starting or runs; one that cannot be read has none. */
const vcpusOf = (vmi: VirtualMachineInstance): number => {
  try {
    return isFinal(vmi) ? 0 : vcpuCount(vmi.spec);
  } catch {
    return 0;
  }
};

/** How many virtual CPUs share the node's cores. Source of names: docs/reference/density-and-cpu.md §7.2. */
export const nodeLoadMetrics = (registry: Registry, { node, vms, cores = physicalCores }: NodeLoadSource): void => {
  const vcpus = (): number => vms().reduce((sum, vmi) => sum + vcpusOf(vmi), 0);
  const gauge = (name: string, help: string, value: () => number | undefined): void => {
    const metric = new Gauge({
      ...{ name, help, labelNames: ['node'], registers: [registry] },
      collect: () => {
        metric.reset();
        const now = value();
        if (now !== undefined) metric.set({ node }, now);
      },
    });
  };
  gauge('kubevirt_node_physical_cores', 'Cores of the node; hardware threads of one core are one.', cores);
  gauge('kubevirt_node_vcpus', 'Virtual CPUs of VMs that are starting or run on the node.', vcpus);
  gauge('kubevirt_node_vcpus_per_core', 'Virtual CPUs by core of the node; more than 10 is too many.', () => {
    const count = cores();
    return count === undefined ? undefined : vcpus() / count;
  });
  gauge('kubevirt_agent_resident_bytes', "Memory of the node that the agent has; it is no VM's.", () =>
    process.memoryUsage.rss(),
  );
};
