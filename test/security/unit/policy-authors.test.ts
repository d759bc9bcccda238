import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describeCause, MAX_MESSAGE } from '../../../src/api/cause.js';
import { HIDDEN } from '../../../src/api/visible-text.js';
import { exceptionCauses, policiesOf } from '../../../src/policies/check-exception.js';
import { compilePolicy } from '../../../src/policies/compile-policy.js';
import { exceptionFor, readException, readStoredException } from '../../../src/policies/exceptions.js';
import { isNewPause, isPaused, pauseCauses, withPauser } from '../../../src/policies/pause.js';
import { deletionWeakenings, weakeningsOf } from '../../../src/policies/weakening.js';
import { atOnce } from '../../../src/policies/steps.js';
import { widenedPolicies } from '../../../src/policies/widened.js';
import { deniedPolicy } from '../../../src/webhook/policies/answers.js';
import { compiledPolicy, exceptionWith, judge, NOW, policyWith, vmWith } from '../../unit/policies/support.js';

/*
 * Whoever writes policies and exceptions, against the webhook that checks them and those who read what it says.
 */

const HOUR = 3_600_000;
const ANSI = '\u001b[2J\u202e';

/** CPU, not the clock: others work on this machine too. */
const cpuOf = (work: () => void): number => {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
};

const causesOf = (object: unknown): readonly string[] => compilePolicy(object).causes.map(describeCause);

describe('The author of a policy', () => {
  it('cannot store what is too large or too deep', () => {
    const deep = (levels: number): unknown => {
      let value: unknown = 1;
      for (let i = 0; i < levels; i += 1) value = { a: value };
      return value;
    };
    const params = (values: object): object => policyWith({ params: { values } });
    assert.match(
      causesOf(params({ a: 'x'.repeat(64 * 1024) })).join(),
      /spec\.params has \d+ bytes; the most .* is 65536/,
    );
    assert.deepEqual(causesOf(params({ a: 'x'.repeat(63 * 1024) })), []);
    assert.match(
      causesOf(params({ a: 'é'.repeat(33 * 1024) })).join(),
      /spec\.params has \d+ bytes/,
      'bytes, not characters',
    );
    assert.match(causesOf(params({ a: deep(101) })).join(), /nested deeper than 100 levels/);
    assert.match(
      causesOf(policyWith({}, { annotations: { a: 'x'.repeat(256 * 1024) } })).join(),
      /at most 262144 are allowed/,
    );
    const managed = { managedFields: [{ fieldsV1: { a: 'x'.repeat(300 * 1024) } }] };
    assert.deepEqual(causesOf(policyWith({}, managed)), [], 'what the API server keeps for itself does not count');
    const many = (n: number) => Array.from({ length: n }, (_, i) => ({ name: `v${i}`, expression: 'true' }));
    assert.match(causesOf(policyWith({ validations: many(65) })).join(), /has 65 items; the most .* is 64/);
  });

  it('cannot hold the webhook: the largest policies are judged in time', () => {
    const long = `${'object.metadata.name == "a" || '.repeat(300)}true`;
    const list = (n: number) => Array.from({ length: n }, (_, i) => ({ name: `v${i}`, expression: long }));
    const selectors = Array.from({ length: 16 }, (_, i) => ({
      action: 'Audit',
      namespaceSelector: { matchLabels: { [`a${i}`]: 'x' } },
    }));
    const rollout = Array.from({ length: 16 }, (_, i) => ({
      action: 'Warn',
      from: new Date(NOW + i * HOUR).toISOString(),
      maxViolations: i,
    }));
    const largest = policyWith({ validations: list(20), actionOverrides: selectors, rollout });
    assert.ok(cpuOf(() => assert.deepEqual(causesOf(largest), [])) < 2_000);
    const turned = policyWith({ validations: list(20), actionOverrides: selectors.toReversed(), rollout });
    assert.ok(cpuOf(() => weakeningsOf(largest, turned, NOW)) < 500);
  });

  it('cannot name a validation so that others read something else', () => {
    const rlo = { name: `a${ANSI}b`, expression: 'true' };
    for (const spec of [
      { validations: [rlo] },
      { matchConditions: [rlo] },
      { variables: [rlo] },
      { auditAnnotations: [{ key: `a/${ANSI}`, valueExpression: "'x'" }] },
      { validations: [{ name: 'a', expression: 'true', field: `$.${ANSI}` }] },
      { exceptions: { maxDuration: ANSI, ticketPattern: `(${ANSI}` } },
      { [ANSI]: 1 },
    ]) {
      const causes = compilePolicy(policyWith(spec)).causes;
      assert.ok(causes.length > 0, JSON.stringify(spec));
      const { message = '', details } = deniedPolicy('u', causes).response.status ?? {};
      assert.doesNotMatch(message.replaceAll('\n', ''), HIDDEN);
      for (const cause of details?.causes ?? [])
        assert.doesNotMatch(cause.message.replaceAll('\n', '') + cause.field, HIDDEN);
    }
  });

  it('cannot write to the audit log under the name of another policy, nor under ours', () => {
    const annotated = (key: string): object => ({ auditAnnotations: [{ key, valueExpression: "'forged'" }] });
    // All that fails stands under policies.failed.
    for (const metadata of [{ name: 'policies' }, { name: 'policies', namespace: 'shop' }]) {
      const { policy, causes } = compilePolicy(policyWith(annotated('failed'), metadata));
      assert.equal(policy === undefined, !('namespace' in metadata));
      if (policy === undefined) assert.match(causes[0]!.message, /under which all violations stand in the audit log/);
      else assert.deepEqual(judge([policy], vmWith(1)).annotations, { 'shop_policies.failed': 'forged' });
    }
    // One of a namespace says nothing where a policy of the cluster is silent.
    const own = compilePolicy(policyWith(annotated('owner'), { name: 'vm-owner', namespace: 'shop' })).policy!;
    assert.deepEqual(Object.keys(judge([own], vmWith(1)).annotations), ['shop_vm-owner.owner']);
  });

  it('cannot show a message of more lines than there are mistakes, nor hide one behind many', () => {
    const validations = Array.from({ length: 64 }, (_, i) => ({
      name: `v${i}`,
      expression: `nothing${i}\n\r\t${ANSI} == 1`,
    }));
    const { causes } = compilePolicy(policyWith({ validations }));
    const { message = '' } = deniedPolicy('u', causes).response.status ?? {};
    const lines = message.split('\n');
    assert.ok(lines.length <= 20 * 3 + 1);
    assert.match(lines.at(-1) ?? '', /^and \d+ more$/);
    for (const line of lines) {
      assert.ok(line.length < 500, line);
      assert.doesNotMatch(line, HIDDEN);
    }
  });

  it('cannot reach a terminal by a literal that a message quotes', () => {
    const literals = ["int('TEXT') > 1", "'x'.matches('(TEXT')", "object.metadata['TEXT'].x == 1", 'variables.TEXT'];
    const validations = literals.map((text, i) => ({ name: `v${i}`, expression: text.replace('TEXT', ANSI) }));
    const { causes } = compilePolicy(policyWith({ validations }));
    assert.equal(causes.length, literals.length);
    const { message = '', details } = deniedPolicy('u', causes).response.status ?? {};
    for (const text of [
      ...message.split('\n'),
      ...(details?.causes ?? []).flatMap((cause) => cause.message.split('\n')),
    ])
      assert.doesNotMatch(text, HIDDEN);
  });

  it('cannot use a variable before it is there, nor itself', () => {
    const variables = [
      { name: 'a', expression: 'variables.b' },
      { name: 'b', expression: 'variables.a' },
    ];
    assert.match(causesOf(policyWith({ variables })).join(), /spec\.variables\[0\].*no field "b"/);
    assert.match(
      causesOf(policyWith({ variables: [{ name: 'a', expression: 'variables.a' }] })).join(),
      /no field "a"/,
    );
  });

  it('cannot have a policy match anything but VMs', () => {
    for (const kind of ['VirtualMachineClusterPolicy', 'VirtualMachinePolicyException', 'Secret', 'ClusterRole'])
      assert.match(causesOf(policyWith({ match: { kinds: [kind] } })).join(), /spec\.match\.kinds\[0\] is /);
  });

  it('cannot make us throw, or speak at length, by anything that can be sent', () => {
    const anything = fc.oneof(
      fc.jsonValue({ maxDepth: 6 }),
      fc.record({ metadata: fc.jsonValue({ maxDepth: 2 }), spec: fc.jsonValue({ maxDepth: 5 }) }),
      fc.record({
        spec: fc.dictionary(
          fc.constantFrom(
            'action',
            'match',
            'rollout',
            'params',
            'validations',
            'exceptions',
            'policies',
            'expiresAt',
            'builtin',
          ),
          fc.jsonValue({ maxDepth: 4 }),
        ),
      }),
    );
    fc.assert(
      fc.property(anything, anything, (one, other) => {
        const exception = readException(one);
        const causes = [...compilePolicy(one).causes, ...('spec' in exception ? [] : exception)];
        for (const { message } of causes) assert.ok(message.length <= MAX_MESSAGE);
        weakeningsOf(one, other, NOW);
        deletionWeakenings(one);
        readStoredException(other);
      }),
      { numRuns: 300 },
    );
  });
});

describe('Who pauses a policy', () => {
  const UNTIL = 'policies.kubectl-virt.io/paused-until';
  const REASON = 'policies.kubectl-virt.io/pause-reason';
  const at = (ms: number): string => new Date(NOW + ms).toISOString();

  it('cannot do so for longer than four hours, whatever is stored, and whatever the clock', () => {
    const policy = compiledPolicy({}, { annotations: { [UNTIL]: at(10 * 365 * 24 * HOUR) } });
    assert.equal(isPaused(policy.annotations[UNTIL], NOW), false);
    for (const off of [-5 * 60_000, 0, 5 * 60_000]) {
      assert.equal(isPaused(at(4 * HOUR), NOW + off), off >= 0);
      assert.equal(isPaused(at(0), NOW + off), off < 0);
    }
    for (const text of ['', 'x', 'NaN', '0', '-1', '9e99', '+275760-09-13T00:00:00.001Z', 'tomorrow'])
      assert.equal(isPaused(text, NOW), false, text);
  });

  it('cannot write a time that only we understand', () => {
    for (const text of [
      '2026-12-01 01:00',
      '2026-12-01T01:00:00',
      'Tue, 01 Dec 2026 01:00:00 GMT',
      '2026',
      '1796086800000',
      ANSI,
    ]) {
      const [cause] = pauseCauses({}, { [UNTIL]: text, [REASON]: 'x' }, NOW);
      assert.ok(cause !== undefined && cause.message.length <= MAX_MESSAGE, text);
      assert.doesNotMatch(describeCause(cause), HIDDEN);
    }
  });

  it('cannot be somebody else, nor be spared the verb by what is stored', () => {
    const forged = withPauser(
      {},
      { [UNTIL]: at(HOUR), [REASON]: 'x', 'policies.kubectl-virt.io/paused-by': 'eve' },
      'mallory',
    );
    assert.equal(forged['policies.kubectl-virt.io/paused-by'], 'mallory');
    const stored: Record<string, string>[] = [
      {},
      { [UNTIL]: at(100 * HOUR) },
      { [UNTIL]: at(-HOUR) },
      { [UNTIL]: 'x' },
      { [UNTIL]: at(HOUR / 2) },
    ];
    for (const before of stored)
      assert.equal(isNewPause(before, { [UNTIL]: at(HOUR) }, NOW), true, JSON.stringify(before));
    assert.equal(isNewPause({ [UNTIL]: at(2 * HOUR) }, { [UNTIL]: at(HOUR) }, NOW), false);
  });
});

describe('Who makes an exception', () => {
  const policy = compiledPolicy({});
  const subject = {
    kind: 'VirtualMachine',
    operation: 'CREATE',
    name: 'web',
    namespace: 'shop',
    labels: {},
    namespaceLabels: {},
    user: undefined,
  } as const;
  const question = { policy, validation: 'vcpus', subject, now: NOW, holds: () => true };
  const applies = (spec: object, namespace?: string): boolean =>
    exceptionFor([exceptionWith(spec, namespace)], question) !== undefined;

  it('cannot have it count for longer than could be written now, in another namespace, or for everything', () => {
    assert.equal(applies({}), true);
    assert.equal(applies({ expiresAt: '2026-12-31T00:00:00Z' }), true);
    assert.equal(applies({ expiresAt: '2026-12-31T00:00:01Z' }), false, 'written while the webhook was away');
    assert.equal(applies({ expiresAt: '2026-12-01T00:00:00Z' }), false);
    assert.equal(applies({}, 'other'), false);
    for (const match of [{}, { objectSelector: {} }, { names: [] }])
      assert.throws(() => exceptionWith({ match }), /every object/);
  });

  it('cannot have one that nobody checked be taken for one that was', () => {
    const object = {
      apiVersion: 'x',
      kind: 'VirtualMachinePolicyException',
      metadata: { name: 'a', namespace: 'shop' },
      spec: exceptionWith({}).spec,
    };
    assert.ok(!('spec' in readStoredException(object)));
    const inherited = {
      ...object,
      metadata: {
        ...object.metadata,
        annotations: Object.create({ 'policies.kubectl-virt.io/created-by': 'x' }) as object,
      },
    };
    assert.ok(!('spec' in readStoredException(inherited)));
    const annotations = { 'policies.kubectl-virt.io/created-by': 'alice' };
    assert.ok('spec' in readStoredException({ ...object, metadata: { ...object.metadata, annotations } }));
  });

  it('needs the verb for every change by which it can cover more', () => {
    const narrow = exceptionWith({
      policies: [{ name: 'vm-size', validations: ['vcpus'] }],
      conditions: [{ name: 'c', expression: 'true' }],
    });
    const change = (spec: object): number =>
      widenedPolicies(narrow, { ...narrow, spec: { ...narrow.spec, ...spec } }).length;
    assert.equal(change({}), 0);
    assert.equal(change({ expiresAt: '2026-12-19T00:00:00Z' }), 0);
    for (const spec of [
      { expiresAt: '2026-12-20T00:00:00.001Z' },
      { expiresAt: 'x' },
      { conditions: [] },
      { match: { names: ['*'] } },
      { match: { names: ['web*'], kinds: ['VirtualMachine'] } },
      { policies: [{ name: 'vm-size' }] },
      { policies: [{ name: 'vm-size', validations: ['vcpus', 'other'] }] },
      { policies: [{ name: 'vm-size', kind: 'VirtualMachinePolicy', validations: ['vcpus'] }] },
    ])
      assert.equal(change(spec), 1, JSON.stringify(spec));
    assert.equal(widenedPolicies(undefined, narrow).length, 1);
  });

  it('is told so in words that everybody can read', () => {
    const exception = exceptionWith({
      ticket: ANSI,
      policies: [
        { name: ANSI, validations: [ANSI] },
        { name: 'vm-size', validations: [ANSI] },
      ],
    });
    const wants = compiledPolicy({ exceptions: { ticketPattern: 'x' } });
    const causes = atOnce(exceptionCauses(exception, ({ name }) => (name === 'vm-size' ? wants : 'missing'), NOW));
    assert.equal(causes.length, 3);
    for (const cause of causes) assert.doesNotMatch(cause.message, HIDDEN);
    assert.equal(policiesOf(exception).length, 2);
  });
});
