import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { CompiledPolicy } from '../../policies/compile-policy.js';
import type { Finding, Verdict } from '../../policies/finding.js';
import type { PolicySnapshot } from './snapshot.js';
import { Tally, TallyHistogram } from './tally-histogram.js';

/** A rule of the usual kind costs some ten units; the budget of an expression is the last. */
const COST_BUCKETS: readonly number[] = [10, 100, 1_000, 10_000, 100_000, 1_000_000];

/** What became of a policy in a request; of several findings the first of these. */
const RESULTS = ['error', 'fail', 'warn', 'ratcheted', 'excepted', 'pass', 'dry-run'] as const;
type Result = (typeof RESULTS)[number];

/** Names of policies that are told apart. */
const MAX_POLICIES = 1000;

interface Counts {
  readonly results: Record<Result, number>;
  readonly units: Tally;
  exhausted: number;
}

/** In the words of reports: `fail` is refused, `warn` is told or only counted. */
const resultOf = ({ outcome, action }: Finding): Result =>
  outcome === 'fail' ? (action === 'Enforce' ? 'fail' : 'warn') : outcome;

const worstOf = (findings: readonly Finding[]): ReadonlyMap<CompiledPolicy, Result> => {
  const worst = new Map<CompiledPolicy, Result>();
  for (const finding of findings) {
    const [result, before] = [resultOf(finding), worst.get(finding.policy)];
    if (before === undefined || RESULTS.indexOf(result) < RESULTS.indexOf(before)) worst.set(finding.policy, result);
  }
  return worst;
};

/**
 * Counts verdicts. In plain numbers, which the registry gets when it is asked: its own counters would take half a
 * millisecond of each request with five hundred policies.
 */
export class PolicyMetrics {
  private readonly counts = new Map<string, Counts>();
  private readonly duration: Histogram;

  constructor(registry: Registry, snapshot: () => PolicySnapshot | undefined) {
    const registers = [registry];
    const { counts } = this;
    this.duration = new Histogram({
      name: 'kubevirt_policy_evaluation_duration_seconds',
      help: 'How long the policies of a request took.',
      labelNames: ['phase'],
      buckets: [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.5],
      registers,
    });
    new Counter({
      name: 'kubevirt_policy_evaluations_total',
      help: 'Requests that a policy was asked about, by what became of it.',
      labelNames: ['policy', 'result'],
      registers,
      collect() {
        this.reset();
        for (const [policy, { results }] of counts) {
          for (const result of RESULTS) if (results[result] > 0) this.inc({ policy, result }, results[result]);
        }
      },
    });
    new TallyHistogram(
      {
        name: 'kubevirt_policy_cost_units',
        help: "What the expressions of a policy cost for a request, in Kubernetes' units.",
        labelNames: ['policy'],
        buckets: [...COST_BUCKETS],
        registers,
      },
      function* () {
        for (const [policy, { units }] of counts) yield { labels: { policy }, tally: units };
      },
    );
    new Counter({
      name: 'kubevirt_policy_budget_exceeded_total',
      help: 'Requests in which a policy was stopped because its budget was spent.',
      labelNames: ['policy'],
      registers,
      collect() {
        this.reset();
        for (const [policy, { exhausted }] of counts) if (exhausted > 0) this.inc({ policy }, exhausted);
      },
    });
    new Gauge({
      name: 'kubevirt_policy_loaded_generation',
      help: 'The generation of each policy of the cluster that is in force in this replica.',
      labelNames: ['policy'],
      registers,
      collect() {
        this.reset();
        for (const policy of snapshot()?.policies.slice(0, MAX_POLICIES) ?? []) {
          const { generation } = snapshot()?.identityOf(policy) ?? {};
          if (policy.namespace === undefined && generation !== undefined) this.set({ policy: policy.name }, generation);
        }
      },
    });
  }

  judged({ evaluated, findings }: Verdict, seconds: number, isDryRun: boolean): void {
    this.duration.observe({ phase: 'validate' }, seconds);
    const worst = worstOf(findings);
    for (const { policy, units, isExhausted, hasFailed } of evaluated) {
      const counts = this.countsOf(policy);
      const result = isDryRun ? 'dry-run' : hasFailed ? 'error' : (worst.get(policy) ?? 'pass');
      counts.results[result] += 1;
      counts.units.add(units);
      if (isExhausted) counts.exhausted += 1;
    }
  }

  private countsOf({ name, namespace }: CompiledPolicy): Counts {
    const label = namespace !== undefined ? 'namespaced' : name;
    const known = this.counts.get(label);
    if (known !== undefined) return known;
    const key = this.counts.size < MAX_POLICIES || label === 'namespaced' ? label : 'other';
    const counts = this.counts.get(key) ?? {
      results: { error: 0, fail: 0, warn: 0, ratcheted: 0, excepted: 0, pass: 0, 'dry-run': 0 },
      units: new Tally(COST_BUCKETS),
      exhausted: 0,
    };
    this.counts.set(key, counts);
    return counts;
  }
}
