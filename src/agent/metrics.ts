import { Gauge, type Registry } from 'prom-client';
import type { VirtualMachineInstance } from '../api/schema/kinds.js';

/** What the agent's `/metrics` shows besides the work queue and the watches. */
export const agentMetrics = (
  registry: Registry,
  source: {
    readonly node: string;
    readonly list: () => readonly VirtualMachineInstance[];
    readonly streams: Readonly<Record<'consoles' | 'forwards', { readonly size: number }>>;
  },
): void => {
  new Gauge({
    name: 'kubevirt_vmi_phase_count',
    help: 'VMs of this node by phase.',
    labelNames: ['node', 'phase'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { status } of source.list())
        this.inc({ node: source.node, phase: (status?.phase ?? '').toLowerCase() });
    },
  });
  new Gauge({
    name: 'kubevirt_console_active_connections',
    help: 'Open serial consoles of VMs on this node.',
    registers: [registry],
    collect() {
      this.set(source.streams.consoles.size);
    },
  });
  new Gauge({
    name: 'kubevirt_portforward_active_tunnels',
    help: 'Open connections to ports of VMs on this node.',
    registers: [registry],
    collect() {
      this.set(source.streams.forwards.size);
    },
  });
};
