import { Counter, Gauge, type Registry } from 'prom-client';
import { isShown, type Observed, type VmMetric } from './metric.js';
import { VmsObserver, type VmMetricsSource } from './observer.js';
import { VM_METRICS } from './table.js';

/** None of a VM that cannot be read: it must not take the others' figures with it. */
const valuesOf = (metric: VmMetric, observed: Observed): (readonly [readonly string[], number | undefined])[] => {
  try {
    return 'value' in metric ? [[[], metric.value(observed)]] : [...metric.values(observed)];
  } catch {
    return [];
  }
};

/** Registers the metrics of VMs; they are collected when they are scraped. @param table other ones, for tests */
export const vmMetrics = (registry: Registry, source: VmMetricsSource, table = VM_METRICS): void => {
  const observer = new VmsObserver(source);
  for (const entry of table) {
    const own = 'labels' in entry ? entry.labels : [];
    const collect = async (): Promise<void> => {
      const seen = await observer.observe();
      metric.reset();
      for (const observed of seen) {
        const { namespace = '', name = '' } = observed.vmi.metadata ?? {};
        for (const [values, value] of valuesOf(entry, observed)) {
          if (!isShown(value)) continue;
          const labels: Record<string, string> = { node: source.node, namespace, name };
          own.forEach((label, index) => (labels[label] = values[index] ?? ''));
          metric.inc(labels, value);
        }
      }
    };
    const labelNames = ['node', 'namespace', 'name', ...own];
    const settings = { name: entry.name, help: entry.help, labelNames, registers: [registry], collect };
    const metric = entry.kind === 'counter' ? new Counter(settings) : new Gauge(settings);
  }
};
