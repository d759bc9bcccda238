import assert from 'node:assert/strict';
import type { Cause } from '../../../../src/api/cause.js';
import { audited, allowed, denied } from '../../../../src/webhook/admission/answers.js';
import { outcomeWith, type Outcome } from '../../../../src/webhook/admission/outcome.js';
import type { PolicyAnswer } from '../../../../src/webhook/policies/policy-judge.js';

const cause = (field: string, rule: string, message = 'm'): Cause => ({
  type: 'FieldValueForbidden',
  field,
  message,
  rule,
});
const outcome = (...causes: Cause[]): Outcome => ({ causes, warnings: ['own'], patch: [] });
const said = (given: Partial<PolicyAnswer>): PolicyAnswer => ({
  causes: [],
  violations: [],
  warnings: [],
  settled: new Set(),
  auditAnnotations: {},
  ...given,
});

describe('What policies say, in the answer', () => {
  const violation = cause('spec.a', 'policy/p/v');
  const error = cause('spec', 'policy/p/e');

  it('refuses what is else right, and warns beside the own warnings', () => {
    const refused = outcomeWith(outcome(), said({ causes: [violation, error], violations: [violation] }));
    assert.deepEqual(refused.causes, [violation, error]);
    assert.deepEqual(outcomeWith(outcome(), said({ warnings: ['theirs'] })).warnings, ['own', 'theirs']);
  });

  it('is told together with what else is wrong: of one field once, and no error that may follow from it', () => {
    const own = cause('spec.a', 'schema.type');
    const other = cause('spec.b', 'policy/p/w');
    const { causes } = outcomeWith(
      outcome(own),
      said({ causes: [violation, error, other], violations: [violation, other] }),
    );
    assert.deepEqual(causes, [own, other]);
  });

  it('lets go of what policies have decided about, and of nothing else', () => {
    const [soft, hard] = [cause('spec.a', 'net.no-iface'), cause('spec.b', 'disk.cache')];
    const settled = new Set(['net.no-iface', 'W-CPU-1']);
    const own = { ...outcome(soft), warnings: ['a: [net.no-iface] b [W-CPU-2]', 'a: b [W-CPU-1]'] };
    const answer = outcomeWith(own, said({ settled, warnings: ['theirs'] }));
    assert.deepEqual(answer, { causes: [], warnings: ['a: [net.no-iface] b [W-CPU-2]', 'theirs'], patch: [] });
    assert.deepEqual(outcomeWith(outcome(soft, hard), said({ settled })).causes, [hard]);
    assert.deepEqual(outcomeWith(outcome(soft), said({ settled, causes: [violation] })).causes, [violation]);
  });

  it('is a thousand causes at most', () => {
    const many = Array.from({ length: 1000 }, (_, i) => cause(`spec.x${i}`, 'policy/p/v'));
    assert.equal(
      outcomeWith(outcome(cause('spec.a', 'x')), said({ causes: many, violations: many })).causes.length,
      1000,
    );
  });

  it('names the policy, whatever the length, and nothing that acts on a terminal', () => {
    const { status } = denied('u', [cause('spec.a', 'policy/vm-size/vcpus', `\u001b[31m${'x'.repeat(300)}`)]).response;
    const [first] = status?.details?.causes ?? [];
    assert.match(first?.message ?? '', /^\\x1b\[31mx+… \[policy\/vm-size\/vcpus\]$/);
    assert.ok((status?.message ?? '').includes('[policy/vm-size/vcpus]'));
    // Rules of the product are not named there.
    assert.doesNotMatch(denied('u', [cause('spec.a', 'cpu.x')]).response.status?.message ?? '', /cpu\.x/);
  });

  it('stands in the audit log where there is something', () => {
    assert.equal('auditAnnotations' in audited(allowed('u'), {}).response, false);
    assert.deepEqual(audited(allowed('u'), { a: 'b' }).response.auditAnnotations, { a: 'b' });
  });
});
