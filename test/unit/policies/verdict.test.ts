import assert from 'node:assert/strict';
import type { CompiledPolicy } from '../../../src/policies/compile-policy.js';
import { compiledPolicy, exceptionWith, judge, NOW, vmWith } from './support.js';

const rule = (expression: string, more: object = {}): object => ({
  validations: [{ name: 'vcpus', expression, ...more }],
});
const SMALL = rule('variables.vcpus <= 8');

describe('A verdict', () => {
  it('refuses with the place, the value and the rule', () => {
    const { causes, warnings } = judge([compiledPolicy(SMALL)], vmWith(16));
    assert.deepEqual(causes, [
      {
        type: 'FieldValueForbidden',
        field: 'spec.template.spec.domain.cpu.cores',
        message: 'variables.vcpus <= 8 is false: variables.vcpus is 16',
        rule: 'policy/vm-size/vcpus',
      },
    ]);
    assert.deepEqual(warnings, []);
    assert.deepEqual(judge([compiledPolicy(SMALL)], vmWith(8)).findings, []);
  });

  it('says all failures of all policies, in order', () => {
    const two = {
      validations: [
        { name: 'a', expression: 'variables.vcpus < 2' },
        { name: 'b', expression: 'false' },
      ],
    };
    const { causes } = judge([compiledPolicy(two, { name: 'one' }), compiledPolicy(SMALL, { name: 'two' })], vmWith(9));
    assert.deepEqual(
      causes.map(({ rule: id }) => id),
      ['policy/one/a', 'policy/one/b', 'policy/two/vcpus'],
    );
  });

  it('takes the message of the policy, made or written, and its remedy', () => {
    const messageOf = (more: object): string =>
      judge([compiledPolicy(rule('variables.vcpus <= 8', more))], vmWith(16)).causes[0]!.message;
    assert.equal(
      messageOf({ messageExpression: "'%d vCPUs'.format([variables.vcpus])", message: 'too many' }),
      '16 vCPUs',
    );
    assert.equal(
      messageOf({ messageExpression: "'a' + object.metadata.labels['nothing']", message: 'too many' }),
      'too many',
    );
    assert.equal(messageOf({ messageExpression: "'a\\nb'", message: 'too many', remedy: 'ask' }), 'too many; ask');
    assert.equal(messageOf({ field: '$.domain.cpu', message: 'm' }), 'm');
    assert.equal(
      judge([compiledPolicy(rule('variables.vcpus <= 8', { field: '$.domain.cpu' }))], vmWith(16)).causes[0]!.field,
      'spec.template.spec.domain.cpu',
    );
  });

  it('does by its action: warn, audit, nothing; no validation above the policy', () => {
    const found = (spec: object): [number, number, number] => {
      const { causes, warnings, findings } = judge([compiledPolicy(spec)], vmWith(16));
      return [causes.length, warnings.length, findings.length];
    };
    assert.deepEqual(found({ ...SMALL, action: 'Warn' }), [0, 1, 1]);
    assert.deepEqual(found({ ...SMALL, action: 'Audit' }), [0, 0, 1]);
    assert.deepEqual(found({ ...SMALL, action: 'Off' }), [0, 0, 0]);
    assert.deepEqual(found({ ...rule('variables.vcpus <= 8', { action: 'Warn' }), action: 'Enforce' }), [0, 1, 1]);
    assert.deepEqual(found({ ...rule('variables.vcpus <= 8', { action: 'Enforce' }), action: 'Audit' }), [0, 0, 1]);
    assert.deepEqual(
      found({ ...SMALL, actionOverrides: [{ namespaceSelector: { matchLabels: { env: 'prod' } }, action: 'Audit' }] }),
      [0, 0, 1],
    );
  });

  it('follows a rollout by its dates, held back while too many violate', () => {
    const rollout = [{ from: '2027-02-01T00:00:00Z', action: 'Enforce', maxViolations: 0 }];
    const policy = compiledPolicy({ ...SMALL, action: 'Warn', rollout });
    const before = judge([policy], vmWith(16));
    assert.equal(before.causes.length, 0);
    assert.match(before.warnings[0]!, /; it will be refused from 2027-02-01 \[policy\/vm-size\/vcpus\]$/);
    const later = Date.parse('2027-02-01T00:00:00Z');
    const refused = (violations: number | undefined): number =>
      judge([policy], vmWith(16), { now: later, violations: () => violations }).causes.length;
    assert.deepEqual([refused(0), refused(3), refused(undefined)], [1, 0, 0]);
  });

  it('is milder while a policy is paused, and a pause without an end is none', () => {
    const paused = (until: string): number =>
      judge([compiledPolicy(SMALL, { annotations: { 'policies.kubectl-virt.io/paused-until': until } })], vmWith(16))
        .causes.length;
    assert.equal(paused('2026-12-01T00:30:00Z'), 0);
    assert.equal(paused('2026-11-30T23:59:59Z'), 1);
    assert.equal(paused('2036-12-01T00:00:00Z'), 1);
    assert.equal(paused('for ever'), 1);
    // Told with every write, whatever is written.
    const until = { annotations: { 'policies.kubectl-virt.io/paused-until': '2026-12-01T00:30:00Z' } };
    const one = compiledPolicy(SMALL, until);
    const said = (...policies: CompiledPolicy[]): readonly string[] => judge(policies, vmWith(1)).warnings;
    assert.deepEqual(said(one), [
      'policy vm-size is paused until 2026-12-01T00:30:00Z: it refuses nothing now [policy/vm-size]',
    ]);
    assert.match(
      said(one, compiledPolicy(SMALL, { ...until, name: 'b' }))[0]!,
      /^2 policies are paused, vm-size among them, until 2026-12-01T00:30:00Z: they refuse nothing now \[policy\.pause\]$/,
    );
    const all = { pausedUntil: '2026-12-01T00:45:00Z' };
    const own = compiledPolicy(SMALL, { ...until, name: 'b' });
    // Of two pauses the longer counts.
    assert.match(judge([one], vmWith(1), all).warnings[0]!, /until 2026-12-01T00:45:00Z:/);
    assert.match(
      said(
        own,
        compiledPolicy(SMALL, { annotations: { 'policies.kubectl-virt.io/paused-until': '2026-12-01T02:00:00Z' } }),
      )[0]!,
      /, the last until 2026-12-01T02:00:00Z:/,
    );
    assert.equal(judge([compiledPolicy(SMALL)], vmWith(16), all).causes.length, 0);
    assert.equal(judge([compiledPolicy(SMALL)], vmWith(16), { pausedUntil: '2027-12-01T00:00:00Z' }).causes.length, 1);
  });

  it('lets be what was so already, unless the policy says otherwise', () => {
    const policy = compiledPolicy(SMALL);
    const ratcheted = judge([policy], vmWith(32), { oldObject: vmWith(16) });
    assert.equal(ratcheted.causes.length, 0);
    assert.match(ratcheted.warnings[0]!, /the stored object has it too/);
    assert.equal(judge([policy], vmWith(32), { oldObject: vmWith(4) }).causes.length, 1);
    const enforced = compiledPolicy({ ...SMALL, existing: 'Enforce' });
    assert.equal(judge([enforced], vmWith(32), { oldObject: vmWith(16) }).causes.length, 1);
  });

  it('of an expression that fails is that of failurePolicy, and no exception covers it', () => {
    const failing = rule('object.spec.template.spec.domain.memory.guest != "1Gi"');
    const { causes } = judge([compiledPolicy(failing)], vmWith(1), { exceptions: [exceptionWith({})] });
    assert.match(causes[0]!.message, /^the policy could not be evaluated: no such key: memory$/);
    assert.equal(judge([compiledPolicy({ ...failing, failurePolicy: 'Ignore' })], vmWith(1)).findings.length, 0);
  });

  it('is of the objects only that the policy is for', () => {
    const found = (match: object, given = {}): number =>
      judge([compiledPolicy({ ...SMALL, match })], vmWith(16), given).findings.length;
    assert.equal(found({ kinds: ['VirtualMachineInstance'] }), 0);
    assert.equal(found({ operations: ['UPDATE'] }), 0);
    assert.equal(found({ namespaces: ['sh*'] }), 1);
    assert.equal(found({ namespaces: ['x*'] }), 0);
    assert.equal(found({ excludeNames: ['*eb'] }), 0);
    assert.equal(found({ objectSelector: { matchLabels: { app: 'db' } } }), 0);
    assert.equal(found({ objectSelector: { matchExpressions: [{ key: 'app', operator: 'In', values: ['web'] }] } }), 1);
    assert.equal(found({ subjects: [{ kind: 'Group', name: 'developers' }] }), 1);
    assert.equal(found({ excludeSubjects: [{ kind: 'User', name: 'alice' }] }), 0);
    assert.equal(found({ namespaceSelector: { matchLabels: { env: 'dev' } } }), 0);
    const unknown = judge([compiledPolicy({ ...SMALL, match: { namespaceSelector: {} } })], vmWith(16), {
      subject: { namespaceLabels: undefined },
    });
    assert.match(unknown.causes[0]!.message, /labels of the namespace are not known/);
    assert.equal(judge([compiledPolicy(SMALL, { namespace: 'other' })], vmWith(16)).findings.length, 0);
    assert.equal(
      judge([compiledPolicy(SMALL, { namespace: 'shop' })], vmWith(16)).causes[0]!.rule,
      'policy/shop:vm-size/vcpus',
    );
  });

  it("follows Kubernetes' rule for conditions: one that is false wins over one that fails", () => {
    const conditions = (...expressions: string[]): object => ({
      ...SMALL,
      matchConditions: expressions.map((expression, i) => ({ name: `c${i}`, expression })),
    });
    const found = (spec: object): string[] =>
      judge([compiledPolicy(spec)], vmWith(16)).causes.map(({ rule: id }) => id!);
    assert.deepEqual(found(conditions('true')), ['policy/vm-size/vcpus']);
    assert.deepEqual(found(conditions("object.metadata.labels['no'] == 'x'", 'false')), []);
    assert.deepEqual(found(conditions("object.metadata.labels['no'] == 'x'", 'true')), ['policy/vm-size/c0']);
  });

  it('knows params by namespace', () => {
    const params = {
      values: { maxVcpus: 8 },
      overrides: [{ namespaceSelector: { matchLabels: { env: 'prod' } }, values: { maxVcpus: 32 } }],
    };
    const policy = compiledPolicy({ ...rule('variables.vcpus <= params.maxVcpus'), params });
    assert.equal(judge([policy], vmWith(16)).causes.length, 0);
    assert.equal(judge([policy], vmWith(16), { subject: { namespaceLabels: {} } }).causes.length, 1);
  });

  it('evaluates variables of its own with those before them', () => {
    const policy = compiledPolicy({
      ...rule('variables.tooMany <= 0'),
      variables: [
        { name: 'none', expression: 'null' },
        { name: 'most', expression: 'variables.none == null ? 8 : 0' },
        { name: 'tooMany', expression: 'variables.vcpus - variables.most' },
      ],
    });
    const [cause] = judge([policy], vmWith(9)).causes;
    assert.equal(cause!.message, 'variables.tooMany <= 0 is false: variables.tooMany is 1');
    assert.equal(cause!.field, 'spec.template.spec.domain.cpu.cores');
  });

  it('writes to the audit log what the policy says, whatever is refused', () => {
    const auditAnnotations = [
      { key: 'vcpus', valueExpression: "string(variables.vcpus) + '\\n'" },
      { key: 'none', valueExpression: 'null' },
      { key: 'blank', valueExpression: "'  '" },
      { key: 'failing', valueExpression: "object.metadata.labels['no']" },
    ];
    const { annotations, causes } = judge([compiledPolicy({ ...SMALL, auditAnnotations })], vmWith(16));
    assert.deepEqual(annotations, { 'vm-size.vcpus': '16\\n' });
    // A value that cannot be evaluated is an error of the policy, as in Kubernetes.
    assert.deepEqual(
      causes.map(({ rule: id }) => id),
      ['policy/vm-size/vcpus', 'policy/vm-size/failing'],
    );
    assert.throws(() => compiledPolicy({ ...SMALL, auditAnnotations }, { name: 'n'.repeat(60) }), /63 are allowed/);
  });

  it('lets no policy fill the audit log, nor write over one of the cluster', () => {
    const valueExpression = "variables.volumes.map(v, v.name).join('')";
    const auditAnnotations = Array.from({ length: 20 }, (_, i) => ({ key: `k${i}`, valueExpression }));
    const volumes = Array.from({ length: 60 }, () => ({ name: 'x'.repeat(200), emptyDisk: {} }));
    const vm = { ...vmWith(1), spec: { template: { spec: { domain: { devices: {} }, volumes } } } };
    const policies = ['a', 'b'].map((name) => compiledPolicy({ ...SMALL, auditAnnotations }, { name }));
    const { annotations } = judge(policies, vm);
    assert.ok(Object.values(annotations).join('').length <= 64 * 1024);
    const same = [compiledPolicy({ ...SMALL, auditAnnotations: [{ key: 'k', valueExpression: "'cluster'" }] })];
    same.push(
      compiledPolicy({ ...SMALL, auditAnnotations: [{ key: 'k', valueExpression: "'own'" }] }, { namespace: 'shop' }),
    );
    assert.deepEqual(judge(same, vmWith(1)).annotations, { 'vm-size.k': 'cluster', 'shop_vm-size.k': 'own' });
  });

  it('shows no secret, whatever the rule reads', () => {
    const vm = structuredClone(vmWith(1)) as { spec: { template: { spec: Record<string, unknown> } } };
    vm.spec.template.spec['volumes'] = [
      { name: 'a', emptyDisk: { capacity: '1Gi' } },
      { name: 'seed', cloudInitNoCloud: { userData: 'password: hunter2' } },
    ];
    const policy = compiledPolicy(
      rule("variables.volumes.all(v, !has(v.cloudInitNoCloud) || v.cloudInitNoCloud.userData == '')"),
    );
    const [cause] = judge([policy], vm).causes;
    assert.equal(cause!.field, 'spec.template.spec.volumes[1].cloudInitNoCloud.userData');
    assert.doesNotMatch(cause!.message, /hunter2/);
  });
});

describe('The place of a failure', () => {
  const VMS = {
    ...vmWith(1),
    spec: {
      template: {
        spec: {
          domain: {
            cpu: { cores: 1 },
            devices: {
              disks: [
                { name: 'root', disk: { bus: 'virtio' } },
                { name: 'old', disk: { bus: 'sata' } },
              ],
            },
          },
          volumes: [
            { name: 'a', containerDisk: { image: 'quay.io/a:1' } },
            { name: 'b', emptyDisk: {} },
            { name: 'c', containerDisk: { image: 'docker.io/evil/x:1' } },
          ],
        },
      },
    },
  };
  const SPEC = 'spec.template.spec';

  for (const [expression, field] of [
    [
      "variables.disks.all(d, d.?disk.?bus.orValue('virtio') in ['virtio', 'scsi'])",
      `${SPEC}.domain.devices.disks[1].disk.bus`,
    ],
    ['variables.volumes.all(v, !has(v.emptyDisk))', `${SPEC}.volumes[1].emptyDisk`],
    [
      "variables.volumes.filter(v, has(v.containerDisk)).all(v, v.containerDisk.image.startsWith('quay.io/'))",
      `${SPEC}.volumes[2].containerDisk.image`,
    ],
    ["!variables.volumes.exists(v, v.name == 'c')", `${SPEC}.volumes[2].name`],
    ["object.metadata.name.matches('^db-')", 'metadata.name'],
    ["variables.labels[?'owner'].orValue('') != ''", 'metadata.labels.owner'],
    ["'owner' in variables.labels", 'metadata.labels'],
    ["object.metadata.name == 'web' && variables.vcpus > 4", `${SPEC}.domain.cpu.cores`],
    ['!has(variables.instance.domain.cpu) || variables.instance.domain.cpu.cores > 4', `${SPEC}.domain.cpu.cores`],
    ['size(variables.volumes) < 3', `${SPEC}.volumes`],
    ["variables.images.all(i, i.startsWith('quay.io/'))", `${SPEC}.volumes[1]`],
    ['false', 'spec'],
    ["request.userInfo.username == 'bob'", 'spec'],
  ] as const) {
    it(`is where its rule looked: ${expression.slice(0, 80)}`, () => {
      const { causes } = judge([compiledPolicy(rule(expression))], VMS);
      assert.deepEqual(
        causes.map((cause) => cause.field),
        [field],
      );
    });
  }
});

describe('An exception', () => {
  const found = (exception: object, namespace?: string, given = {}): string =>
    judge([compiledPolicy(SMALL)], vmWith(16), { exceptions: [exceptionWith(exception, namespace)], ...given })
      .findings[0]!.outcome;

  it('lets its objects off until its time, and what it lets off is evaluated all the same', () => {
    assert.equal(found({}), 'excepted');
    assert.equal(found({ expiresAt: '2026-11-30T23:59:59Z' }), 'fail');
    assert.equal(found({}, 'shop', { now: Date.parse('2027-01-31T00:00:00Z') }), 'fail');
    const verdict = judge([compiledPolicy(SMALL)], vmWith(16), { exceptions: [exceptionWith({})] });
    assert.deepEqual([verdict.causes, verdict.warnings, verdict.findings[0]!.exception], [[], [], 'db-bigger']);
  });

  it('is for its own namespace, names, kinds and validations', () => {
    assert.equal(found({}, 'other'), 'fail');
    assert.equal(found({ match: { names: ['db-*'] } }), 'fail');
    assert.equal(found({ match: { names: ['web'], kinds: ['VirtualMachineInstance'] } }), 'fail');
    assert.equal(found({ match: { objectSelector: { matchLabels: { app: 'web' } } } }), 'excepted');
    assert.equal(found({ policies: [{ name: 'vm-size', validations: ['memory'] }] }), 'fail');
    assert.equal(found({ policies: [{ kind: 'VirtualMachinePolicy', name: 'vm-size' }] }), 'fail');
  });

  it('holds only while its conditions do', () => {
    assert.equal(found({ conditions: [{ name: 'limit', expression: 'variables.vcpus <= 24' }] }), 'excepted');
    assert.equal(found({ conditions: [{ name: 'limit', expression: 'variables.vcpus <= 12' }] }), 'fail');
    assert.equal(found({ conditions: [{ name: 'odd', expression: 'variables.nothing' }] }), 'fail');
    assert.equal(found({ conditions: [{ name: 'odd', expression: "object.metadata.labels['x'] == 'y'" }] }), 'fail');
  });

  it('is not where the policy allows none', () => {
    const policy = compiledPolicy({ ...SMALL, exceptions: { allowed: false } });
    assert.equal(judge([policy], vmWith(16), { exceptions: [exceptionWith({})] }).causes.length, 1);
  });

  it('says why, whose it is, and for what', () => {
    assert.throws(() => exceptionWith({ match: {} }), /write names or an objectSelector/);
    assert.throws(() => exceptionWith({ reason: 'x' }), /spec\.reason is too short/);
    assert.throws(() => exceptionWith({ owner: ' ' }), /spec\.owner is empty/);
    assert.throws(() => exceptionWith({ expiresAt: undefined }), /spec\.expiresAt/);
  });
});

describe('Policies of a request', () => {
  it('have one budget together', () => {
    const list = Array.from({ length: 300 }, (_, i) => ({ name: `v${i}`, emptyDisk: {} }));
    const vm = { ...vmWith(1), spec: { template: { spec: { domain: { devices: {} }, volumes: list } } } };
    const bomb = compiledPolicy(
      rule('variables.volumes.all(a, variables.volumes.all(b, variables.volumes.all(c, a.name != "x" || b == c)))'),
    );
    const before = process.cpuUsage();
    const { causes } = judge(
      Array.from({ length: 50 }, () => bomb),
      vm,
      { now: NOW },
    );
    const { user, system } = process.cpuUsage(before);
    assert.equal(causes.length, 50);
    assert.ok(
      causes.every(({ message }) => message.startsWith('the policy could not be evaluated: operation cancelled')),
    );
    assert.ok((user + system) / 1000 < 1000, `${(user + system) / 1000} ms`);
  });
});
