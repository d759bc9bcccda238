import assert from 'node:assert/strict';
import type { VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import { namespacePath, podPath, vmiPath } from '../../../src/kube/client/resources.js';
import type { Pod } from '../../../src/kube/types.js';
import { launcherPodName } from '../../../src/launcher/index.js';
import { ControllerCluster, instanceSpec } from '../../integration/controller/cluster.js';

/**
 * Pods that pretend to be a VM's, on a real API server: its defaults, its admission plugins, its rules on what may be
 * patched.
 */
describe('pods that pretend to be a VM, on an API server', function () {
  this.timeout(300_000);
  let cluster: ControllerCluster;

  before(async () => {
    cluster = await ControllerCluster.start();
    await cluster.client.create(namespacePath(), { metadata: { name: 'attacker' } });
  });
  after(() => cluster.stop());

  const createVmi = (name: string, spec: object = {}): Promise<VirtualMachineInstance> =>
    cluster.client.create<VirtualMachineInstance>(vmiPath('default'), {
      apiVersion: 'kubevirt.io/v1',
      kind: 'VirtualMachineInstance',
      metadata: { name, namespace: 'default', finalizers: ['kubevirt.io/foregroundDeleteVirtualMachine'] },
      spec: { ...instanceSpec(), ...spec },
    });

  const forge = (vmi: VirtualMachineInstance, name: string, namespace = 'default'): Promise<Pod> => {
    const { name: owner = '', uid = '' } = vmi.metadata ?? {};
    return cluster.client.create<Pod>(podPath(namespace), {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name,
        namespace,
        labels: { 'kubevirt.io': 'virt-launcher', 'kubevirt.io/created-by': uid },
        annotations: { 'kubevirt.io/domain': owner },
        ownerReferences: [
          { apiVersion: 'kubevirt.io/v1', kind: 'VirtualMachineInstance', name: owner, uid, controller: true },
        ],
      },
      spec: { nodeName: 'node-a', containers: [{ name: 'compute', image: 'attacker.example/rootkit:1' }] },
    });
  };
  const run = (pod: Pod): Promise<unknown> =>
    cluster.client.patch(
      podPath(pod.metadata?.namespace, pod.metadata?.name, 'status'),
      {
        status: {
          phase: 'Running',
          podIP: '10.0.0.66',
          conditions: [{ type: 'Ready', status: 'True' }],
          containerStatuses: [
            {
              name: 'compute',
              image: 'x',
              imageID: 'x',
              ready: true,
              restartCount: 0,
              containerID: `containerd://${'e'.repeat(64)}`,
              state: { running: {} },
            },
          ],
        },
      },
      'merge',
    );

  it('are not looked at while the VM waits, nor when it starts', async () => {
    await cluster.startController();
    const vmi = await createVmi('held', { volumes: [{ name: 'd', persistentVolumeClaim: { claimName: 'none' } }] });
    for (const [name, namespace] of [
      ['evil', 'default'],
      ['evil', 'attacker'],
      [launcherPodName(vmi), 'attacker'],
    ] as const)
      await run(await forge(vmi, name, namespace));
    await cluster.eventually('the VM is told what it waits for', async () => {
      const { status } = await cluster.vmi('held');
      assert.equal(status?.conditions?.find(({ type }) => type === 'Synchronized')?.reason, 'FailedPvcNotFound');
    });
    const held = await cluster.vmi('held');
    assert.notEqual(held.status?.phase, 'Scheduled');
    assert.equal(held.status?.activePods, undefined);
    assert.equal(held.status?.launcherPod, undefined);
    await cluster.stopController();
  });

  it('are refused by name, and the own one is recognized by what it is when its record was lost', async () => {
    const victim = await createVmi('victim');
    const name = launcherPodName(victim);
    await forge(victim, name);
    await cluster.startController();
    await cluster.eventually('it is told', async () => {
      const { status } = await cluster.vmi('victim');
      const told = status?.conditions?.find(({ type }) => type === 'Synchronized');
      assert.equal(told?.reason, 'FailedCreate');
      assert.match(told.message ?? '', /virt-controller did not make it: spec\..*kubectl delete pod -n default/);
    });
    assert.equal((await cluster.vmi('victim')).status?.launcherPod, undefined);
    await cluster.client.delete(podPath('default', name), { gracePeriodSeconds: 0 });
    const scheduling = await cluster.phase('victim', 'Scheduling');
    const own = await cluster.client.get<Pod>(podPath('default', name));
    assert.equal(scheduling.status?.launcherPod?.uid, own.metadata?.uid);

    // As if it had been killed between the create call and the record of it.
    await cluster.stopController();
    await cluster.client.patch(
      vmiPath('default', 'victim'),
      { status: { phase: 'Pending', launcherPod: null, conditions: null, phaseTransitionTimestamps: null } },
      'merge',
    );
    await cluster.startController();
    const again = await cluster.phase('victim', 'Scheduling');
    assert.equal(
      again.status?.launcherPod?.uid,
      own.metadata?.uid,
      'the pod as the API server stores it is what we built',
    );
    await cluster.runPod(own);
    const scheduled = await cluster.phase('victim', 'Scheduled');
    assert.match(scheduled.status?.launcherPod?.containers?.[0]?.id ?? '', /^[0-9a-f]{64}$/);
    await cluster.stopController();
  });

  it('do not get the VM by a patch of the image', async () => {
    await cluster.startController();
    await createVmi('swapped');
    await cluster.phase('swapped', 'Scheduling');
    const pod = await cluster.pod('swapped');
    const containers = [{ name: 'compute', image: 'attacker.example/rootkit:1' }];
    await cluster.client.patch(podPath('default', pod.metadata?.name), { spec: { containers } }, 'strategic');
    await cluster.runPod(pod).catch(() => undefined);
    const failed = await cluster.phase('swapped', 'Failed');
    assert.equal(failed.status?.reason, 'PodChanged');
    assert.equal(failed.status.activePods, undefined);
    await cluster.stopController();
  });
});
