import { Histogram, Registry } from 'prom-client';
import { agentMetrics } from '../src/agent/metrics.js';
import { densityMetrics } from '../src/agent/node/density-metrics.js';
import { KsmFiles } from '../src/agent/node/ksm-files.js';
import { EvictionMetric } from '../src/agent/vm/eviction-metric.js';
import { nodeLoadMetrics } from '../src/agent/node/load-metrics.js';
import { vmMetrics } from '../src/agent/vm-metrics/register.js';
import { resolveClusterConfig } from '../src/api/settings/cluster-config.js';
import { controllerMetrics } from '../src/controller/metrics.js';
import { policyFleetMetrics } from '../src/controller/policies/metrics.js';
import { systemClock } from '../src/kube/clock.js';
import { eventMetrics, informerMetrics, workQueueMetrics } from '../src/kube/program/metrics.js';
import { loopLateness } from '../src/kube/program/loop-lateness.js';
import { watchProcessErrors } from '../src/kube/program/process-errors.js';
import { admissionMetrics, certificateMetrics } from '../src/webhook/metrics.js';
import { PolicyMetrics } from '../src/webhook/policies/policy-metrics.js';
import { policyWriteMetrics } from '../src/webhook/policies/metrics.js';

/** docs/metrics.md: the metrics of the three programs, as their own code registers them. */

type Register = (registry: Registry) => void;

const noLog = { error: () => undefined, fatal: () => undefined };
const noProcess = { on: () => undefined, exit: () => undefined };
const ofEveryProgram: Register = (registry) => {
  watchProcessErrors(noLog, registry, noProcess);
  loopLateness(registry);
};

/** What registers the metrics of each program; a test finds what is missing here. */
const PROGRAMS: Readonly<Record<string, readonly Register[]>> = {
  'virt-webhook': [
    (registry) => void admissionMetrics(registry),
    (registry) => certificateMetrics(registry, () => undefined),
    (registry) => void informerMetrics(registry),
    (registry) => void eventMetrics(registry),
    (registry) => void policyWriteMetrics(registry),
    (registry) => new PolicyMetrics(registry, () => undefined),
    ofEveryProgram,
  ],
  'virt-controller': [
    (registry) => void controllerMetrics(registry),
    (registry) => void policyFleetMetrics(registry),
    (registry) => void informerMetrics(registry),
    (registry) => void workQueueMetrics(registry),
    (registry) => void eventMetrics(registry),
    ofEveryProgram,
  ],
  'virt-agent': [
    (registry) => new EvictionMetric(registry, ''),
    (registry) =>
      densityMetrics(registry, {
        node: '',
        density: () => undefined,
        system: () => undefined,
        ksm: new KsmFiles(() => []),
      }),
    (registry) =>
      vmMetrics(registry, {
        node: '',
        vms: () => [],
        config: () => resolveClusterConfig(undefined),
        clock: systemClock,
      }),
    (registry) => nodeLoadMetrics(registry, { node: '', vms: () => [] }),
    (registry) =>
      agentMetrics(registry, { node: '', list: () => [], streams: { consoles: new Set(), forwards: new Set() } }),
    (registry) => void informerMetrics(registry),
    (registry) => void workQueueMetrics(registry),
    (registry) => void eventMetrics(registry),
    ofEveryProgram,
  ],
};

/** As far as the page reads one; prom-client does not say that its metrics have their labels' names. */
interface Metric {
  readonly name: string;
  readonly help: string;
  readonly labelNames?: readonly string[];
}

/** Every series that the programs show, with its labels: a histogram is three. */
export const metricNames = (): ReadonlyMap<string, readonly string[]> => {
  const names = new Map<string, readonly string[]>();
  for (const registers of Object.values(PROGRAMS)) {
    const registry = new Registry();
    for (const register of registers) register(registry);
    for (const metric of registry.getMetricsAsArray() as unknown as readonly Metric[]) {
      const { name, labelNames = [] } = metric;
      if (!(metric instanceof Histogram)) names.set(name, labelNames);
      else for (const part of ['bucket', 'sum', 'count']) names.set(`${name}_${part}`, [...labelNames, 'le']);
    }
  }
  return names;
};

const rowsOf = (registers: readonly Register[]): string => {
  const registry = new Registry();
  for (const register of registers) register(registry);
  const metrics = registry.getMetricsAsArray() as unknown as readonly Metric[];
  return metrics.map(rowOf).sort().join('\n');
};

const rowOf = ({ name, help, labelNames = [] }: Metric): string =>
  `| \`${name}\` | ${labelNames.map((label) => `\`${label}\``).join(', ') || '–'} | ${help} |`;

const section = ([program, registers]: readonly [string, readonly Register[]]): string => `## ${program}

| Metric | Labels | What it is |
| --- | --- | --- |
${rowsOf(registers)}
`;

export const metricsPage =
  (): string => `<!-- Made by \`npm run generate\` from the code that registers the metrics. Do not edit. -->
# Metrics

Each program serves \`/metrics\` in Prometheus' format: virt-webhook on its HTTPS port, the other two on the port of \`--metrics-listen\`.
Besides these each has the \`process_\` and \`nodejs_\` metrics of its runtime. A metric of a VM is read when somebody scrapes, from the
kernel, from its libvirtd (one that does not answer within 2 s is left out of that scrape) and from the agent in its guest (as it was a minute
ago at most). What is not known is not shown; nor is a number that cannot be true, for much of it is a guest's own word.

[Monitoring](monitoring.md) says how Prometheus gets at them, and what alerts there are.

${Object.entries(PROGRAMS).map(section).join('\n')}`;
