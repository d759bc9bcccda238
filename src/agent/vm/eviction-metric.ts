import { Counter, type Registry } from 'prom-client';
import { OOM_KILLED } from '../../agent-api/instance-end.js';
import { isFinal } from '../../api/vmi/phase.js';
import type { VirtualMachineInstance } from '../../api/schema/kinds.js';

/** Why a guest was ended that should run, in the metric's words, by `status.reason`. */
const KINDS = new Map([
  ['Evicted', 'evicted'],
  [OOM_KILLED, 'oom'],
]);

/** VMs that are counted at a time; of more the one that has been well for longest is forgotten. */
const MOST_VMS = 2_000;

const kindOf = (vmi: VirtualMachineInstance): string | undefined =>
  isFinal(vmi) ? KINDS.get(vmi.status?.reason ?? '') : undefined;

/**
 * Counts guests that were ended for want of memory, by VM: a change that is seen counts once, whoever wrote it, and
 * what was so when the agent started does not.
 */
export class EvictionMetric {
  private readonly counter: Counter;
  private readonly counted = new Map<string, { readonly namespace: string; readonly name: string }>();

  constructor(
    registry: Registry,
    private readonly node: string,
  ) {
    this.counter = new Counter({
      name: 'kubevirt_vmi_evictions_total',
      help: 'Guests ended for want of memory: evicted by kubelet or on request (evicted), or killed by the kernel (oom).',
      labelNames: ['node', 'namespace', 'name', 'kind'],
      registers: [registry],
    });
  }

  changed(vmi: VirtualMachineInstance, before: VirtualMachineInstance): void {
    const kind = kindOf(vmi);
    if (kind === undefined || kind === kindOf(before)) return;
    const { namespace = '', name = '' } = vmi.metadata ?? {};
    this.counter.inc({ node: this.node, namespace, name, kind });
    this.remember(namespace, name);
  }

  private remember(namespace: string, name: string): void {
    const key = `${namespace}/${name}`;
    this.counted.delete(key);
    this.counted.set(key, { namespace, name });
    if (this.counted.size <= MOST_VMS) return;
    const [oldest] = this.counted;
    if (oldest === undefined) return;
    this.counted.delete(oldest[0]);
    for (const kind of KINDS.values()) this.counter.remove({ node: this.node, ...oldest[1], kind });
  }
}
