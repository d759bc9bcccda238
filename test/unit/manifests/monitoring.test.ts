import { parser } from '@prometheus-io/lezer-promql';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, parseAllDocuments } from 'yaml';
import { metricNames } from '../../../scripts/metrics-page.js';
import { KUBEVIRT_SERIES } from './kubevirt-dashboards.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');
const monitoring = (file: string): string => read(`manifests/monitoring/${file}`);

interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}
const rulesOf = (file: string): Rule[] =>
  (parse(monitoring(file)) as { spec: { groups: { rules: Rule[] }[] } }).spec.groups.flatMap(({ rules }) => rules);
const RECORDED = rulesOf('recording-rules.yaml');
const ALERTS = rulesOf('alerts.yaml');

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: Readonly<Record<'h' | 'w' | 'x' | 'y', number>>;
  readonly targets?: readonly { readonly refId: string; readonly expr: string }[];
}
interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly schemaVersion: number;
  readonly templating: { readonly list: readonly { readonly name: string; readonly query: unknown }[] };
  readonly panels: readonly Panel[];
}
const dashboard = JSON.parse(monitoring('kubectl-virt.json')) as Dashboard;

/** Grafana's own words in a query, as Prometheus gets them. */
const asPromql = (expr: string): string => expr.replaceAll('$__rate_interval', '5m').replaceAll('$__range', '1h');

/** Names of the series that an expression reads. @throws where it is no PromQL */
const seriesOf = (expr: string): string[] => {
  const text = asPromql(expr);
  const found: string[] = [];
  parser.parse(text).iterate({
    enter: (node) => {
      assert.ok(!node.type.isError, `${text}\n${' '.repeat(node.from)}^ is no PromQL`);
      if (node.name === 'Identifier') found.push(text.slice(node.from, node.to));
    },
  });
  return found;
};

/** What other programs of a cluster show, which our rules may read. */
const OF_OTHERS = ['up', 'kube_node_status_allocatable'];

describe('what Prometheus and Grafana are given', () => {
  const recorded = new Set(RECORDED.map(({ record }) => record ?? ''));
  const scraped = metricNames();
  const exists = (series: string): boolean =>
    scraped.has(series) || recorded.has(series) || OF_OTHERS.includes(series) || /^(process|nodejs)_/.test(series);

  it('reads series that exist, in expressions that are PromQL: rules, alerts and dashboard', () => {
    const expressions = [
      ...[...RECORDED, ...ALERTS].map(({ record, alert, expr }) => [record ?? alert ?? '', expr] as const),
      ...dashboard.panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => [title, expr] as const)),
    ];
    assert.ok(expressions.length > 60);
    for (const [where, expr] of expressions) {
      const series = seriesOf(expr);
      assert.ok(series.length > 0, where);
      for (const name of series) assert.ok(exists(name), `${where}: nothing shows ${name}`);
    }
    assert.throws(() => seriesOf('sum(rate(up[5m])) by (pod'), /no PromQL/);
    assert.deepEqual(seriesOf('sum by (le) (a_b{le="1"}) / on (x) c:d:sum > 1'), ['a_b', 'c:d:sum']);
  });

  it('names labels in a selector that the series has', () => {
    const labels = new Map(metricNames());
    for (const { expr } of [...RECORDED, ...ALERTS, ...dashboard.panels.flatMap(({ targets = [] }) => targets)])
      for (const [, series = '', selector = ''] of asPromql(expr).matchAll(/([a-z_]+)\{([^}]*)\}/g)) {
        const known = labels.get(series);
        if (known === undefined) continue;
        for (const [, label = ''] of selector.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g))
          assert.ok(known.includes(label), `${series} has no label ${label}`);
      }
  });

  it('has a runbook for each alert, and no runbook without one', () => {
    const headings = [...read('docs/runbooks.md').matchAll(/^## (\w+)$/gm)].map(([, name]) => name);
    assert.deepEqual(headings.toSorted(), [...new Set(ALERTS.map(({ alert }) => alert))].toSorted());
    for (const { alert, labels, annotations } of ALERTS) {
      assert.ok(['critical', 'warning', 'info'].includes(labels?.['severity'] ?? ''), alert);
      assert.ok(annotations?.['runbook_url']?.endsWith(`docs/runbooks.md#${alert?.toLowerCase()}`), alert);
      for (const name of ['summary', 'description']) assert.match(annotations[name] ?? '', /\.$/, alert);
    }
  });

  it('scrapes every program where it listens, and leaves a VM’s namespace to the VM', () => {
    interface Monitor {
      readonly kind: string;
      readonly metadata: { readonly name: string };
      readonly spec: {
        readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
        readonly podMetricsEndpoints: readonly { readonly port: string; readonly honorLabels: boolean }[];
      };
    }
    const monitors = parseAllDocuments(monitoring('pod-monitors.yaml')).map((each) => each.toJS() as Monitor);
    assert.deepEqual(monitors.map(({ metadata }) => metadata.name).toSorted(), [
      'virt-agent',
      'virt-controller',
      'virt-webhook',
    ]);
    for (const { kind, metadata, spec } of monitors) {
      assert.equal(kind, 'PodMonitor');
      const workload = read(`manifests/${metadata.name}.yaml`);
      assert.deepEqual(spec.selector.matchLabels, { 'kubevirt.io': metadata.name });
      for (const { port, honorLabels } of spec.podMetricsEndpoints) {
        assert.match(workload, new RegExp(`\\{ name: ${port}, containerPort: \\d+`), metadata.name);
        assert.equal(honorLabels, true);
      }
    }
  });

  it('is a kustomization of its own, which an installation does not need', () => {
    const { resources, configMapGenerator } = parse(monitoring('kustomization.yaml')) as {
      resources: string[];
      configMapGenerator: { files: string[] }[];
    };
    for (const file of [...resources, ...configMapGenerator.flatMap(({ files }) => files)]) assert.ok(monitoring(file));
    assert.doesNotMatch(read('manifests/kustomization.yaml'), /monitoring/);
  });

  it('is a dashboard that Grafana can load: ids, places, queries and variables', () => {
    assert.ok(dashboard.uid.length <= 40 && dashboard.title !== '' && dashboard.schemaVersion >= 36);
    assert.equal(new Set(dashboard.panels.map(({ id }) => id)).size, dashboard.panels.length);
    for (const { title, type, gridPos, targets = [] } of dashboard.panels) {
      assert.ok(gridPos.x >= 0 && gridPos.x + gridPos.w <= 24 && gridPos.h > 0, title);
      assert.ok(['row', 'stat', 'timeseries'].includes(type), title);
      assert.equal(targets.length > 0, type !== 'row', title);
    }
    const variables = dashboard.templating.list.map(({ name }) => name);
    const used = [...monitoring('kubectl-virt.json').matchAll(/\$\{?(?!__)([a-z]+)\}?/g)].map(([, name = '']) => name);
    for (const name of used) assert.ok(variables.includes(name), name);
    for (const { query } of dashboard.templating.list) {
      const [, series] = /label_values\((\w+),/.exec(JSON.stringify(query)) ?? [];
      assert.ok(series === undefined || exists(series), series);
    }
  });

  it('has each series that KubeVirt’s dashboards and alerts name, or the reason why not', () => {
    for (const [series, reason] of Object.entries(KUBEVIRT_SERIES)) {
      assert.equal(exists(series) && !OF_OTHERS.includes(series), reason === 'ours', series);
      assert.ok(reason.length >= 4, series);
    }
  });
});
