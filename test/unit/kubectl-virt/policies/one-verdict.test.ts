import assert from 'node:assert/strict';
import { admit } from '../../../../src/admission/admit.js';
import { resolveClusterConfig } from '../../../../src/api/settings/cluster-config.js';
import { compilePolicy } from '../../../../src/policies/compile-policy.js';
import { admissionContext } from '../../../../cmd/kubectl-virt/offline/admission.js';
import { inOrder } from '../../../../src/policies/question.js';
import { PASSING } from '../../policies/passing.js';
import { VM } from '../../policies/cel/objects.js';
import { RULES } from '../../policies/rules.js';
import { judge, policyWith } from '../../policies/support.js';
import { machine, newFiles, type Files } from './files.js';

/*
 * One verdict: what lint says, what a test gives and what the function gives that the webhook asks, for rules and
 * objects in turn.
 */

const ACTIONS = ['Enforce', 'Warn', 'Audit', 'Off'] as const;
const EFFECTIVE = {
  'effective-cores': 'effective.domain.cpu.cores <= 8',
  'effective-eviction': "effective.evictionStrategy == 'LiveMigrate'",
  'effective-bus':
    "!has(effective.domain.devices.disks) || effective.domain.devices.disks.all(d, d.?disk.?bus.orValue('') == 'x')",
} as const;
const POLICIES = Object.entries({ ...RULES, ...EFFECTIVE }).map(([name, expression], i) =>
  policyWith({ action: ACTIONS[i % 3], validations: [{ name: 'rule', expression }] }, { name }),
);
const LABELS = { env: 'prod', 'kubernetes.io/metadata.name': 'shop' };

/** What hardly any rule likes. */
const BAD = {
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachineInstance',
  metadata: { name: '1web', namespace: 'shop' },
  spec: {
    terminationGracePeriodSeconds: 0,
    tolerations: [{ operator: 'Exists' }],
    domain: {
      cpu: { cores: 16, model: 'host-passthrough' },
      memory: { guest: '128Gi' },
      devices: {
        disks: [
          { name: 'root', disk: { bus: 'sata' } },
          { name: 'seed', disk: {} },
        ],
        interfaces: [{ name: 'default', bridge: {}, macAddress: '02:00:00:00:00:01' }],
      },
    },
    networks: [{ name: 'default', pod: {} }],
    volumes: [
      { name: 'root', containerDisk: { image: 'docker.io/evil/x:latest' } },
      { name: 'seed', cloudInitNoCloud: { userData: '#cloud-config\npassword: hunter2\nssh_pwauth: true\n' } },
    ],
  },
};

const OBJECTS: readonly object[] = [
  PASSING,
  VM,
  BAD,
  machine(64, { namespace: 'shop' }),
  machine(1, { namespace: 'shop', labels: { owner: 'a' } }),
];

const rulesOf = (findings: readonly { readonly rule: string; readonly severity: string }[]): string[] =>
  findings
    .filter(({ rule }) => rule.startsWith('policy/'))
    .map(({ rule, severity }) => `${severity} ${rule}`)
    .toSorted();

describe('policies have one verdict', function () {
  this.timeout(60_000);
  let files: Files;
  before(() => {
    files = newFiles();
    for (const [i, policy] of POLICIES.entries()) files.write(`policies/${i}.yaml`, policy);
  });
  after(() => files.remove());

  for (const [i, given] of OBJECTS.entries())
    it(`of object ${i}, in lint, in a test and in the function`, async () => {
      const object = { ...given, metadata: { ...(given as { metadata: object }).metadata, namespace: 'shop' } };
      const { kind } = object as unknown as { kind: 'VirtualMachine' };
      const { name } = object.metadata as unknown as { name: string };
      const context = admissionContext(resolveClusterConfig(), `${kind}/${name}`);
      const { object: admitted } = admit({ kind, operation: 'CREATE', object }, context);
      const compiled = inOrder(POLICIES.map((policy) => compilePolicy(policy).policy!));
      const verdict = judge(compiled, admitted as object, {
        subject: { namespaceLabels: LABELS },
        namespaceObject: { metadata: { name: 'shop', labels: LABELS } },
      });
      const wanted = verdict.findings
        .filter(({ action }) => action === 'Enforce' || action === 'Warn')
        .map(
          ({ policy, name: rule, action }) =>
            `${action === 'Enforce' ? 'error' : 'warning'} policy/${policy.name}/${rule}`,
        )
        .toSorted();
      assert.equal(verdict.causes.length, wanted.filter((each) => each.startsWith('error')).length);

      const file = files.write('vm.yaml', object);
      const policies = ['--policy', '@policies', '--namespace-labels', 'env=prod', '--as', 'alice'];
      const linted = JSON.parse((await files.run('lint', '-f', file, ...policies, '-o', 'json')).out);
      assert.deepEqual(rulesOf(linted.findings), wanted);
      const messages = new Map(verdict.findings.map((one) => [`policy/${one.policy.name}/${one.name}`, one]));
      for (const { rule, field, message } of linted.findings) {
        if (messages.has(rule))
          assert.deepEqual([field, message], [messages.get(rule)?.field, messages.get(rule)?.message]);
      }

      const causes = verdict.findings.map((one) => ({
        rule: `policy/${one.policy.name}/${one.name}`,
        field: one.field,
        contains: one.message.slice(0, 200),
      }));
      const word = verdict.causes.length > 0 ? 'Deny' : verdict.warnings.length > 0 ? 'Warn' : 'Allow';
      const test = files.write('a.policytest.yaml', {
        apiVersion: 'policies.kubectl-virt.io/v1alpha1',
        kind: 'PolicyTest',
        policies: ['policies'],
        namespaces: { shop: { labels: { env: 'prod' } } },
        user: { name: 'alice' },
        cases: [{ name: 'one', object: { file: 'vm.yaml' }, expect: { verdict: word, causes } }],
      });
      const tested = await files.run('policy', 'test', test);
      assert.equal(tested.code, 0, tested.out);
    });

  it('tries something', () => {
    const compiled = POLICIES.map((policy) => compilePolicy(policy).policy!);
    assert.ok(compiled.length > 30);
    const verdicts = OBJECTS.map((object) => judge(compiled, object));
    const sum = (of: (verdict: (typeof verdicts)[number]) => number): number =>
      verdicts.reduce((all, one) => all + of(one), 0);
    assert.ok(sum(({ causes }) => causes.length) > 5 && sum(({ warnings }) => warnings.length) > 5);
  });
});
