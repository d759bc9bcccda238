import { Counter, Gauge, type Registry } from 'prom-client';
import { sleep, type Clock } from '../kube/clock.js';
import type { DomainStatistics } from './hypervisor/statistics.js';

/** A metric of each running VM. */
export interface VmMetric {
  readonly name: string;
  readonly help: string;
  /** A counter only rises as long as the VM runs. */
  readonly kind: 'gauge' | 'counter';
  /** From what was observed; undefined: not known of this VM. */
  readonly value: (statistics: DomainStatistics) => number | undefined;
}

/** Names as KubeVirt's, so that its dashboards work. What a new one reads is in hypervisor/statistics.ts. */
const VM_METRICS: readonly VmMetric[] = [
  {
    name: 'kubevirt_vmi_cpu_usage_seconds_total',
    help: 'CPU time of all vCPUs of the guest.',
    kind: 'counter',
    value: ({ cpuNanoseconds }) => Number(cpuNanoseconds) / 1e9,
  },
  {
    name: 'kubevirt_vmi_memory_domain_bytes',
    help: 'Memory of the guest, as its balloon leaves it.',
    kind: 'gauge',
    value: ({ memoryKiB }) => (memoryKiB === undefined ? undefined : Number(memoryKiB) * 1024),
  },
];

/** A libvirtd that takes longer is left out of this scrape: it must not hold up the others' figures. */
const PATIENCE_MS = 2_000;

/** What can be asked: a session of a VM. */
export interface Measurable {
  readonly statistics: () => Promise<DomainStatistics | undefined>;
}

export interface MeasuredVm {
  readonly namespace: string;
  readonly name: string;
  readonly session: Measurable;
}

export interface VmMetricsSource {
  /** The running VMs, as they are now. */
  readonly vms: () => readonly MeasuredVm[];
  readonly clock: Clock;
}

/** Asks each VM's libvirtd once per scrape for all metrics together; one question at a time to one that hangs. */
class Observer {
  private readonly asking = new WeakMap<Measurable, Promise<DomainStatistics | undefined>>();
  private current: Promise<readonly (MeasuredVm & { readonly statistics: DomainStatistics })[]> | undefined;

  constructor(private readonly source: VmMetricsSource) {}

  observe(): NonNullable<typeof this.current> {
    return (this.current ??= this.all().finally(() => (this.current = undefined)));
  }

  private async all(): NonNullable<typeof this.current> {
    const seen = await Promise.all(
      this.source.vms().map(async (vm) => {
        const statistics = await this.one(vm.session);
        return statistics === undefined ? [] : [{ ...vm, statistics }];
      }),
    );
    return seen.flat();
  }

  private async one(session: Measurable): Promise<DomainStatistics | undefined> {
    const asked =
      this.asking.get(session) ??
      session
        .statistics()
        .catch(() => undefined)
        .finally(() => this.asking.delete(session));
    this.asking.set(session, asked);
    const enough = new AbortController();
    const patience = sleep(this.source.clock, PATIENCE_MS, enough.signal).then(() => undefined);
    try {
      return await Promise.race([asked, patience]);
    } finally {
      enough.abort();
    }
  }
}

/** Registers the metrics of VMs; they are collected when they are scraped. @param table other ones, for tests */
export const vmMetrics = (registry: Registry, source: VmMetricsSource, table = VM_METRICS): void => {
  const observer = new Observer(source);
  for (const { name, help, kind, value } of table) {
    const collect = async (): Promise<void> => {
      const seen = await observer.observe();
      metric.reset();
      for (const vm of seen) {
        const number = value(vm.statistics);
        if (number !== undefined) metric.inc({ namespace: vm.namespace, name: vm.name }, number);
      }
    };
    const settings = { name, help, labelNames: ['namespace', 'name'], registers: [registry], collect };
    const metric = kind === 'counter' ? new Counter(settings) : new Gauge(settings);
  }
};
