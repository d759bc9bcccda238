import assert from 'node:assert/strict';
import type { VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import { VirtualMachineInstanceReconciler } from '../../../src/controller/vmi/reconciler.js';
import { ConnectionError } from '../../../src/kube/client/api-error.js';
import type { Pod } from '../../../src/kube/types.js';
import { launcherPodName } from '../../../src/launcher/index.js';
import { FakeApi } from '../../unit/controller/fake-api.js';
import { COMPUTE_ID, instance, runningPod, UID } from '../../unit/controller/objects.js';

/*
 * A tenant writes labels, owner references, names, images and annotations of pods in his namespace as he likes. None of
 * that makes a pod a VM's.
 */

const VMI = 'virtualmachineinstances';

class Attack {
  readonly api = new FakeApi();
  readonly reconciler = new VirtualMachineInstanceReconciler(this.api.context);

  constructor(status: VirtualMachineInstance['status'] = { phase: 'Pending' }, spec: object = {}) {
    const vmi = instance(status);
    this.api.put(VMI, { ...vmi, spec: { ...vmi.spec, ...spec } });
  }
  get vmi(): VirtualMachineInstance {
    return this.api.get<VirtualMachineInstance & { status?: object }>(VMI, 'web')!;
  }
  recorded(): NonNullable<VirtualMachineInstance['status']>['launcherPod'] {
    return this.vmi.status?.launcherPod;
  }
  get name(): string {
    return launcherPodName(this.vmi);
  }
  condition(): string {
    return this.vmi.status?.conditions?.find(({ type }) => type === 'Synchronized')?.message ?? '';
  }
  async pass(): Promise<string | undefined> {
    this.api.sync();
    return this.reconciler.reconcile('ns/web').then(
      () => undefined,
      (error: unknown) => (error as Error).message,
    );
  }
  /** A pod that names the VMI in every way there is, and runs. */
  forge(name: string, namespace = 'ns', more: object = {}): void {
    const { metadata, spec, status } = runningPod();
    const [compute] = spec?.containers ?? [];
    this.api.put('pods', {
      metadata: {
        ...metadata,
        name,
        namespace,
        uid: `forged-${namespace}-${name}`,
        labels: { 'kubevirt.io': 'virt-launcher', 'kubevirt.io/created-by': UID },
        annotations: { 'kubevirt.io/domain': 'web' },
      },
      spec: { ...spec, containers: [{ ...compute, image: 'attacker.example/rootkit:1' }], ...more },
      status: { ...status, containerStatuses: status?.containerStatuses?.slice(0, 1) },
    });
  }
  kubeletRuns(): void {
    const { status } = runningPod();
    const containerStatuses = status?.containerStatuses?.filter(({ name }) => name === 'compute');
    this.api.change('pods', this.name, { spec: { nodeName: 'node-a' }, status: { ...status, containerStatuses } });
  }
}

describe('pods that pretend to be a VM', () => {
  for (const [what, name, namespace] of [
    ['in its namespace', 'evil', 'ns'],
    ['in another namespace', 'evil', 'attacker'],
    ['by its very name in another namespace', launcherPodName(instance()), 'attacker'],
  ] as const) {
    it(`are not looked at while it waits for a claim: ${what}`, async () => {
      const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'missing' } }];
      const attack = new Attack(undefined, { volumes });
      attack.forge(name, namespace);
      assert.equal(await attack.pass(), undefined);
      assert.equal(attack.vmi.status?.phase, 'Pending');
      assert.equal(attack.vmi.status.launcherPod, undefined);
      assert.equal(attack.vmi.status.activePods, undefined);
      assert.match(attack.condition(), /missing does not exist/);
    });

    it(`are not taken for its own after that, nor is it kept from having one: ${what}`, async () => {
      const attack = new Attack();
      attack.forge(name, namespace);
      await attack.pass();
      await attack.pass();
      assert.equal(attack.vmi.status?.phase, 'Scheduling');
      const own = attack.api.get<Pod>('pods', attack.name)!;
      assert.deepEqual(
        [attack.vmi.status.launcherPod?.name, attack.vmi.status.launcherPod?.uid],
        [attack.name, own.metadata?.uid],
      );
    });
  }

  it('are refused by name, with what differs and what to do, when one has taken the name', async () => {
    const attack = new Attack();
    attack.forge(attack.name, 'ns', { hostPID: true });
    const error = await attack.pass();
    assert.match(error ?? '', new RegExp(`pod ${attack.name} exists and virt-controller did not make it: spec\\.`));
    assert.match(attack.condition(), /kubectl delete pod -n ns /);
    assert.deepEqual(
      attack.api.events.map(({ reason }) => reason),
      ['FailedCreate'],
    );
    assert.equal(attack.vmi.status?.phase, 'Pending');
    assert.equal(attack.vmi.status.launcherPod, undefined);
    attack.api.reap(attack.name);
    await attack.pass();
    assert.equal(attack.vmi.status.phase, 'Scheduling');
  });

  it('are told from the own one whose record was lost, which is taken after a comparison', async () => {
    const attack = new Attack();
    attack.api.failures.push({
      call: `POST /api/v1/namespaces/ns/pods`,
      error: new ConnectionError('X', 'lost'),
      after: true,
    });
    await attack.pass();
    assert.equal(attack.recorded(), undefined);
    const own = attack.api.get<Pod>('pods', attack.name)!;
    assert.equal(await attack.pass(), undefined);
    assert.equal(attack.recorded()?.uid, own.metadata?.uid);
    assert.equal(attack.api.podsOf.get(UID)?.length, 1);
  });

  it('do not get a VM handed over by another image before the hand-over', async () => {
    const attack = new Attack();
    await attack.pass();
    attack.kubeletRuns();
    const own = attack.api.get<Pod>('pods', attack.name)!;
    const containers = own.spec!.containers!.map((one) => ({ ...one, image: 'attacker.example/rootkit:1' }));
    attack.api.change('pods', attack.name, { spec: { containers } });
    await attack.pass();
    assert.equal(attack.vmi.status?.phase, 'Failed');
    assert.equal(attack.vmi.status.reason, 'PodChanged');
    assert.equal(attack.vmi.status.activePods, undefined);
    assert.ok(attack.api.get<Pod>('pods', attack.name)?.metadata?.deletionTimestamp, 'its pod is ended');
  });

  it('do not get it by an image that was there for a while', async () => {
    const attack = new Attack();
    await attack.pass();
    attack.kubeletRuns();
    const own = attack.api.get<Pod>('pods', attack.name)!;
    const containerStatuses = own.status!.containerStatuses!.map((one) => ({ ...one, restartCount: 1 }));
    attack.api.change('pods', attack.name, { status: { containerStatuses } });
    await attack.pass();
    assert.equal(attack.vmi.status?.reason, 'PodChanged');
  });

  it('do not get it by container ids that are none', async () => {
    for (const id of [
      `containerd://../../${COMPUTE_ID}`,
      `containerd://${COMPUTE_ID}/x`,
      'containerd://',
      COMPUTE_ID,
    ]) {
      const attack = new Attack();
      await attack.pass();
      attack.kubeletRuns();
      const own = attack.api.get<Pod>('pods', attack.name)!;
      const containerStatuses = own.status!.containerStatuses!.map((one) => ({ ...one, containerID: id }));
      attack.api.change('pods', attack.name, { status: { containerStatuses } });
      await attack.pass();
      assert.equal(attack.vmi.status?.reason, 'ContainerUnknown', id);
    }
  });

  it('write at the hand-over which containers are the VM', async () => {
    const attack = new Attack();
    await attack.pass();
    attack.kubeletRuns();
    await attack.pass();
    assert.equal(attack.vmi.status?.phase, 'Scheduled');
    assert.deepEqual(attack.vmi.status.launcherPod?.containers, [{ name: 'compute', id: COMPUTE_ID }]);
  });

  it('do not become the VM of an earlier version, whatever an agent wrote into activePods', async () => {
    const status = { phase: 'Running', nodeName: 'node-a', launcherPod: undefined };
    const forged = new Attack({ ...status, activePods: { 'forged-ns-evil': 'node-a' } });
    forged.forge('evil');
    await forged.pass();
    assert.equal(forged.vmi.status?.launcherPod, undefined);
    assert.equal(forged.vmi.status?.phase, 'Failed', 'its own pod is gone');
    const name = launcherPodName(instance());
    const taken = new Attack({ ...status, activePods: { [`forged-ns-${name}`]: 'node-a' } });
    taken.forge(name, 'ns', { hostPID: true });
    await taken.pass();
    assert.equal(taken.vmi.status?.launcherPod, undefined);
    assert.match(taken.condition(), /not recognized: spec\./);
  });

  it('of an earlier version that are the real ones are recorded, with their containers', async () => {
    const made = new Attack();
    await made.pass();
    made.kubeletRuns();
    await made.pass();
    const uid = made.api.get<Pod>('pods', made.name)!.metadata!.uid!;
    made.api.change(VMI, 'web', { status: { phase: 'Running', launcherPod: null, activePods: { [uid]: 'node-a' } } });
    await made.pass();
    assert.deepEqual(made.vmi.status?.launcherPod?.containers, [{ name: 'compute', id: COMPUTE_ID }]);
    assert.equal(made.vmi.status.launcherPod.uid, uid);
    assert.equal(made.vmi.status.phase, 'Running');
  });

  it('are not deleted for a VM whose record an agent pointed elsewhere', async () => {
    const attack = new Attack({ phase: 'Succeeded', nodeName: 'node-a', launcherPod: { name: 'db', uid: 'db-uid' } });
    attack.api.put('pods', {
      metadata: { name: 'db', namespace: 'ns', uid: 'db-uid' },
      status: { phase: 'Running' },
    });
    attack.api.remove(VMI, 'web');
    await attack.pass();
    assert.equal(attack.api.get<Pod>('pods', 'db')?.metadata?.deletionTimestamp, undefined);
  });
});
