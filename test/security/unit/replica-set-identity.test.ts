import assert from 'node:assert/strict';
import type { VirtualMachineInstance, VirtualMachineInstanceReplicaSet } from '../../../src/api/schema/kinds.js';
import { ReplicaSetReconciler } from '../../../src/controller/replica-set/reconciler.js';
import { FakeApi } from '../../unit/controller/fake-api.js';
import { instance, instanceSpec } from '../../unit/controller/objects.js';

const SETS = 'virtualmachineinstancereplicasets';
const VMIS = 'virtualmachineinstances';

describe('instances that pretend to be replicas', () => {
  const replica = (name: string, namespace: string, controller: boolean): VirtualMachineInstance =>
    instance(
      { phase: 'Running' },
      {
        name,
        namespace,
        uid: `${namespace}-${name}`,
        labels: { app: 'web' },
        ownerReferences: [
          {
            apiVersion: 'kubevirt.io/v1',
            kind: 'VirtualMachineInstanceReplicaSet',
            name: 'web',
            uid: 'set',
            controller,
          },
        ],
      },
    );

  for (const [what, namespace, controller] of [
    ['from another namespace', 'attacker', true],
    ['without being controlled by it', 'ns', false],
  ] as const) {
    it(`do not make a set delete its own: ${what}`, async () => {
      const api = new FakeApi();
      api.put(SETS, {
        apiVersion: 'kubevirt.io/v1',
        kind: 'VirtualMachineInstanceReplicaSet',
        metadata: { name: 'web', namespace: 'ns', uid: 'set' },
        spec: {
          replicas: 2,
          selector: { matchLabels: { app: 'web' } },
          template: { metadata: { labels: { app: 'web' } }, spec: instanceSpec() },
        },
      });
      for (const name of ['one', 'two']) api.put(VMIS, replica(name, 'ns', true));
      for (const name of ['evil-1', 'evil-2', 'evil-3']) {
        const forged = replica(name, namespace, controller);
        // One that the set may not adopt either.
        api.put(VMIS, { ...forged, metadata: { ...forged.metadata, labels: {} } });
      }
      api.sync();
      await new ReplicaSetReconciler(api.context).reconcile('ns/web');
      assert.deepEqual(
        api.writes.filter((write) => write.includes(VMIS) && !write.includes(SETS)),
        [],
      );
      assert.equal(api.get<VirtualMachineInstanceReplicaSet>(SETS, 'web')?.status?.replicas, 2);
    });
  }
});
