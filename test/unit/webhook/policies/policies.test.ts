import assert from 'node:assert/strict';
import { NOW, policy, PolicyApi } from './support.js';

const GROUP = 'policies.kubectl-virt.io';
const WEAKEN = 'weaken virtualmachineclusterpolicies/vm-size@';
const BROKEN = { validations: [{ name: 'a', expression: 'object.spec.nothing == 1' }] };

describe('A policy that is written', () => {
  let api: PolicyApi;
  beforeEach(async () => {
    api = new PolicyApi();
    await api.start();
  });
  afterEach(() => api.stop());

  it('is refused with every mistake, its place, and a caret under it', async () => {
    const spec = {
      validations: [
        { name: 'a', expression: 'object.spec.template.spec.domain.cpu.coers <= 8' },
        { name: 'b', expression: 'true', field: '$.domain.cpus' },
      ],
      match: { operations: ['DELETE'], objectSelector: { matchExpressions: [{ key: 'a', operator: 'in' }] } },
    };
    assert.equal(
      await api.refusal({ object: policy(spec) }),
      [
        'spec.match.operations[0] is "DELETE"; deletions do not come to the webhook, so that VMs can be deleted while it is away; write CREATE or UPDATE',
        'spec.match.objectSelector.matchExpressions[0].operator "in" is no operator: write one of In, NotIn, Exists, DoesNotExist',
        'spec.validations[1].field is "$.domain.cpus", and the schema has no "cpus" there; did you mean "cpu"?',
        'spec.validations[0].expression:1:38: VirtualMachine has no field "coers" in spec.template.spec.domain.cpu; did you mean "cores"?',
        '  object.spec.template.spec.domain.cpu.coers <= 8',
        '                                       ^~~~~',
      ].join('\n'),
    );
  });

  it('has the caret in the cause too, which is what kubectl prints', async () => {
    const validations = [{ name: 'a', expression: 'variables.vcpu <= 8' }];
    const { status } = await api.send('validate', { object: policy({ validations }) });
    const other = await api.send('validate', { object: policy({ validatons: [] }) });
    assert.deepEqual(
      other.status?.details?.causes.map(({ message }) => message),
      ['is not a known field; did you mean "validations"?'],
    );
    assert.deepEqual(status?.details?.causes, [
      {
        reason: 'FieldValueInvalid',
        field: 'spec.validations[0].expression',
        message: '1:11: variables has no field "vcpu"; did you mean "vcpus"?\n  variables.vcpu <= 8\n            ^~~~',
      },
    ]);
  });

  it('is told what YAML makes of Off without quotes, before the API server looks at types', async () => {
    const object = policy({ action: false, rollout: [{ from: '2027-01-01T00:00:00Z', action: false }] });
    const { allowed, status } = await api.send('mutate', { object });
    assert.equal(allowed, false);
    const words = 'is false, as YAML reads Off without quotes; write "Off"';
    assert.equal(status?.message, `spec.action ${words}\nspec.rollout[0].action ${words}`);
    assert.equal(await api.refusal({ object }), status.message, 'the same without an API server in between');
  });

  it('is told of its form and of its expressions in one answer, before the API server looks at types', async () => {
    const object = policy({ severity: 'hgih', validations: [{ name: 5, expression: 'variables.vcpu <= 8' }] });
    const { allowed, status } = await api.send('mutate', { object });
    assert.equal(allowed, false);
    assert.deepEqual(status?.message.split('\n').slice(0, 3), [
      'spec.validations[0].name is 5, which is not a text; write "5" in quotes',
      'spec.severity is "hgih"; write one of info, low, medium, high, critical (did you mean "high"?)',
      'spec.validations[0].expression:1:11: variables has no field "vcpu"; did you mean "vcpus"?',
    ]);
    assert.equal(await api.refusal({ object }), status.message, 'the same without an API server in between');
    // What is stored already may be labelled.
    const { allowed: labelled } = await api.send('mutate', { operation: 'UPDATE', object, oldObject: object });
    assert.equal(labelled, true);
  });

  it('is admitted with warnings of what will fail and of what has no effect', async () => {
    const validations = [
      { name: 'a', expression: 'object.spec.template.spec.domain.cpu.cores <= 8' },
      { name: 'b', expression: '1 < 2' },
    ];
    const warnings = await api.admits({ object: policy({ validations, match: { kinds: ['VirtualMachine'] } }) });
    assert.match(warnings.join('\n'), /^spec\.validations\[0\]\.expression: 1:\d+: .*may be absent/m);
    assert.match(warnings.join('\n'), /^spec\.validations\[1\]\.expression: .*the same for every object/m);
    assert.deepEqual(api.asked, [], 'nobody needs a right of ours for a new policy');
  });

  it('is refused by name where nothing acts on a field yet', async () => {
    const object = policy({ mutations: [], export: {} });
    const message = await api.refusal({ object });
    for (const field of ['mutations', 'export'])
      assert.match(message, new RegExp(`^spec\\.${field} is not acted on: `, 'm'));
  });

  it('may be kept, labelled and let go where this version would not take it', async () => {
    const label = { labels: { a: 'b' } };
    assert.deepEqual(await api.admits({ oldObject: policy(BROKEN), object: policy(BROKEN, label) }), []);
    assert.match(
      await api.refusal({ oldObject: policy(BROKEN), object: policy({ ...BROKEN, action: 'Warn' }) }),
      /nothing/,
    );
  });

  it('is not weakened without the verb, which is asked for by name, and said', async () => {
    const change = { oldObject: policy(), object: policy({ action: 'Warn', failurePolicy: 'Ignore' }) };
    const message = await api.refusal(change);
    assert.deepEqual(api.asked, [WEAKEN]);
    assert.deepEqual(message.split('\n'), [
      'spec.action is Warn and was Enforce, which weakens the policy: "alice" lacks the verb weaken on virtualmachineclusterpolicies.policies.kubectl-virt.io "vm-size" (ClusterRole kubevirt.io:policy-admin has it)',
      'spec.failurePolicy is Ignore and was Fail, which weakens the policy: "alice" lacks the verb weaken on virtualmachineclusterpolicies.policies.kubectl-virt.io "vm-size" (ClusterRole kubevirt.io:policy-admin has it)',
    ]);
    assert.deepEqual(api.events, []);
    api.rights.add(WEAKEN);
    await api.admits(change);
    assert.deepEqual(api.events, [
      'VirtualMachineClusterPolicy/vm-size Warning Weakened: weakened by alice: spec.action is Warn and was Enforce; spec.failurePolicy is Ignore and was Fail',
    ]);
    assert.match(await api.registry.metrics(), /kubevirt_policy_weakened_total\{policy="vm-size"\} 1/);
  });

  it('is tightened by whoever may update it', async () => {
    await api.admits({ oldObject: policy({ action: 'Warn' }), object: policy() });
    assert.deepEqual(api.asked, []);
  });

  it('is deleted by who may weaken it, or with its namespace', async () => {
    const deletion = { operation: 'DELETE', oldObject: policy() };
    assert.match(
      await api.refusal(deletion),
      /^metadata\.name: .*to delete it is to weaken it: "alice" lacks the verb weaken/,
    );
    await api.admits({ operation: 'DELETE', oldObject: policy({ action: 'Off' }) });
    const ofNamespace = {
      operation: 'DELETE',
      oldObject: { ...policy({}, { namespace: 'shop' }), kind: 'VirtualMachinePolicy' },
      username: 'system:serviceaccount:kube-system:namespace-controller',
    };
    assert.match(
      await api.refusal(ofNamespace),
      /virtualmachinepolicies\.policies\.kubectl-virt\.io "vm-size" in namespace shop/,
    );
    api.namespaceIsEnding = true;
    await api.admits(ofNamespace);
    assert.match(await api.refusal(deletion), /weaken/, 'a policy of the cluster has no namespace');
    api.rights.add(WEAKEN);
    await api.admits(deletion);
    assert.equal(api.events.length, 2);
  });

  it('is refused where there are too many', async () => {
    api.count = 1_000;
    assert.match(await api.refusal({ object: policy() }), /the cluster has 1000 of this kind; the most .* is 1000/);
    api.count = 50;
    await api.admits({ object: policy() });
    const object = { ...policy({}, { namespace: 'shop' }), kind: 'VirtualMachinePolicy' };
    assert.match(await api.refusal({ object }), /namespace shop has 50 of this kind/);
    await api.admits({ oldObject: object, object: policy({}, { namespace: 'shop' }), kind: 'VirtualMachinePolicy' });
  });

  it('of a namespace is refused where its policies hold too much together, and may become shorter', async () => {
    const own = (name: string, length: number): object => ({
      ...policy(
        { validations: [1, 2, 3, 4].map((n) => ({ name: `v${n}`, expression: 'true'.padEnd(length / 4) })) },
        { name, namespace: 'shop' },
      ),
      kind: 'VirtualMachinePolicy',
    });
    api.stored.set('VirtualMachinePolicy/shop/a', own('a', 40_000));
    await api.admits({ object: own('b', 24_000) });
    assert.equal(
      await api.refusal({ object: own('b', 26_000) }),
      'spec is too much: the expressions of the policies of namespace shop have 66000 characters together; the most that are allowed is 65536: write shorter ones',
    );
    api.rights.add('*');
    api.stored.set('VirtualMachinePolicy/shop/c', own('c', 40_000));
    await api.admits({ oldObject: own('c', 40_000), object: own('c', 36_000) });
    assert.match(await api.refusal({ oldObject: own('c', 36_000), object: own('c', 38_000) }), /have 78000 characters/);
    const cluster = { ...policy(), spec: (own('x', 40_000) as { spec: object }).spec };
    await api.admits({ object: cluster });
  });

  it('tells nobody of a dry run', async () => {
    api.rights.add('*');
    await api.admits({ oldObject: policy(), object: policy({ action: 'Off' }), dryRun: true });
    assert.deepEqual(api.events, []);
    assert.doesNotMatch(await api.registry.metrics(), /weakened_total\{/);
  });

  it('is asked about by the API server only', async () => {
    api.fromApiServer = false;
    assert.match(
      await api.refusal({ oldObject: policy(), object: policy({ action: 'Off' }) }),
      /only the API server may ask/,
    );
    assert.deepEqual(api.asked, []);
  });

  it('is of a kind that is known here', async () => {
    for (const [kind, group] of [
      ['VirtualMachine', 'kubevirt.io'],
      ['VirtualMachineClusterPolicy', 'kubevirt.io'],
      ['KubeVirt', GROUP],
    ] as const)
      assert.match(await api.refusal({ object: policy(), kind, group }), /correct the webhook configuration/);
  });
});

describe('A pause', () => {
  let api: PolicyApi;
  beforeEach(async () => {
    api = new PolicyApi();
    await api.start();
  });
  afterEach(() => api.stop());

  const at = (ms: number): string => new Date(NOW + ms).toISOString();
  const HOUR = 3_600_000;
  const pause = (until: string, reason = 'incident 7', by?: string): object => ({
    annotations: {
      [`${GROUP}/paused-until`]: until,
      [`${GROUP}/pause-reason`]: reason,
      ...(by === undefined ? {} : { [`${GROUP}/paused-by`]: by }),
    },
  });
  const write = (metadata: object, before: object = {}) => ({
    oldObject: policy({}, before),
    object: policy({}, metadata),
  });

  it('needs its verb, a reason, and an end within four hours', async () => {
    assert.match(
      await api.refusal(write(pause(at(HOUR)))),
      /pauses: "alice" lacks the verb pause on virtualmachineclusterpolicies/,
    );
    api.rights.add('pause virtualmachineclusterpolicies/vm-size@');
    for (const [metadata, message] of [
      [pause(at(10 * 365 * 24 * HOUR)), /is 2036-.*; a pause lasts 4 h at most: write 2026-12-01T04:00:00Z/],
      [pause(at(4 * HOUR + 1)), /a pause lasts 4 h at most/],
      [pause(at(-1)), /is over; write a time up to/],
      [pause('in an hour'), /is "in an hour"; write a time such as/],
      [pause('2026-12-01T99:00:00Z'), /write a time such as/],
      [pause(at(HOUR), ' '), /pause-reason\] has 0 characters; say why/],
      [pause(at(HOUR), 'x'.repeat(501)), /pause-reason\] has 501 characters; say why/],
      [{ annotations: { [`${GROUP}/paused-until`]: at(HOUR) } }, /pause-reason\] is missing; say why/],
    ] as const)
      assert.match(await api.refusal(write(metadata)), message);
    const warnings = await api.admits(write(pause(at(HOUR), 'incident 7', 'alice')));
    assert.deepEqual(warnings, [
      'the policy is paused until 2026-12-01T01:00:00.000Z by alice: no violation is refused or told before that',
    ]);
    assert.deepEqual(api.events, [
      'VirtualMachineClusterPolicy/vm-size Warning Paused: paused until 2026-12-01T01:00:00.000Z by alice: incident 7',
    ]);
  });

  it('is no longer without the verb, and shorter with none', async () => {
    const paused = pause(at(HOUR));
    await api.admits(write(pause(at(HOUR / 2)), paused));
    await api.admits(write({ ...paused, labels: { a: 'b' } }, paused));
    await api.admits(write({}, paused));
    assert.match(await api.refusal(write(pause(at(2 * HOUR)), paused)), /lacks the verb pause/);
  });

  it('that does not count, because it was written for years while nobody looked, cannot be made to count', async () => {
    const years = pause(at(10 * 365 * 24 * HOUR));
    assert.match(await api.refusal(write(pause(at(HOUR)), years)), /lacks the verb pause/);
    // Everything else of the policy can be changed meanwhile.
    await api.admits(write({ ...years, labels: { a: 'b' } }, years));
  });

  it('is by who wrote it, whatever he writes there', async () => {
    const by = `${GROUP}/paused-by`;
    const first = pause(at(HOUR), 'incident 7', 'eve');
    assert.equal((await api.annotations({ object: policy({}, first), username: 'mallory' }))[by], 'mallory');
    const stored = pause(at(HOUR), 'incident 7', 'mallory');
    const keeps = { oldObject: policy({}, stored), object: policy({}, pause(at(HOUR), 'incident 7', 'eve')) };
    assert.equal((await api.annotations({ ...keeps, username: 'bob' }))[by], 'mallory');
    const longer = { oldObject: policy({}, stored), object: policy({}, pause(at(2 * HOUR), 'incident 7', 'mallory')) };
    assert.equal((await api.annotations({ ...longer, username: 'bob' }))[by], 'bob');
  });

  it('leaves no words behind when it is taken away', async () => {
    const metadata = { annotations: { a: 'b', [`${GROUP}/paused-by`]: 'x', [`${GROUP}/pause-reason`]: 'y' } };
    assert.deepEqual(await api.annotations({ object: policy({}, metadata) }), { a: 'b' });
    assert.deepEqual(await api.annotations({ object: policy({}, { annotations: { a: 'b' } }) }), { a: 'b' });
  });

  it('of all policies stands on the KubeVirt object, and needs the verb for every policy', async () => {
    const kubevirt = (metadata: object) => ({
      kind: 'KubeVirt',
      metadata: { name: 'kubevirt', namespace: 'kubevirt', ...metadata },
    });
    const sent = { object: kubevirt(pause(at(HOUR))), oldObject: kubevirt({}), kind: 'KubeVirt', group: 'kubevirt.io' };
    assert.match(
      await api.refusal(sent),
      /lacks the verb pause on virtualmachineclusterpolicies\.policies\.kubectl-virt\.io \(/,
    );
    assert.deepEqual(api.asked, ['pause virtualmachineclusterpolicies/@']);
    api.rights.add('pause virtualmachineclusterpolicies/@');
    assert.match((await api.admits(sent)).join(), /^all policies are paused until/);
    assert.equal((await api.annotations(sent))[`${GROUP}/paused-by`], 'alice');
    const { asked } = api;
    await api.admits({ ...sent, object: kubevirt({}) });
    assert.equal(asked.length, 2);
  });
});
