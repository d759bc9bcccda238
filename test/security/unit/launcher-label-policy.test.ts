import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { run } from '@bufbuild/cel';
import { parseAllDocuments } from 'yaml';

/*
 * The shipped ValidatingAdmissionPolicy, its CEL evaluated by an evaluator that is not Kubernetes' (the tests' API
 * server is older than the kind). What Kubernetes adds to the language is not used.
 */

interface Policy {
  kind: string;
  metadata: { name: string };
  spec: {
    failurePolicy: string;
    matchConstraints: { resourceRules: { operations: string[]; resources: string[]; apiGroups: string[] }[] };
    variables: { name: string; expression: string }[];
    validations: { expression: string; message?: string; messageExpression?: string }[];
  };
}
interface Binding {
  kind: string;
  spec: { policyName: string; validationActions: string[] };
}

const text = readFileSync(
  new URL('../../../overlays/kubernetes-1.30/launcher-pod-policy.yaml', import.meta.url),
  'utf8',
);
const [policy, binding] = parseAllDocuments(text).map((document) => document.toJS() as unknown) as [Policy, Binding];

type Labels = Record<string, string> | undefined;
const podOf = (labels: Labels) => ({ metadata: labels === undefined ? { name: 'p' } : { name: 'p', labels } });

/** The messages of what refuses it. */
const refusals = (username: string, labels: Labels, old?: { labels: Labels }): string[] => {
  const environment: Record<string, unknown> = {
    object: podOf(labels),
    oldObject: old === undefined ? null : podOf(old.labels),
    request: { userInfo: { username } },
  };
  const evaluate = (expression: string, more: object = {}): unknown =>
    run(expression, { ...environment, ...more } as never);
  // Kubernetes evaluates variables when they are asked for, in their order here.
  const variables: Record<string, unknown> = {};
  for (const { name, expression } of policy.spec.variables) variables[name] = evaluate(expression, { variables });
  return policy.spec.validations.flatMap(({ expression, message, messageExpression }) => {
    const verdict = evaluate(expression, { variables });
    if (typeof verdict !== 'boolean') throw verdict as Error;
    if (verdict) return [];
    const said = message ?? evaluate(messageExpression ?? '', { variables });
    assert.equal(typeof said, 'string', String(said));
    return [said as string];
  });
};

const CONTROLLER = 'system:serviceaccount:kubevirt:virt-controller';
const LAUNCHER = { 'kubevirt.io': 'virt-launcher', 'kubevirt.io/created-by': 'vmi-uid' };

describe('the label of launcher pods, kept by a ValidatingAdmissionPolicy', () => {
  it('is enforced for every pod that is made or changed', () => {
    assert.equal(policy.kind, 'ValidatingAdmissionPolicy');
    assert.equal(policy.spec.failurePolicy, 'Fail');
    assert.deepEqual(policy.spec.matchConstraints.resourceRules[0]?.operations, ['CREATE', 'UPDATE']);
    assert.deepEqual(policy.spec.matchConstraints.resourceRules[0].resources, ['pods']);
    assert.equal(binding.kind, 'ValidatingAdmissionPolicyBinding');
    assert.equal(binding.spec.policyName, policy.metadata.name);
    assert.deepEqual(binding.spec.validationActions, ['Deny']);
  });

  const users = [
    'alice',
    'system:serviceaccount:kubevirt:virt-agent',
    'system:serviceaccount:evil:virt-controller',
    '',
  ];
  for (const user of users) {
    it(`is not for ${user || 'somebody without a name'} to write, change or take off`, () => {
      assert.match(refusals(user, LAUNCHER)[0] ?? '', /virt-controller alone makes: use another value$/);
      assert.match(refusals(user, LAUNCHER, { labels: undefined })[0] ?? '', /use another value/);
      assert.match(refusals(user, LAUNCHER, { labels: { 'kubevirt.io': 'x' } })[0] ?? '', /use another value/);
      assert.match(refusals(user, {}, { labels: LAUNCHER })[0] ?? '', /leave it as it was/);
      assert.match(refusals(user, undefined, { labels: LAUNCHER })[0] ?? '', /leave it as it was/);
      assert.match(refusals(user, { 'kubevirt.io': 'mine' }, { labels: LAUNCHER })[0] ?? '', /leave it as it was/);
      const other = { ...LAUNCHER, 'kubevirt.io/created-by': 'victim' };
      assert.match(refusals(user, other, { labels: LAUNCHER })[0] ?? '', /which VM a pod is of/);
    });

    it(`leaves other pods, and other changes, to ${user || 'somebody without a name'}`, () => {
      assert.deepEqual(refusals(user, undefined), []);
      assert.deepEqual(refusals(user, { app: 'web' }), []);
      assert.deepEqual(refusals(user, { 'kubevirt.io': 'virt-agent' }), []);
      assert.deepEqual(refusals(user, { ...LAUNCHER, app: 'web' }, { labels: LAUNCHER }), []);
      assert.deepEqual(refusals(user, {}, { labels: { app: 'web' } }), []);
    });
  }

  it('is for virt-controller to write', () => {
    assert.deepEqual(refusals(CONTROLLER, LAUNCHER), []);
    assert.deepEqual(refusals(CONTROLLER, {}, { labels: LAUNCHER }), []);
  });
});
