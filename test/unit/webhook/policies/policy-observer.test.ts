import assert from 'node:assert/strict';
import { Registry } from 'prom-client';
import type { EventType } from '../../../../src/kube/events.js';
import type { KubernetesObject } from '../../../../src/kube/types.js';
import { policyObserver } from '../../../../src/webhook/policies/policy-observer.js';
import { vmWith } from '../../policies/support.js';
import { stored, TestJudge } from './judging.js';

interface Told {
  readonly object: KubernetesObject;
  readonly type: EventType;
  readonly reason: string;
  readonly message: string;
}

describe('What is counted and told of verdicts', () => {
  let registry: Registry;
  let events: Told[];
  beforeEach(() => {
    [registry, events] = [new Registry(), []];
  });

  /** Asks, and hands what was judged to the observer that counts. */
  const observed = async (judge: TestJudge, count: number, dryRun = false): Promise<void> => {
    const observer = policyObserver({
      registry,
      store: { snapshot: judge.snapshot },
      recorder: { event: (object, type, reason, message) => void events.push({ object, type, reason, message }) },
      clock: judge.clock,
    });
    for (let i = 0; i < count; i += 1) await judge.ask({ object: vmWith(16), dryRun });
    for (const judged of judge.judged) observer.judged(judged);
    for (const { owner } of judge.letBe) observer.letBe(owner, []);
  };
  const valuesOf = async (name: string): Promise<string[]> => {
    const metric = await registry.getSingleMetric(name)?.get();
    return (metric?.values ?? []).map(({ labels, value }) => `${Object.values(labels).join(' ')} ${value}`);
  };

  it('is by policy and what became of it; those of namespaces together', async () => {
    const judge = await TestJudge.of([
      stored({}, { name: 'enforced' }),
      stored({ action: 'Warn' }, { name: 'warned' }),
      stored({ action: 'Audit' }, { name: 'audited' }),
      stored({ validations: [{ name: 'x', expression: 'true' }] }, { name: 'passed' }),
      stored(
        { validations: [{ name: 'x', expression: 'object.metadata.labels["no"] == "x"' }], failurePolicy: 'Ignore' },
        { name: 'failed' },
      ),
      stored({}, { name: 'own', namespace: 'shop' }),
    ]);
    await observed(judge, 3);
    assert.deepEqual((await valuesOf('kubevirt_policy_evaluations_total')).sort(), [
      'audited warn 3',
      'enforced fail 3',
      'failed error 3',
      'namespaced fail 3',
      'passed pass 3',
      'warned warn 3',
    ]);
    assert.equal((await valuesOf('kubevirt_policy_loaded_generation')).length, 5);
    assert.deepEqual(await valuesOf('kubevirt_policy_budget_exceeded_total'), []);
  });

  it('is of what it costs how many requests were in which range', async () => {
    const heavy = 'variables.volumes.size() == 0 && [1, 2, 3, 4, 5].all(x, [1, 2, 3, 4, 5].all(y, x * y > 0))';
    const judge = await TestJudge.of([
      stored({ validations: [{ name: 'x', expression: 'true' }] }, { name: 'free' }),
      stored({ validations: [{ name: 'x', expression: heavy }] }, { name: 'heavy' }),
    ]);
    await observed(judge, 3);
    const text = await registry.getSingleMetricAsString('kubevirt_policy_cost_units');
    const lines = text.split('\n');
    assert.equal(lines[1], '# TYPE kubevirt_policy_cost_units histogram');
    const of = (policy: string): string[] =>
      lines
        .filter((line) => line.includes(`policy="${policy}"`))
        .map((line) => line.replace('kubevirt_policy_cost_units', ''));
    const bounds = ['10', '100', '1000', '10000', '100000', '1000000', '+Inf'];
    assert.deepEqual(of('free'), [
      ...bounds.map((le) => `_bucket{le="${le}",policy="free"} 3`),
      '_sum{policy="free"} 0',
      '_count{policy="free"} 3',
    ]);
    assert.deepEqual(
      of('heavy')
        .slice(0, 7)
        .map((line) => line.split(' ')[1]),
      ['0', '0', '3', '3', '3', '3', '3'],
    );
    const [, sum] = /_sum\{policy="heavy"\} (\d+)/.exec(text) ?? [];
    assert.ok(Number(sum) > 300 && Number(sum) < 3000, sum);
    assert.match(await registry.metrics(), /kubevirt_policy_cost_units_bucket\{le="\+Inf",policy="heavy"\} 3/);
  });

  it('of a thousand policies at most by name', async () => {
    const judge = await TestJudge.of(
      Array.from({ length: 1003 }, (_, i) => stored({ action: 'Audit' }, { name: `p${i}` })),
    );
    await observed(judge, 1);
    const values = await valuesOf('kubevirt_policy_evaluations_total');
    assert.equal(values.length, 1001);
    assert.equal((await valuesOf('kubevirt_policy_cost_units')).length, 1001 * 9);
    assert.ok(values.includes('other warn 3'));
  });

  it('is an event once in five minutes for a policy and validation, with how many there were since', async () => {
    const judge = await TestJudge.of([stored({}, { name: 'own', namespace: 'shop' })]);
    const observer = policyObserver({
      registry,
      store: { snapshot: judge.snapshot },
      recorder: { event: (object, type, reason, message) => void events.push({ object, type, reason, message }) },
      clock: judge.clock,
    });
    const ask = async (): Promise<void> => {
      await judge.ask({ object: vmWith(16) });
      observer.judged(judge.judged.at(-1)!);
    };
    for (let i = 0; i < 4; i += 1) await ask();
    await judge.clock.advance(299_000);
    await ask();
    assert.equal(events.length, 1);
    await judge.clock.advance(2_000);
    await ask();
    assert.equal(events.length, 2);
    assert.deepEqual(
      events.map(({ type, reason }) => `${type} ${reason}`),
      ['Warning PolicyRefused', 'Warning PolicyRefused'],
    );
    assert.match(
      events[0]!.message,
      /^vcpus refused VirtualMachine web: spec\.template\.spec\.domain\.cpu\.cores: variables/,
    );
    assert.match(events[1]!.message, /, and 4 more since the last event$/);
    assert.deepEqual(events[0]!.object, {
      apiVersion: 'policies.kubectl-virt.io/v1alpha1',
      kind: 'VirtualMachinePolicy',
      metadata: { name: 'own', namespace: 'shop', uid: 'uid-shop-own' },
    });
  });

  it('is for those who read the events of the cluster no word of what is in an object', async () => {
    await observed(await TestJudge.of([stored({})]), 1);
    assert.deepEqual(
      events.map(({ message }) => message),
      ['vcpus refused a VirtualMachine in namespace shop'],
    );
  });

  it('is of a dry run its number alone', async () => {
    await observed(await TestJudge.of([stored({})]), 2, true);
    assert.deepEqual(await valuesOf('kubevirt_policy_evaluations_total'), ['vm-size dry-run 2']);
    assert.deepEqual(events, []);
  });
});
