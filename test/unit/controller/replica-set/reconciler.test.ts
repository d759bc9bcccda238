import assert from 'node:assert/strict';
import type { VirtualMachineInstance, VirtualMachineInstanceReplicaSet } from '../../../../src/api/schema/kinds.js';
import { ReplicaSetReconciler } from '../../../../src/controller/replica-set/reconciler.js';
import { decideReplicaSet, selectorText, adopts } from '../../../../src/controller/replica-set/decision.js';
import { ApiError } from '../../../../src/kube/client/api-error.js';
import { FakeApi } from '../fake-api.js';
import { instance, instanceSpec } from '../objects.js';

const set = (spec: Partial<VirtualMachineInstanceReplicaSet['spec']> = {}): VirtualMachineInstanceReplicaSet => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachineInstanceReplicaSet',
  metadata: { name: 'farm', namespace: 'ns', uid: 'set-uid' },
  spec: {
    replicas: 3,
    selector: { matchLabels: { app: 'farm' } },
    template: { metadata: { labels: { app: 'farm' } }, spec: instanceSpec() },
    ...spec,
  },
});
const vmi = (uid: string, phase: string, more: VirtualMachineInstance['metadata'] = {}): VirtualMachineInstance =>
  instance({ phase, conditions: phase === 'Running' ? [{ type: 'Ready', status: 'True' }] : [] }, { uid, ...more });

describe('replica sets', () => {
  it('makes what is missing, counting what was just made', () => {
    assert.equal(decideReplicaSet(set(), [vmi('a', 'Running')], 0).create, 2);
    assert.equal(decideReplicaSet(set(), [vmi('a', 'Running')], 2).create, 0);
    assert.equal(decideReplicaSet(set({ replicas: 5000 }), [], 0).create, 50);
    assert.equal(decideReplicaSet(set({ replicas: undefined }), [], 0).create, 1);
  });

  it('removes the least useful first, and what has ended', () => {
    const owned = [
      vmi('run-old', 'Running', { creationTimestamp: '2026-01-01T00:00:00Z' }),
      vmi('run-new', 'Running', { creationTimestamp: '2026-01-02T00:00:00Z' }),
      vmi('sched', 'Scheduled'),
      vmi('pend', 'Pending'),
      vmi('dead', 'Failed'),
      vmi('going', 'Running', { deletionTimestamp: 'x' }),
    ];
    const names = (replicas: number): string[] =>
      decideReplicaSet(set({ replicas }), owned, 0).remove.map(({ metadata }) => metadata!.uid!);
    assert.deepEqual(names(4), ['dead']);
    assert.deepEqual(names(3), ['dead', 'pend']);
    assert.deepEqual(names(1), ['dead', 'pend', 'sched', 'run-new']);
    assert.deepEqual(decideReplicaSet(set({ replicas: 1, paused: true }), owned, 0).remove, []);
    const plan = decideReplicaSet(set(), owned, 0);
    assert.deepEqual([plan.replicas, plan.readyReplicas], [4, 2]);
  });

  it('adopts by labels and expressions; an empty selector adopts nothing', () => {
    const labels = { app: 'web', tier: 'a' };
    const one = (operator: string, key: string, values?: string[]) =>
      adopts({ matchExpressions: [{ key, operator, values }] }, labels);
    assert.equal(adopts({}, labels), false);
    assert.equal(adopts({ matchLabels: { app: 'web' } }, labels), true);
    assert.equal(adopts({ matchLabels: { app: 'db' } }, labels), false);
    assert.equal(one('In', 'tier', ['a', 'b']), true);
    assert.equal(one('NotIn', 'tier', ['a']), false);
    assert.equal(one('NotIn', 'none', ['a']), true);
    assert.equal(one('Exists', 'tier'), true);
    assert.equal(one('DoesNotExist', 'tier'), false);
    assert.equal(one('Near', 'tier'), false);
    const selector = {
      matchLabels: { b: '1' },
      matchExpressions: [
        { key: 'a', operator: 'In', values: ['y', 'x'] },
        { key: 'c', operator: 'DoesNotExist' },
        { key: 'd', operator: 'Exists' },
      ],
    };
    assert.equal(selectorText(selector), '!c,a in (x,y),b=1,d');
  });

  describe('reconciled', () => {
    let api: FakeApi;
    let reconciler: ReplicaSetReconciler;
    const pass = (...kinds: string[]): Promise<unknown> => {
      api.sync(...kinds);
      return reconciler.reconcile('ns/farm');
    };
    beforeEach(() => {
      api = new FakeApi();
      reconciler = new ReplicaSetReconciler(api.context);
    });

    it('scales up once although the cache is late, then down, and reports', async () => {
      api.put('virtualmachineinstancereplicasets', set());
      await pass('virtualmachineinstancereplicasets');
      await pass('virtualmachineinstancereplicasets');
      assert.equal(api.all('virtualmachineinstances').length, 3);
      await pass();
      const status = api.get<VirtualMachineInstanceReplicaSet>('virtualmachineinstancereplicasets', 'farm')?.status;
      assert.deepEqual([status?.replicas, status?.labelSelector], [3, 'app=farm']);
      api.writes = [];
      await pass();
      assert.deepEqual(api.writes, []);
      api.change('virtualmachineinstancereplicasets', 'farm', { spec: { replicas: 1 } });
      await pass();
      await pass();
      assert.equal(api.all('virtualmachineinstances').filter(({ metadata }) => !metadata?.deletionTimestamp).length, 1);
    });

    it('adopts a free VMI that it selects, and no other', async () => {
      api.put('virtualmachineinstancereplicasets', set({ replicas: 1 }));
      const free = instance({ phase: 'Running' }, { name: 'free', labels: { app: 'farm' } });
      const owned = instance(
        { phase: 'Running' },
        {
          name: 'owned',
          labels: { app: 'farm' },
          ownerReferences: [{ apiVersion: 'v1', kind: 'X', name: 'x', uid: 'x', controller: true }],
        },
      );
      for (const one of [free, owned, instance({}, { name: 'other' })]) {
        api.put('virtualmachineinstances', { ...one, metadata: { ...one.metadata, uid: undefined } });
      }
      await pass();
      await pass();
      const owners = api
        .all('virtualmachineinstances')
        .map(({ metadata }) => `${metadata?.name} ${metadata?.ownerReferences?.[0]?.uid}`);
      assert.deepEqual(owners.sort(), ['free set-uid', 'other undefined', 'owned x']);
    });

    it('says why it cannot create', async () => {
      api.put('virtualmachineinstancereplicasets', set());
      const denied = new ApiError({ code: 403, reason: 'Forbidden', message: 'exceeded quota' });
      api.failures.push({ call: 'POST', error: denied });
      await assert.rejects(pass(), /exceeded quota/);
      const condition = () =>
        api
          .get<VirtualMachineInstanceReplicaSet>('virtualmachineinstancereplicasets', 'farm')
          ?.status?.conditions?.find(({ type }) => type === 'ReplicaFailure');
      assert.equal(condition()?.message, 'exceeded quota');
      await pass();
      assert.equal(condition(), undefined);
      api.put('virtualmachineinstancereplicasets', set({ replicas: 5, selector: { matchLabels: { app: 'other' } } }));
      await assert.rejects(pass(), /would never count its own VMIs/);
    });
  });
});
