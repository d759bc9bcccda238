import { Counter, Gauge, type Registry } from 'prom-client';
import { Label } from '../api/names.js';
import type { VirtualMachineInstance } from '../api/schema/kinds.js';
import { hasBeenRunning, isFinal } from '../api/vmi/phase.js';
import type { VirtNode } from '../api/virt-node/virt-node.js';
import type { Node } from '../kube/types.js';
import { machineMetrics, type MachineSource } from './machine-metrics.js';

/** What the controller's caches hold. */
export interface FleetSource extends MachineSource {
  readonly nodes: () => readonly Node[];
  readonly report: (node: string) => VirtNode | undefined;
}

export interface FleetMetrics {
  /** To be called once the caches are there. */
  watch(source: FleetSource): void;
  /** To be called with every update of a VMI. */
  ended(vmi: VirtualMachineInstance, old: VirtualMachineInstance | undefined): void;
}

/** A word of ours. A sentence, or more words than we have, would be a time series each. */
const REASON = /^[A-Z][A-Za-z]{2,40}$/;
const MAX_REASONS = 40;
const OTHER = 'Other';

/**
 * VMs by status, starts that failed, and which nodes' agents are heard of. Only the replica that leads shows them: the
 * sum over replicas is the truth.
 */
export const fleetMetrics = (registry: Registry, isLeading: () => boolean): FleetMetrics => {
  const registers = [registry];
  let source: FleetSource | undefined;
  const reasons = new Set<string>();
  const reasonOf = ({ status }: VirtualMachineInstance): string => {
    const reason = status?.reason ?? '';
    if (!REASON.test(reason) || (reasons.size >= MAX_REASONS && !reasons.has(reason))) return OTHER;
    reasons.add(reason);
    return reason;
  };
  new Gauge({
    name: 'kubevirt_vm_status_count',
    help: 'VMs by what their STATUS column shows (`status.printableStatus`). Of the replica that leads.',
    labelNames: ['status'],
    registers,
    collect() {
      this.reset();
      if (!isLeading()) return;
      for (const { status } of source?.vms() ?? []) this.inc({ status: status?.printableStatus ?? 'Unknown' });
    },
  });
  new Gauge({
    name: 'kubevirt_virt_agent_connected',
    help: '1: the agent of the node reports, and VMs are placed there. 0: it is silent. Of the replica that leads.',
    labelNames: ['node'],
    registers,
    collect() {
      this.reset();
      if (!isLeading()) return;
      for (const { metadata } of source?.nodes() ?? []) {
        const { name = '', labels = {} } = metadata ?? {};
        if (source?.report(name) !== undefined) this.set({ node: name }, Number(labels[Label.schedulable] === 'true'));
      }
    },
  });
  machineMetrics(registry, () => (isLeading() ? source : undefined));
  const failures = new Counter({
    name: 'kubevirt_vm_start_failures_total',
    help: 'Starts that ended in Failed before the guest ran, by the reason of the VMI; `Other` where it is no word.',
    labelNames: ['reason'],
    registers,
  });
  return {
    watch: (fleet) => {
      source = fleet;
    },
    ended: (vmi, old) => {
      // Without an old state it is history that another process has counted.
      if (old === undefined || isFinal(old) || vmi.status?.phase !== 'Failed' || hasBeenRunning(vmi)) return;
      failures.inc({ reason: reasonOf(vmi) });
    },
  };
};
