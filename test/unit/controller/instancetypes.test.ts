import assert from 'node:assert/strict';
import { settleShipped, shippedChanges } from '../../../src/controller/instancetypes/keep-shipped.js';
import { SHIPPED_MARK } from '../../../src/api/instancetype/instancetype-kinds.js';
import { shippedObjects, VENDOR_LABEL } from '../../../src/instancetypes/shipped/index.js';
import { silentLog } from '../../../src/kube/program/log.js';
import type { InstancetypeObject } from '../../../src/kube/watch/instancetype-watch.js';
import { FakeClock } from '../kube/fake-clock.js';

const cluster = (objects: Map<string, InstancetypeObject> = new Map()) => ({
  objects,
  object: (kind: string, _namespace: string, name: string) => objects.get(`${kind}/${name}`),
  list: (kind: string) => [...objects].flatMap(([key, object]) => (key.startsWith(`${kind}/`) ? [object] : [])),
  hasSynced: true,
  onObject: () => undefined,
});
const installed = () =>
  cluster(
    new Map(
      shippedObjects().map((one) => [`${one.kind}/${one.metadata.name}`, structuredClone(one) as InstancetypeObject]),
    ),
  );
const did = (changes: ReturnType<typeof shippedChanges>): string[] => changes.map((change) => change.do);
const U1 = 'VirtualMachineClusterInstancetype/u1.small';

describe('the instance types that come with the product', () => {
  it('are made where they are missing, and then let be', () => {
    assert.deepEqual(new Set(did(shippedChanges(cluster(), true))), new Set(['create']));
    assert.equal(shippedChanges(cluster(), true).length, shippedObjects().length);
    assert.deepEqual(shippedChanges(installed(), true), []);
  });

  it('are put right where they were changed', () => {
    const there = installed();
    there.objects.set(U1, { ...there.objects.get(U1)!, spec: { cpu: { guest: 64 }, memory: { guest: '1Gi' } } });
    assert.deepEqual(did(shippedChanges(there, true)), ['replace']);
  });

  it('are taken away where they are switched off, and those of others are not', () => {
    const there = installed();
    const mine = { metadata: { name: 'mine', labels: {} }, spec: {} };
    there.objects.set('VirtualMachineClusterInstancetype/mine', mine);
    assert.deepEqual(new Set(did(shippedChanges(there, false))), new Set(['delete']));
    assert.equal(shippedChanges(there, false).length, shippedObjects().length);
  });

  it('take nothing of the same name that is somebody else’s', () => {
    const there = installed();
    const theirs = { metadata: { name: 'u1.small', labels: { [VENDOR_LABEL]: 'kubevirt.io' } }, spec: {} };
    there.objects.set(U1, theirs);
    assert.deepEqual(shippedChanges(there, true), []);
    assert.ok(!shippedChanges(there, false).some((change) => 'found' in change && change.found === theirs));
  });

  it('that an earlier version had and this one has not are taken away', () => {
    const there = installed();
    const labels = { [VENDOR_LABEL]: 'kubectl-virt.io' };
    const old = { metadata: { name: 'u9.small', labels, annotations: { [SHIPPED_MARK]: 'u9.small' } }, spec: {} };
    there.objects.set('VirtualMachineClusterInstancetype/u9.small', old);
    assert.deepEqual(did(shippedChanges(there, true)), ['delete']);
  });

  it('that somebody has copied under a name of his own are his', () => {
    const there = installed();
    const { metadata, ...rest } = there.objects.get(U1)!;
    there.objects.set('VirtualMachineClusterInstancetype/my.small', {
      ...rest,
      metadata: { ...metadata, name: 'my.small' },
    });
    assert.deepEqual(shippedChanges(there, true), []);
    assert.equal(shippedChanges(there, false).length, shippedObjects().length);
  });

  it('are made one after the other until the API server refuses, and the rest later', async () => {
    const there = cluster();
    let left = 10;
    const client = {
      create: (_path: string, object: never) => {
        left -= 1;
        if (left < 0) return Promise.reject(new Error('no webhook'));
        const { kind, metadata } = object as { kind: string; metadata: { name: string } };
        there.objects.set(`${kind}/${metadata.name}`, object);
        return Promise.resolve(object);
      },
      patch: () => assert.fail(),
      delete: () => assert.fail(),
    };
    const options = {
      ...{ client, instancetypes: there, isEnabled: () => true, onSettings: () => undefined },
      ...{ clock: new FakeClock(), log: silentLog },
    };
    await assert.rejects(settleShipped(options), /no webhook/);
    assert.equal(there.objects.size, 10);
    left = 1000;
    assert.equal(await settleShipped(options), false);
    assert.equal(await settleShipped(options), true);
    assert.equal(there.objects.size, shippedObjects().length);
  });
});
