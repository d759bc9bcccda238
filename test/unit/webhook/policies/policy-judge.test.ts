import assert from 'node:assert/strict';
import { emptySource } from '../../../../src/instancetypes/source.js';
import { resolveClusterConfig } from '../../../../src/api/settings/cluster-config.js';
import { ApiError } from '../../../../src/kube/client/api-error.js';
import { vmWith } from '../../policies/support.js';
import { AGENT, CONTROLLER, rulesOf, stored, TestJudge } from './judging.js';

const RULE = 'policy/vm-size/vcpus';

const spec = (cores: number): object => ({ domain: { cpu: { cores }, devices: {} } });
const vmi = (cores: number, metadata: object = {}): object => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachineInstance',
  metadata: { name: 'web', namespace: 'shop', ...metadata },
  spec: spec(cores),
});
const replicaSet = (cores: number): object => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachineInstanceReplicaSet',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { replicas: 2, selector: {}, template: { spec: spec(cores) } },
});
const withUid = (object: object): object => ({
  ...object,
  metadata: { ...(object as { metadata: object }).metadata, uid: 'vm-uid' },
});
const owned = (cores: number, kind = 'VirtualMachine'): object =>
  vmi(cores, {
    ownerReferences: [{ apiVersion: 'kubevirt.io/v1', kind, name: 'web', uid: 'vm-uid', controller: true }],
  });
const VM_PATH = '/apis/kubevirt.io/v1/namespaces/shop/virtualmachines/web';
const SET_PATH = '/apis/kubevirt.io/v1/namespaces/shop/virtualmachineinstancereplicasets/web';

describe('Policies at the admission of VMs', () => {
  let judge: TestJudge;
  beforeEach(async () => {
    judge = await TestJudge.of([stored({})]);
  });

  it('hold for a VM, a VMI and a replica set by one text, on creation and update', async () => {
    for (const object of [vmWith(16), vmi(16), replicaSet(16)])
      assert.deepEqual(rulesOf(await judge.ask({ object })), [RULE]);
    for (const object of [vmWith(8), vmi(8), replicaSet(8)]) assert.deepEqual(rulesOf(await judge.ask({ object })), []);
    assert.deepEqual(rulesOf(await judge.ask({ object: vmWith(16), oldObject: vmWith(2) })), [RULE]);
  });

  it('see the defaults of each kind, as the cluster is configured now', async () => {
    judge = await TestJudge.of([
      stored({ validations: [{ name: 'vcpus', expression: "effective.evictionStrategy == 'LiveMigrate'" }] }),
    ]);
    for (const object of [vmWith(1), vmi(1), replicaSet(1)]) {
      judge.config = resolveClusterConfig();
      assert.deepEqual(rulesOf(await judge.ask({ object })), [RULE]);
      const spec = { configuration: { evictionStrategy: 'LiveMigrate' } };
      judge.config = resolveClusterConfig({ spec });
      assert.deepEqual(rulesOf(await judge.ask({ object })), []);
    }
  });

  it('let be what the defaults of the owner violate too, by the kind of the owner', async () => {
    const vcpus = { name: 'vcpus', expression: 'effective.domain.cpu.sockets <= 8' };
    judge = await TestJudge.of([stored({ validations: [vcpus] })]);
    const limits = { domain: { resources: { limits: { cpu: 12 } }, devices: {} } };
    const object = { ...owned(1), spec: limits };
    assert.deepEqual(rulesOf(await judge.ask({ object, username: CONTROLLER })), [RULE]);
    judge.objects.set(VM_PATH, withUid({ ...vmWith(1), spec: { template: { spec: limits } } }));
    assert.deepEqual(rulesOf(await judge.ask({ object, username: CONTROLLER })), []);
  });

  it('do not let be what an instance type of the owner brings: it may have been written after the owner', async () => {
    const vcpus = { name: 'vcpus', expression: 'effective.domain.cpu.sockets <= 8' };
    judge = await TestJudge.of([stored({ validations: [vcpus] })]);
    const domain = { devices: {} };
    const large = { metadata: { name: 'large', uid: 'u' }, spec: { cpu: { guest: 64 }, memory: { guest: '1Gi' } } };
    const kind = 'VirtualMachineInstancetype';
    const owner = { ...vmWith(1), spec: { instancetype: { name: 'large', kind }, template: { spec: { domain } } } };
    judge.objects.set(VM_PATH, withUid(owner));
    judge.more = { instancetypes: { ...emptySource, object: (asked) => (asked === kind ? large : undefined) } };
    // Once it is there, the owner itself is refused.
    assert.deepEqual(rulesOf(await judge.ask({ object: owner })), [RULE]);
    const object = { ...owned(1), spec: { domain: { ...domain, cpu: { sockets: 64 } } } };
    assert.deepEqual(rulesOf(await judge.ask({ object, username: CONTROLLER })), [RULE]);
  });

  it('are not asked where there are none, or none for the object', async () => {
    assert.equal(await (await TestJudge.of([])).ask({ object: vmWith(16) }), undefined);
    const elsewhere = await TestJudge.of([
      stored({ match: { namespaceSelector: { matchLabels: { env: 'dev' } } } }),
      stored({}, { name: 'own', namespace: 'other' }),
    ]);
    assert.equal(await elsewhere.ask({ object: vmWith(16) }), undefined);
    assert.equal(elsewhere.judged.length, 0);
  });

  it('are not asked in the namespaces of the system and the product', async () => {
    for (const namespace of ['kube-system', 'kubevirt']) {
      assert.equal(await judge.ask({ object: vmWith(16, { namespace }), namespace }), undefined);
    }
  });

  it('are not asked about what comes through a status, nor of what is being deleted', async () => {
    assert.equal(await judge.ask({ object: vmWith(16), oldObject: vmWith(2), subResource: 'status' }), undefined);
    const deleted = vmWith(2, { deletionTimestamp: '2026-11-01T00:00:00Z' });
    assert.equal(await judge.ask({ object: vmWith(16), oldObject: deleted }), undefined);
    // What a user claims of the new object counts for nothing.
    const claimed = vmWith(16, { deletionTimestamp: '2026-11-01T00:00:00Z' });
    assert.deepEqual(rulesOf(await judge.ask({ object: claimed, oldObject: vmWith(2) })), [RULE]);
  });

  it('are not asked by our own programs that leave the spec as it is, and are by those that change it', async () => {
    const enforced = await TestJudge.of([stored({ existing: 'Enforce' })]);
    const started = { ...vmWith(16), spec: { ...(vmWith(16) as { spec: object }).spec, runStrategy: 'Halted' } };
    assert.equal(await enforced.ask({ object: started, oldObject: vmWith(16), username: CONTROLLER }), undefined);
    assert.deepEqual(rulesOf(await enforced.ask({ object: started, oldObject: vmWith(16) })), [RULE]);
    const running = { ...vmi(16, { labels: { a: 'b' } }), status: { phase: 'Running' } };
    assert.equal(await enforced.ask({ object: running, oldObject: vmi(16), username: AGENT }), undefined);
    assert.deepEqual(rulesOf(await enforced.ask({ object: vmi(16), oldObject: vmi(2), username: AGENT })), [RULE]);
  });

  it('say nothing to who is not the API server, and let nothing pass for that', async () => {
    assert.deepEqual(rulesOf(await judge.ask({ object: vmWith(1), isTrusted: false })), ['access.not-asked']);
    assert.equal(judge.judged.length, 0);
  });

  it('refuse while they are not known', async () => {
    judge.snapshot = undefined;
    judge.notReady = 'not yet';
    assert.deepEqual(rulesOf(await judge.ask({ object: vmWith(1) })), ['policy.not-ready']);
    // The cluster is repaired all the same.
    assert.equal(await judge.ask({ object: vmWith(1), namespace: 'kube-system' }), undefined);
  });

  it('ask for a namespace that was made a moment ago, and fail closed where nobody knows it', async () => {
    const selected = await TestJudge.of([
      stored({ match: { namespaceSelector: { matchLabels: { env: 'prod' } } } }),
      stored(
        {
          action: 'Off',
          actionOverrides: [{ namespaceSelector: { matchLabels: { env: 'prod' } }, action: 'Enforce' }],
        },
        { name: 'z' },
      ),
    ]);
    const object = vmWith(16, { namespace: 'new' });
    assert.deepEqual(rulesOf(await selected.ask({ object, namespace: 'new' })), [
      'policy/vm-size/match',
      'policy/z/match',
    ]);
    selected.objects.set('new', { metadata: { name: 'new', labels: { env: 'prod' } } });
    assert.deepEqual(rulesOf(await selected.ask({ object, namespace: 'new' })), [RULE, 'policy/z/vcpus']);
    selected.objects.set('new', { metadata: { name: 'new' } });
    assert.equal((await selected.ask({ object, namespace: 'new' }))?.causes.length, 0);
  });

  it('see the request as Kubernetes declares it', async () => {
    const seeing = await TestJudge.of([
      stored({
        validations: [
          {
            name: 'r',
            expression:
              "request.operation == 'UPDATE' && request.kind.kind == 'VirtualMachine' && !request.dryRun && " +
              "request.userInfo.username == 'alice' && 'developers' in request.userInfo.groups && " +
              "namespaceObject.metadata.labels['env'] == 'prod' && oldObject.metadata.name == 'web'",
          },
        ],
      }),
    ]);
    assert.deepEqual(rulesOf(await seeing.ask({ object: vmWith(1), oldObject: vmWith(1) })), []);
    assert.equal(seeing.judged.length, 1);
  });

  it('write their findings to the audit log, those that only audit too', async () => {
    const audit = await TestJudge.of([stored({ action: 'Audit' })]);
    const answer = await audit.ask({ object: vmWith(16) });
    assert.ok(answer?.causes.length === 0);
    const [found] = JSON.parse(answer.auditAnnotations['policies.failed'] ?? '[]') as object[];
    assert.deepEqual(found, {
      rule: RULE,
      action: 'Audit',
      outcome: 'fail',
      field: 'spec.template.spec.domain.cpu.cores',
      message: 'variables.vcpus <= 8 is false: variables.vcpus is 16',
    });
    // The API server takes no key with a slash, and none beyond 63 characters.
    for (const key of Object.keys(answer.auditAnnotations)) assert.match(key, /^[a-z][-a-z.]{0,61}$/);
  });

  it('of a stored policy that does not compile are those of its failurePolicy, where it matches', async () => {
    const wrong = { validations: [{ name: 'x', expression: 'object.spec.nothing == 1' }] };
    const broken = await TestJudge.of([stored(wrong)]);
    const answer = await broken.ask({ object: vmWith(1) });
    assert.deepEqual(rulesOf(answer), ['policy/vm-size/compiled']);
    assert.match(
      answer?.causes[0]?.message ?? '',
      /could not be evaluated: it does not compile: spec\.validations\[0\]/,
    );
    const ignored = await TestJudge.of([stored({ ...wrong, failurePolicy: 'Ignore' })]);
    assert.equal((await ignored.ask({ object: vmWith(1) }))?.causes.length, 0);
    const elsewhere = await TestJudge.of([stored({ ...wrong, match: { names: ['db-*'] } })]);
    assert.equal((await elsewhere.ask({ object: vmWith(1) }))?.causes.length, 0);
  });
});

describe('A VMI that virt-controller makes of what is stored', () => {
  it('is let be where its owner violates too, with an event for the owner', async () => {
    const judge = await TestJudge.of([stored({})]);
    judge.objects.set(VM_PATH, withUid(vmWith(16)));
    judge.objects.set(SET_PATH, withUid(replicaSet(16)));
    const answer = await judge.ask({ object: owned(16), username: CONTROLLER });
    assert.deepEqual([rulesOf(answer), answer?.warnings], [[], []]);
    assert.equal(judge.letBe[0]?.owner.kind, 'VirtualMachine');
    const set = await judge.ask({ object: owned(16, 'VirtualMachineInstanceReplicaSet'), username: CONTROLLER });
    assert.deepEqual(rulesOf(set), []);
    assert.deepEqual(judge.gets, [VM_PATH, SET_PATH]);
  });

  it('costs no call where it violates nothing', async () => {
    const judge = await TestJudge.of([stored({})]);
    assert.deepEqual(rulesOf(await judge.ask({ object: owned(2), username: CONTROLLER })), []);
    assert.deepEqual(judge.gets, []);
  });

  it('is refused where the policy says so for what exists', async () => {
    const judge = await TestJudge.of([stored({ existing: 'Enforce' })]);
    judge.objects.set(VM_PATH, withUid(vmWith(16)));
    assert.deepEqual(rulesOf(await judge.ask({ object: owned(16), username: CONTROLLER })), [RULE]);
  });

  it('is refused where its owner was never looked at: a policy for VMIs alone, or by labels of the template', async () => {
    const judge = await TestJudge.of([
      stored({ match: { kinds: ['VirtualMachineInstance'] } }, { name: 'a' }),
      stored({ match: { objectSelector: { matchLabels: { tier: 'web' } } } }, { name: 'b' }),
    ]);
    judge.objects.set(VM_PATH, withUid(vmWith(16)));
    const labelled = {
      ...owned(16),
      metadata: { ...(owned(16) as { metadata: object }).metadata, labels: { tier: 'web' } },
    };
    assert.deepEqual(rulesOf(await judge.ask({ object: labelled, username: CONTROLLER })), [
      'policy/a/vcpus',
      'policy/b/vcpus',
    ]);
  });

  it('is refused where its owner does not violate, is another, is gone, or cannot be read', async () => {
    const judge = await TestJudge.of([stored({})]);
    const refused = async (): Promise<void> =>
      assert.deepEqual(rulesOf(await judge.ask({ object: owned(16), username: CONTROLLER })), [RULE]);
    await refused();
    judge.objects.set(VM_PATH, withUid(vmWith(2)));
    await refused();
    judge.objects.set(VM_PATH, vmWith(16, { uid: 'another' }));
    await refused();
    judge.objects.set(VM_PATH, withUid(vmWith(16)));
    judge.failing = new ApiError({ code: 503, reason: 'ServiceUnavailable', message: 'away' });
    await refused();
  });

  it('is nobody else: a user who names an owner is judged as any', async () => {
    const judge = await TestJudge.of([stored({})]);
    judge.objects.set(VM_PATH, withUid(vmWith(16)));
    assert.deepEqual(rulesOf(await judge.ask({ object: owned(16) })), [RULE]);
    assert.deepEqual(rulesOf(await judge.ask({ object: owned(16), username: AGENT })), [RULE]);
    assert.deepEqual(judge.gets, []);
  });

  it('is let be where its owner is excepted, for the owner alone', async () => {
    const exception = {
      apiVersion: 'policies.kubectl-virt.io/v1alpha1',
      kind: 'VirtualMachinePolicyException',
      metadata: {
        name: 'e',
        namespace: 'shop',
        uid: 'e',
        resourceVersion: '1',
        annotations: { 'policies.kubectl-virt.io/created-by': 'alice' },
      },
      spec: {
        policies: [{ name: 'vm-size' }],
        match: { kinds: ['VirtualMachine'], names: ['web'] },
        reason: 'Reporting database until it is split',
        owner: 'team-db@example.com',
        expiresAt: '2026-12-20T00:00:00Z',
      },
    };
    const judge = await TestJudge.of([stored({})], [exception]);
    judge.objects.set(VM_PATH, withUid(vmWith(16)));
    assert.deepEqual(rulesOf(await judge.ask({ object: vmWith(16) })), []);
    assert.deepEqual(rulesOf(await judge.ask({ object: owned(16), username: CONTROLLER })), []);
    assert.deepEqual(rulesOf(await judge.ask({ object: vmi(16) })), [RULE]);
  });

  it('of a dry run makes no event', async () => {
    const judge = await TestJudge.of([stored({})]);
    judge.objects.set(VM_PATH, withUid(vmWith(16)));
    await judge.ask({ object: owned(16), username: CONTROLLER, dryRun: true });
    assert.equal(judge.letBe.length, 0);
  });
});
