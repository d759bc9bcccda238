import assert from 'node:assert/strict';
import { effectiveSpec } from '../../../src/admission/effective.js';
import { resolveClusterConfig } from '../../../src/api/settings/cluster-config.js';
import type { CompiledPolicy } from '../../../src/policies/compile-policy.js';
import type { Verdict } from '../../../src/policies/finding.js';
import { compiledPolicy, exceptionWith, judge, vmWith } from '../../unit/policies/support.js';

/*
 * Whoever may write a policy of a namespace, an exception or a VM holds neither the webhook's one thread nor what is
 * there for the policies of the platform's team.
 */

/** CPU, as wall time is others' too. Ten times what was measured ends what would take minutes. */
const MOST_MS = 1500;

const within = (work: () => Verdict): Verdict => {
  const before = process.cpuUsage();
  const verdict = work();
  const { user, system } = process.cpuUsage(before);
  assert.ok((user + system) / 1000 < MOST_MS, `${(user + system) / 1000} ms`);
  return verdict;
};

const volumes = Array.from({ length: 400 }, (_, i) => ({ name: `v${i}`, emptyDisk: {} }));
const LARGE = { ...vmWith(1), spec: { template: { spec: { domain: { devices: {} }, volumes } } } };
const BOMB = 'variables.volumes.all(a, variables.volumes.all(b, variables.volumes.all(c, a.name != "x" || b == c)))';

const validations = (count: number, expression: string): object => ({
  validations: Array.from({ length: count }, (_, i) => ({ name: `v${i}`, expression })),
});
const many = (count: number, spec: object, metadata: object = {}): CompiledPolicy[] =>
  Array.from({ length: count }, (_, i) => compiledPolicy(spec, { name: `p${i}`, ...metadata }));

describe('The place of a failure', () => {
  it('is not looked for without end where variables use each other twice', () => {
    const variables = Array.from({ length: 32 }, (_, i) => ({
      name: `a${i}`,
      expression: i === 0 ? '1' : `variables.a${i - 1} == 2 ? 1 : (variables.a${i - 1} + 0 * variables.a${i - 1})`,
    }));
    const policy = compiledPolicy({ variables, validations: [{ name: 'x', expression: 'variables.a31 == 2' }] });
    assert.equal(within(() => judge([policy], vmWith(1))).causes.length, 1);
  });

  it('is looked for within a bound, however many fail', () => {
    const expression =
      'variables.volumes.all(a, variables.volumes.filter(b, b.name.contains("v")).all(c, c.name != "v399"))';
    const { causes } = within(() => judge(many(30, validations(64, expression)), LARGE));
    assert.equal(causes.length, 1000);
  });
});

describe('What policies may spend', () => {
  it('of a namespace leaves the rest to those of the cluster', () => {
    const own = many(50, validations(1, BOMB), { namespace: 'shop' });
    const cluster = many(20, validations(1, 'variables.vcpus <= 8'));
    const { causes } = within(() => judge([...own, ...cluster], LARGE));
    assert.deepEqual(causes.map(({ rule = '' }) => rule.startsWith('policy/shop:')).filter((is) => !is).length, 0);
  });

  it('a policy is not what is of all: the next one is judged by itself', () => {
    const greedy = compiledPolicy(validations(64, `!(${BOMB})`), { name: 'greedy' });
    const { causes } = within(() => judge([greedy, compiledPolicy({}, { name: 'next' })], LARGE));
    assert.ok(causes.length > 0 && causes.every(({ rule = '' }) => rule.startsWith('policy/greedy/')));
  });

  it('conditions of exceptions are not of what policies have: none that is left out passes', () => {
    const exceptions = Array.from({ length: 100 }, () =>
      exceptionWith({ policies: [{ name: 'first' }], conditions: [{ name: 'c', expression: `!(${BOMB})` }] }),
    );
    // What cannot be evaluated any more would pass.
    const policy = compiledPolicy(
      { ...validations(64, 'variables.volumes.all(v, v.name != "v9")'), failurePolicy: 'Ignore' },
      { name: 'first' },
    );
    const { causes } = within(() => judge([policy], LARGE, { exceptions }));
    assert.equal(causes.length, 64);
  });

  it('ten thousand exceptions are looked through once', () => {
    const exceptions = Array.from({ length: 10_000 }, (_, i) => exceptionWith({ policies: [{ name: `p${i}` }] }));
    within(() => judge(many(30, validations(64, 'false')), LARGE, { exceptions }));
  });
});

describe('The defaults of an object', () => {
  const counted = (): { readonly effective: (object: unknown) => unknown; readonly made: unknown[] } => {
    const made: unknown[] = [];
    const make = effectiveSpec('VirtualMachine', { config: resolveClusterConfig() });
    const effective = (object: unknown): unknown => {
      made.push(object);
      return make(object);
    };
    return { made, effective };
  };
  /** As many volumes as our schema admits. */
  const disks = volumes.slice(0, 256).map(({ name }) => ({ name, emptyDisk: { capacity: '1Gi' } }));
  const FULL = { ...LARGE, spec: { template: { spec: { domain: { devices: {} }, volumes: disks } } } };
  const all = (expression: string): CompiledPolicy[] => many(50, validations(20, expression));

  it('are made once, whatever policies ask, and what reads them is bounded as all is', () => {
    const { made, effective } = counted();
    const bomb = BOMB.replaceAll('variables.volumes', 'effective.volumes').replace(
      'effective',
      'has(effective.volumes) && effective',
    );
    within(() => judge(all(bomb), FULL, { effective, oldObject: structuredClone(FULL) }));
    assert.ok(made.length <= 2, `${made.length}`);
  });

  it('are not made of an object that is larger than any budget, nor is that found out again and again', () => {
    const { made, effective } = counted();
    const annotations = Object.fromEntries(Array.from({ length: 150_000 }, (_, i) => [`a${i}`, '']));
    const huge = { ...LARGE, metadata: { name: 'web', namespace: 'shop', annotations } };
    const { causes } = within(() => judge(all('effective.domain.cpu.cores <= 8'), huge, { effective }));
    assert.deepEqual(made, []);
    assert.equal(causes.length, 1000);
    assert.match(causes[0]?.message ?? '', /the work of this expression exceeds its limit/);
  });

  it('are paid for by the first that reads them, who may be without: the next gets them', () => {
    const own = many(1, validations(64, `!(${BOMB}) && effective.domain.cpu.cores <= 8`), { namespace: 'shop' });
    const cluster = compiledPolicy(validations(1, 'effective.domain.cpu.cores <= 8'), { name: 'cluster' });
    const { findings } = within(() => judge([...own, cluster], FULL));
    assert.deepEqual(
      findings.filter(({ policy }) => policy === cluster),
      [],
    );
  });
});

describe('The words of a policy', () => {
  it('are cut where its name is long, and the rule is not', () => {
    const policy = compiledPolicy({ action: 'Warn', ...validations(1, 'false') }, { name: 'n'.repeat(253) });
    const [warning = ''] = judge([policy], vmWith(1)).warnings;
    assert.ok(warning.length <= 256 && warning.endsWith('…]'), warning);
    assert.match(warning, /^spec: false is false/);
  });
});
