import assert from 'node:assert/strict';
import { CREATED, exception, policy, PolicyApi } from './support.js';

const GROUP = 'policies.kubectl-virt.io';
const EXCEPT = 'except virtualmachineclusterpolicies/vm-size@';

describe('An exception that is written', () => {
  let api: PolicyApi;
  beforeEach(async () => {
    api = new PolicyApi();
    api.stored.set('VirtualMachineClusterPolicy/vm-size', policy());
    await api.start();
  });
  afterEach(() => api.stop());

  for (const [what, spec, message] of [
    [
      'a policy that does not exist',
      { policies: [{ name: 'vm-sizes' }] },
      /^spec\.policies\[0\]\.name is "vm-sizes"; there is no VirtualMachineClusterPolicy of this name$/,
    ],
    [
      'one of another namespace',
      { policies: [{ kind: 'VirtualMachinePolicy', name: 'p' }] },
      /no VirtualMachinePolicy of this name in namespace shop/,
    ],
    [
      'a validation that does not exist',
      { policies: [{ name: 'vm-size', validations: ['vcpu'] }] },
      /^spec\.policies\[0\]\.validations\[0\] is "vcpu", which policy vm-size has not; did you mean "vcpus"\?$/,
    ],
    ['no policy', { policies: [] }, /spec\.policies is empty/],
    [
      'a policy twice',
      { policies: [{ name: 'vm-size' }, { name: 'vm-size', validations: ['vcpus'] }] },
      /policies\[1\] names a policy again/,
    ],
    [
      'no validation',
      { policies: [{ name: 'vm-size', validations: [] }] },
      /validations is empty, so it is from nothing/,
    ],
    ['every object', { match: {} }, /spec\.match is for every object; write names or an objectSelector/],
    ['every object, by a selector', { match: { objectSelector: {} } }, /objectSelector is for every object/],
    ['nothing', { match: { names: ['a'], kinds: [] } }, /spec\.match\.kinds is empty/],
    [
      'a selector that cannot be',
      { match: { objectSelector: { matchExpressions: [{ key: 'a', operator: 'Is' }] } } },
      /"Is" is no operator/,
    ],
    ['a namespace', { match: { names: ['a'], namespaces: ['other'] } }, /spec\.match\.namespaces is not a known field/],
    ['a short reason', { reason: 'because  ' }, /spec\.reason is too short, 7 characters/],
    ['nobody', { owner: '' }, /spec\.owner is empty/],
    [
      'a time that is over',
      { expiresAt: '2026-11-30T00:00:00Z' },
      /^spec\.expiresAt is 2026-11-30T00:00:00Z, which is over; delete it, or write a later time$/,
    ],
    [
      'too long',
      { expiresAt: '2026-12-31T00:00:01Z' },
      /policy vm-size allows 720h from now: write 2026-12-31T00:00:00Z or earlier/,
    ],
    ['no time of any calendar', { expiresAt: '2026-13-01T00:00:00Z' }, /no time of any calendar/],
    [
      'a condition that does not compile',
      { conditions: [{ name: 'c', expression: 'variables.vcpu <= 24' }] },
      /^spec\.conditions\[0\]\.expression:1:11: variables has no field "vcpu"; did you mean "vcpus"\? \(of policy vm-size\)\n {2}variables\.vcpu <= 24\n {12}\^/,
    ],
    [
      'a condition that gives no bool',
      { conditions: [{ name: 'c', expression: 'variables.vcpus' }] },
      /must give bool, and gives int/,
    ],
  ] as const) {
    it(`is refused: ${what}`, async () => {
      api.rights.add('*');
      const text = await api.refusal({ object: exception(spec) });
      assert.match(text, message);
      for (const line of text.split('\n')) assert.ok(line.length <= 400, line);
    });
  }

  it('is refused where the policy allows none, wants a ticket, or does not compile', async () => {
    api.rights.add('*');
    const stored = (spec: object) => api.stored.set('VirtualMachineClusterPolicy/vm-size', policy(spec));
    stored({ exceptions: { allowed: false } });
    assert.match(await api.refusal({ object: exception() }), /"vm-size", which allows no exceptions/);
    stored({ exceptions: { ticketPattern: '^[A-Z]+-[0-9]+$', maxDuration: '48h' } });
    assert.equal(
      await api.refusal({ object: exception() }),
      'spec.expiresAt is 2026-12-20T00:00:00Z; policy vm-size allows 48h from now: write 2026-12-03T00:00:00Z or earlier\n' +
        'spec.ticket is missing; policy vm-size wants one by "^[A-Z]+-[0-9]+$"',
    );
    const short = { expiresAt: '2026-12-02T00:00:00Z' };
    assert.match(await api.refusal({ object: exception({ ...short, ticket: 'x' }) }), /spec\.ticket is "x"; policy/);
    await api.admits({ object: exception({ ...short, ticket: 'SHOP-1' }) });
    stored({ validations: [{ name: 'a', expression: '1' }] });
    assert.match(await api.refusal({ object: exception() }), /which does not compile; correct that first/);
  });

  it('needs the verb except of each policy, and says so', async () => {
    const message = await api.refusal({ object: exception() });
    assert.equal(
      message,
      'spec.policies[0].name may not be excepted from: "alice" lacks the verb except on virtualmachineclusterpolicies.policies.kubectl-virt.io "vm-size" (ClusterRole kubevirt.io:policy-admin has it)',
    );
    assert.deepEqual(api.asked, [EXCEPT], 'in the whole cluster, not in the namespace');
    api.rights.add(EXCEPT);
    await api.admits({ object: exception() });
  });

  it('of a policy of its namespace needs it there', async () => {
    api.stored.set('VirtualMachinePolicy/shop/own', {
      ...policy({}, { name: 'own', namespace: 'shop' }),
      kind: 'VirtualMachinePolicy',
    });
    const object = exception({ policies: [{ kind: 'VirtualMachinePolicy', name: 'own' }] });
    assert.match(await api.refusal({ object }), /policies\.kubectl-virt\.io "own" in namespace shop/);
    assert.deepEqual(api.asked, ['except virtualmachinepolicies/own@shop']);
  });

  it('is narrowed and shortened by whoever may update it, and widened with the verb alone', async () => {
    const wide = exception({ policies: [{ name: 'vm-size', validations: ['vcpus'] }] });
    const edit = (spec: object, from = wide) => ({
      oldObject: from,
      object: exception({ policies: [{ name: 'vm-size', validations: ['vcpus'] }], ...spec }),
    });
    for (const [what, sent] of [
      ['earlier', edit({ expiresAt: '2026-12-10T00:00:00Z' })],
      ['other words', edit({ reason: 'Another reason for it', owner: 'bob', ticket: 'X-1' })],
      ['one validation of all', edit({}, exception())],
    ] as const) {
      await api.admits(sent);
      assert.deepEqual(api.asked.splice(0), [], what);
    }
    for (const [what, sent] of [
      ['later', edit({ expiresAt: '2026-12-20T00:00:01Z' })],
      ['all validations', edit({ policies: [{ name: 'vm-size' }] })],
      ['another object', edit({ match: { names: ['web'] } })],
      [
        'without its condition',
        edit({}, exception({ conditions: [{ name: 'c', expression: 'variables.vcpus <= 24' }] })),
      ],
      ['one more policy', edit({ policies: [{ name: 'vm-size' }] }, exception({ policies: [{ name: 'other' }] }))],
      ['of no creator', edit({}, exception({}, { annotations: {} }))],
    ] as const) {
      assert.match(await api.refusal(sent), /lacks the verb except/, what);
      assert.deepEqual(api.asked.splice(0), [EXCEPT], what);
    }
  });

  it('is labelled and deleted without more', async () => {
    await api.admits({ oldObject: exception(), object: exception({}, { labels: { a: 'b' } }) });
    await api.admits({ operation: 'DELETE', oldObject: exception() });
    assert.deepEqual(api.asked, []);
  });

  it('has as its creator who made it, whatever he writes there', async () => {
    const by = `${GROUP}/created-by`;
    const eve = { annotations: { [by]: 'eve', a: 'b' } };
    assert.deepEqual(await api.annotations({ object: exception({}, eve), username: 'mallory' }), {
      a: 'b',
      [by]: 'mallory',
    });
    assert.deepEqual(await api.annotations({ object: exception({}, { annotations: {} }), username: 'mallory' }), {
      [by]: 'mallory',
    });
    const update = { oldObject: exception(), object: exception({}, eve), username: 'bob' };
    assert.equal((await api.annotations(update))[by], 'alice');
    const taken = { oldObject: exception(), object: exception({}, { annotations: {} }), username: 'bob' };
    assert.deepEqual(await api.annotations(taken), CREATED);
  });

  it('that is being deleted and was never checked is not made one that was', async () => {
    const leaving = { annotations: {}, deletionTimestamp: '2026-12-01T00:00:00Z', finalizers: ['a/b'] };
    const update = { oldObject: exception({}, leaving), object: exception({}, { ...leaving, labels: { a: 'b' } }) };
    assert.deepEqual(await api.annotations(update), {});
    const forged = { ...update, object: exception({}, { ...leaving, annotations: CREATED }) };
    assert.deepEqual(await api.annotations(forged), {});
    await api.admits(update);
  });

  it('is refused where the API server does not answer, with what to do', async () => {
    api.fails = true;
    const { status } = await api.send('validate', { object: exception() });
    assert.equal(status?.code, 500);
    assert.match(status.message, /the API server did not answer or of a defect; try again/);
  });

  it('is refused where the conditions of its namespace are too much together', async () => {
    api.rights.add('*');
    const long = (n: number): object[] =>
      Array.from({ length: n }, (_, i) => ({ name: `c${i}`, expression: 'true'.padEnd(2_000) }));
    for (let i = 0; i < 4; i += 1)
      api.stored.set(`VirtualMachinePolicyException/shop/e${i}`, exception({ conditions: long(8) }, { name: `e${i}` }));
    const object = exception({ conditions: long(1) });
    assert.match(
      await api.refusal({ object }),
      /the conditions of the exceptions.* of namespace shop have 66000 characters/,
    );
    await api.admits({ object: exception() });
    await api.admits({ oldObject: exception({ conditions: long(8) }), object });
  });

  it('is one of 500 of a namespace at most', async () => {
    api.rights.add('*');
    api.count = 500;
    assert.match(await api.refusal({ object: exception() }), /namespace shop has 500 of this kind/);
  });
});
