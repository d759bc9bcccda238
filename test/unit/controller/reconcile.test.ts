import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { VirtualMachine, VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import { findCondition } from '../../../src/api/vmi/condition.js';
import { timestamp } from '../../../src/api/timestamp.js';
import { launcherPodName } from '../../../src/launcher/index.js';
import { type SlimPod, slimPod } from '../../../src/controller/cache-transforms.js';
import { VirtualMachineReconciler } from '../../../src/controller/vm/reconciler.js';
import { VirtualMachineInstanceReconciler } from '../../../src/controller/vmi/reconciler.js';
import { ApiError, ConnectionError } from '../../../src/kube/client/api-error.js';
import type { Pod } from '../../../src/kube/types.js';
import { FakeApi } from './fake-api.js';
import { COMPUTE_ID, instanceSpec, machine, runningPod } from './objects.js';

const VM = 'virtualmachines';
const VMI = 'virtualmachineinstances';

/** The two reconcilers, a user, kubelet and the agent, on an API in memory. */
class World {
  readonly api = new FakeApi();
  readonly vms = new VirtualMachineReconciler(this.api.context);
  readonly vmis = new VirtualMachineInstanceReconciler(this.api.context);

  get vm(): VirtualMachine | undefined {
    return this.api.get<VirtualMachine & { status?: object }>(VM, 'web');
  }

  get vmi(): VirtualMachineInstance | undefined {
    return this.api.get<VirtualMachineInstance & { status?: object }>(VMI, 'web');
  }

  get pods(): Pod[] {
    return this.api.all<Pod>('pods');
  }

  /** Until nothing is written any more. */
  async quiet(): Promise<void> {
    for (let pass = 0; pass < 20; pass += 1) {
      const before = this.api.writes.length;
      this.api.sync();
      await this.vms.reconcile('ns/web');
      this.api.sync();
      await this.vmis.reconcile('ns/web');
      if (this.api.writes.length === before) return;
    }
    assert.fail(`never quiet: ${this.api.writes.slice(-10).join(', ')}`);
  }

  kubeletRuns(): void {
    for (const { metadata } of this.pods) {
      const { spec, status } = runningPod();
      this.api.change('pods', metadata!.name!, {
        spec: { nodeName: spec?.nodeName },
        status: {
          ...status,
          containerStatuses: [
            { name: 'compute', ready: true, containerID: `containerd://${COMPUTE_ID}`, state: { running: {} } },
          ],
        },
      });
    }
  }

  agentSays(phase: string): void {
    const times = this.vmi?.status?.phaseTransitionTimestamps ?? [];
    const entry = { phase, phaseTransitionTimestamp: new Date(this.api.clock.now()).toISOString() };
    this.api.change(VMI, 'web', { status: { phase, phaseTransitionTimestamps: [...times, entry] } });
  }
}

describe('reconciling', () => {
  let world: World;
  beforeEach(() => (world = new World()));

  it('starts a VM with three writes to the VM and four to the VMI, create included', async () => {
    world.api.put(VM, machine({ running: true }));
    await world.quiet();
    world.kubeletRuns();
    await world.quiet();
    world.agentSays('Running');
    await world.quiet();
    assert.equal(world.vm?.status?.printableStatus, 'Running');
    assert.equal(world.vm.status.ready, true);
    assert.deepEqual(world.api.writes, [
      'PATCH virtualmachines', // the finalizer, once in the VM's life
      'POST virtualmachineinstances',
      'PATCH virtualmachines/status', // Starting
      'POST pods',
      'PATCH virtualmachineinstances', // Scheduling
      'PATCH virtualmachineinstances', // Scheduled
      'PATCH virtualmachineinstances', // Ready
      'PATCH virtualmachines/status', // Running
    ]);
    assert.deepEqual(
      world.api.events.map(({ reason, message }) => `${reason}: ${message}`),
      [
        'SuccessfulCreate: Started the virtual machine by creating the new virtual machine instance web',
        `SuccessfulCreate: Created virtual machine pod ${launcherPodName(world.vmi!)}`,
      ],
    );
    world.api.writes = [];
    await world.quiet();
    assert.deepEqual(world.api.writes, []);
  });

  it('says at a start what lint would advise, once, and not while starts fail', async () => {
    const spec = instanceSpec();
    const asks = { ...spec, domain: { ...spec.domain, resources: { requests: { cpu: '500m' } } } };
    world.api.put(VM, machine({ running: true, template: { spec: asks } }));
    await world.quiet();
    const advice = () => world.api.events.filter(({ reason }) => reason === 'Advice');
    assert.match(advice()[0]?.message ?? '', /^domain\.resources\.requests\.cpu: .* \[W-CPU-3\]/);
    world.kubeletRuns();
    await world.quiet();
    assert.equal(advice().length, 1);
    world.agentSays('Failed');
    for (const seconds of [0, 60, 60]) {
      await world.api.clock.advance(seconds * 1000);
      await world.quiet();
      for (const { metadata } of world.pods) if (metadata?.deletionTimestamp) world.api.reap(metadata.name!);
    }
    await world.quiet();
    assert.equal(world.vm?.status?.startFailure?.consecutiveFailCount, 1);
    assert.ok(world.api.writes.filter((write) => write === `POST ${VMI}`).length > 1, 'it was tried again');
    assert.equal(advice().length, 1);
  });

  it('stops and deletes, and leaves nothing behind', async () => {
    world.api.put(VM, machine({ running: true }));
    await world.quiet();
    world.kubeletRuns();
    world.agentSays('Running');
    await world.quiet();
    world.api.remove(VM, 'web');
    await world.quiet();
    assert.equal(world.vm?.status?.printableStatus, 'Terminating');
    assert.ok(world.vmi?.metadata?.deletionTimestamp);
    world.agentSays('Succeeded');
    await world.quiet();
    assert.ok(world.pods[0]?.metadata?.deletionTimestamp);
    assert.ok(world.vmi, 'held until the pod is gone');
    world.api.reap(world.pods[0].metadata.name!);
    await world.quiet();
    assert.equal(world.vmi, undefined);
    assert.equal(world.vm, undefined);
  });

  it('starts paused on request, and only once', async () => {
    const request = { action: 'Start', data: { paused: 'true' } };
    world.api.put(VM, machine({ runStrategy: 'Halted' }, { status: { stateChangeRequests: [request] } }));
    await world.quiet();
    assert.equal(world.vm?.spec.runStrategy, 'Always');
    assert.equal(world.vmi?.spec.startStrategy, 'Paused');
    assert.equal(world.vm.status?.stateChangeRequests, undefined);
  });

  it('writes Always into the field that the manifest uses', async () => {
    const request = { action: 'Start', data: { paused: 'true' } };
    world.api.put(VM, machine({ running: false }, { status: { stateChangeRequests: [request] } }));
    await world.quiet();
    assert.equal(world.vm?.spec.running, true);
    assert.equal(world.vm.spec.runStrategy, undefined);
  });

  for (const runStrategy of ['Always', 'Manual', 'RerunOnFailure', 'Once'] as const) {
    it(`makes a VMI again that has not run when its template changes, under ${runStrategy}`, async () => {
      const requests =
        runStrategy === 'Manual' ? { stateChangeRequests: [{ action: 'Start', data: { paused: 'true' } }] } : {};
      world.api.put(VM, machine({ runStrategy }, { status: requests }));
      await world.quiet();
      const before = world.vmi;
      assert.ok(before);
      const template = { spec: { ...instanceSpec(), terminationGracePeriodSeconds: 5 } };
      world.api.change(VM, 'web', { spec: { template } });
      await world.quiet();
      for (const { metadata } of world.pods) world.api.reap(metadata?.name ?? '');
      await world.quiet();
      assert.notEqual(world.vmi?.metadata?.uid, before.metadata?.uid);
      assert.equal(world.vmi?.spec.terminationGracePeriodSeconds, 5);
      assert.equal(world.vmi.spec.startStrategy, runStrategy === 'Manual' ? 'Paused' : undefined);
      assert.equal(findCondition(world.vm?.status?.conditions, 'RestartRequired'), undefined);
      assert.equal(world.vm?.status?.stateChangeRequests, undefined);
    });
  }

  it('plugs and pulls cables of a guest that runs, without a restart, and nothing else of its cards', async () => {
    world.api.put(VM, machine({ runStrategy: 'Always' }));
    await world.quiet();
    world.kubeletRuns();
    await world.quiet();
    world.agentSays('Running');
    await world.quiet();
    const before = world.vmi;
    const withCard = (card: object) => {
      const spec = instanceSpec();
      spec.domain.devices.interfaces = [{ name: 'default', masquerade: {}, ...card }];
      world.api.change(VM, 'web', { spec: { template: { spec } } });
    };
    withCard({ state: 'down' });
    await world.quiet();
    const cards = () => world.vmi?.spec.domain.devices.interfaces;
    assert.deepEqual(cards(), [{ name: 'default', masquerade: {}, state: 'down' }]);
    // Nothing here defaults a VMI, so other fields are in it.
    const restart = () => findCondition(world.vm?.status?.conditions, 'RestartRequired')?.message ?? '';
    assert.doesNotMatch(restart(), /interfaces/);
    withCard({ state: 'up', model: 'e1000' });
    await world.quiet();
    assert.deepEqual(cards(), [{ name: 'default', masquerade: {}, state: 'up' }]);
    assert.match(restart(), /interfaces\[0\]\.model/);
    assert.doesNotMatch(restart(), /\.state/);
    assert.equal(world.vmi?.metadata?.uid, before?.metadata?.uid);
  });

  it('restarts on [Stop, Start]', async () => {
    world.api.put(VM, machine({ runStrategy: 'Manual' }, { status: { stateChangeRequests: [{ action: 'Start' }] } }));
    await world.quiet();
    const first = world.vmi!.metadata!.uid;
    world.api.change(VM, 'web', {
      status: { stateChangeRequests: [{ action: 'Stop', uid: first }, { action: 'Start' }] },
    });
    await world.quiet();
    for (const { metadata } of world.pods) world.api.reap(metadata!.name!);
    await world.quiet();
    assert.notEqual(world.vmi!.metadata!.uid, first);
    assert.equal(world.vm?.status?.stateChangeRequests, undefined);
  });

  it('shows why the VMI is refused, and clears it', async () => {
    world.api.put(VM, machine({ running: true }));
    const denied = new ApiError({ code: 422, reason: 'Invalid', message: 'spec.domain: floppy is deprecated' });
    world.api.failures.push({ call: `POST /apis/kubevirt.io/v1/namespaces/ns/${VMI}`, error: denied });
    world.api.sync();
    await assert.rejects(world.vms.reconcile('ns/web'), /floppy/);
    const failure = world.vm?.status?.conditions?.find(({ type }) => type === 'Failure');
    assert.equal(failure?.reason, 'FailedCreate');
    assert.match(failure.message ?? '', /floppy is deprecated/);
    assert.equal(world.api.events[0]?.type, 'Warning');
    await world.quiet();
    assert.equal(
      world.vm?.status?.conditions?.some(({ type }) => type === 'Failure'),
      false,
    );
  });

  it('shows why the pod is refused, and goes on when it is not', async () => {
    world.api.put(VM, machine({ running: true }));
    world.api.failures.push({
      call: 'POST /api/v1/namespaces/ns/pods',
      error: new ApiError({
        code: 403,
        reason: 'Forbidden',
        message:
          'pods "p" is forbidden: exceeded quota: q, requested: requests.memory=200Mi, used: requests.memory=0, limited: requests.memory=100Mi',
      }),
    });
    world.api.sync();
    await world.vms.reconcile('ns/web');
    world.api.sync();
    assert.deepEqual(await world.vmis.reconcile('ns/web'), { requeueAfterMs: 3000 });
    const told = world.vmi?.status?.conditions?.find(({ type }) => type === 'Synchronized');
    assert.equal(told?.reason, 'QuotaExceeded');
    assert.match(told.message ?? '', /ResourceQuota q of namespace ns is exceeded/);
    world.api.sync();
    await world.vms.reconcile('ns/web');
    assert.equal(world.vm?.status?.printableStatus, 'ErrorQuotaExceeded');
    await world.quiet();
    assert.equal(world.vmi?.status?.phase, 'Scheduling');
    assert.equal(
      world.vmi.status.conditions?.some(({ type }) => type === 'Synchronized'),
      false,
    );
  });

  it('makes a pod again that waits for a Secret, at once when that is done, and its VMI does not grow', async () => {
    world.api.put(VM, machine({ running: true }));
    await world.quiet();
    const name = launcherPodName(world.vmi!);
    for (let round = 0; round < 5; round += 1) {
      const lastTransitionTime = new Date(world.api.clock.now()).toISOString();
      const conditions = [{ type: 'PodScheduled', status: 'True', lastTransitionTime }];
      world.api.change('pods', name, { status: { phase: 'Pending', conditions } });
      world.api.put('events', {
        metadata: { name: `e${round}`, namespace: 'ns' },
        message: 'MountVolume.SetUp failed for volume "volumed" : secret "nope" not found',
      } as never);
      world.api.sync();
      await world.api.clock.advance(5_000);
      await world.vmis.reconcile('ns/web');
      const before = world.api.get('pods', name)?.metadata?.uid;
      world.api.sync();
      await world.vms.reconcile('ns/web');
      assert.equal(world.vm?.status?.printableStatus, 'ErrorSecretNotFound');
      await world.api.clock.advance(12_000);
      world.api.sync();
      for (let pass = 0; pass < 3; pass += 1) {
        await world.vmis.reconcile('ns/web');
        world.api.sync();
      }
      world.api.reap(name);
      await world.quiet();
      assert.notEqual(world.api.get('pods', name)?.metadata?.uid, before);
      assert.equal(world.vmi?.status?.phase, 'Scheduling');
      assert.equal(world.vmi.status.phaseTransitionTimestamps?.length, 2);
    }
    assert.equal(world.api.events.filter(({ reason }) => reason === 'SecretNotFound').length, 1);
  });

  it('does not take back a pod that it deleted, where the cache shows a kubelet that has got on and no deletion', async () => {
    world.api.put(VM, machine({ running: true }));
    await world.quiet();
    const name = launcherPodName(world.vmi!);
    const scheduled = { type: 'PodScheduled', status: 'True', lastTransitionTime: timestamp(world.api.clock.now()) };
    world.api.change('pods', name, { status: { phase: 'Pending', conditions: [scheduled] } });
    world.api.put('events', {
      metadata: { name: 'e', namespace: 'ns' },
      message: 'MountVolume.SetUp failed for volume "volumed" : secret "nope" not found',
    } as never);
    world.api.sync();
    await world.api.clock.advance(5_000);
    await world.vmis.reconcile('ns/web');
    await world.api.clock.advance(12_000);
    for (let pass = 0; pass < 2; pass += 1) {
      world.api.sync();
      await world.vmis.reconcile('ns/web');
    }
    const deleted = world.api.get<Pod>('pods', name)!;
    assert.ok(deleted.metadata?.deletionTimestamp);
    const metadata = { ...deleted.metadata, deletionTimestamp: undefined };
    world.api.sync();
    const cached = world.api.caches.pods as unknown as { set: (pod: SlimPod) => void };
    cached.set(slimPod({ ...deleted, metadata, status: { phase: 'Running', conditions: [scheduled] } }));
    for (let pass = 0; pass < 2; pass += 1) {
      await world.vmis.reconcile('ns/web');
      world.api.sync(VMI);
    }
    world.api.reap(name);
    await world.quiet();
    assert.equal(world.vmi?.status?.phase, 'Scheduling');
    assert.notEqual(world.api.get('pods', name)?.metadata?.uid, deleted.metadata.uid);
  });

  it('does not take over a VMI or a pod of somebody else', async () => {
    world.api.put(VM, machine({ running: true }));
    world.api.put(VMI, { metadata: { name: 'web', namespace: 'ns' }, spec: machine().spec.template.spec });
    world.api.sync();
    await world.vms.reconcile('ns/web');
    assert.match(
      world.vm?.status?.conditions?.find(({ type }) => type === 'Failure')?.message ?? '',
      /does not belong/,
    );
    const name = launcherPodName(world.vmi!);
    world.api.put('pods', { metadata: { name, namespace: 'ns' } });
    await assert.rejects(world.vmis.reconcile('ns/web'), /exists and virt-controller did not make it/);
    assert.equal(world.vmi?.status?.phase, undefined);
  });

  it('does not create on old knowledge of the VM', async () => {
    world.api.put(VM, machine({ running: true }));
    world.api.sync();
    world.api.change(VM, 'web', { spec: { running: false } });
    await world.vms.reconcile('ns/web');
    assert.equal(world.vmi, undefined);
  });

  /** A VM that runs. */
  const run = async (runStrategy: string): Promise<string | undefined> => {
    world.api.put(VM, machine({ runStrategy }, { status: { stateChangeRequests: [{ action: 'Start' }] } }));
    await world.quiet();
    world.kubeletRuns();
    await world.quiet();
    world.agentSays('Running');
    await world.quiet();
    assert.equal(world.vm?.status?.printableStatus, 'Running');
    return world.vmi?.metadata?.uid;
  };
  const kubeletEvicts = (): void => {
    const status = { phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: memory.' };
    for (const { metadata } of world.pods) world.api.change('pods', metadata!.name!, { status });
  };
  const drain = (): void => {
    for (const { metadata } of world.pods) world.api.remove('pods', metadata!.name!);
  };
  const reap = (): void => {
    for (const { metadata } of world.pods) if (metadata?.deletionTimestamp) world.api.reap(metadata.name!);
  };

  const STRATEGIES = ['Always', 'RerunOnFailure', 'Manual', 'Once'];
  const REPEATING = ['Always', 'RerunOnFailure'];

  describe('evicted by kubelet', () => {
    for (const strategy of STRATEGIES) {
      const again = REPEATING.includes(strategy);
      it(`${strategy} ${again ? 'starts another VMI at once, without back-off' : 'stays Failed'}`, async () => {
        const first = await run(strategy);
        kubeletEvicts();
        await world.quiet();
        reap();
        await world.quiet();
        const told = world.api.events.find(({ reason }) => reason === 'Evicted');
        assert.match(told?.message ?? '', /was evicted: The node was low on resource/);
        assert.equal(world.vm?.status?.startFailure, undefined);
        assert.equal(world.vmi?.metadata?.uid !== first, again);
        if (!again) {
          assert.deepEqual([world.vmi?.status?.phase, world.vmi?.status?.reason], ['Failed', 'Evicted']);
          return;
        }
        assert.equal(world.vmi?.status?.phase, 'Scheduling');
        // Nothing keeps it off the node that it was evicted from.
        assert.deepEqual(
          world.pods.map(({ spec }) => spec?.['affinity']),
          [undefined],
        );
      });
    }
  });

  describe('drained', () => {
    for (const strategy of STRATEGIES) {
      const again = REPEATING.includes(strategy);
      it(`${strategy} ${again ? 'starts another VMI' : 'stays Succeeded'}`, async () => {
        const first = await run(strategy);
        drain();
        await world.quiet();
        assert.equal(world.vmi?.status?.reason, 'PodDeleted');
        assert.equal(world.vmi.metadata?.uid, first, 'the guest has its grace period');
        world.agentSays('Succeeded');
        await world.quiet();
        reap();
        await world.quiet();
        assert.equal(world.vmi.metadata?.uid !== first, again);
        if (!again) assert.deepEqual([world.vmi.status.phase, world.vmi.status.reason], ['Succeeded', 'PodDeleted']);
      });
    }
  });

  it('drained while no controller ran, RerunOnFailure still starts another VMI', async () => {
    const first = await run('RerunOnFailure');
    drain();
    world.agentSays('Succeeded');
    await world.quiet();
    reap();
    await world.quiet();
    assert.notEqual(world.vmi?.metadata?.uid, first);
    assert.equal(world.vmi?.status?.phase, 'Scheduling');
  });

  it('powered off from inside, RerunOnFailure stays off', async () => {
    await run('RerunOnFailure');
    world.agentSays('Succeeded');
    await world.quiet();
    for (const { metadata } of world.pods) world.api.reap(metadata!.name!);
    await world.quiet();
    assert.equal(world.vmi, undefined);
    assert.equal(world.vm?.status?.printableStatus, 'Stopped');
  });

  it('stopped while it is drained, RerunOnFailure stays off', async () => {
    const first = await run('RerunOnFailure');
    drain();
    await world.quiet();
    world.api.change(VM, 'web', { status: { stateChangeRequests: [{ action: 'Stop', uid: first }] } });
    await world.quiet();
    world.agentSays('Succeeded');
    await world.quiet();
    reap();
    await world.quiet();
    assert.equal(world.vmi, undefined);
  });

  it('lets a VMI without VM go by itself', async () => {
    const orphan = {
      metadata: { name: 'web', namespace: 'ns', finalizers: ['kubevirt.io/virtualMachineControllerFinalize'] },
      spec: machine().spec.template.spec,
    };
    world.api.put(VMI, orphan);
    await world.quiet();
    world.kubeletRuns();
    await world.quiet();
    world.agentSays('Running');
    world.api.remove(VMI, 'web');
    world.agentSays('Succeeded');
    await world.quiet();
    world.api.reap(world.pods[0]!.metadata!.name!);
    await world.quiet();
    assert.equal(world.vmi, undefined);
  });

  it('asks the API server before it believes that a pod or a node is gone', async () => {
    world.api.put(VM, machine({ running: true }));
    await world.quiet();
    world.kubeletRuns();
    await world.quiet();
    world.agentSays('Running');
    await world.quiet();
    world.api.sync(VM, VMI);
    for (const cache of [world.api.caches.pods, world.api.caches.nodes]) {
      for (const key of cache.keys()) cache.delete(key);
    }
    await world.vmis.reconcile('ns/web');
    assert.equal(world.vmi?.status?.phase, 'Running');
    world.api.objects.delete('nodes//node-a');
    await world.vmis.reconcile('ns/web');
    assert.equal(world.vmi.status.phase, 'Failed');
    assert.equal(world.vmi.status.reason, 'NodeGone');
  });

  it('never has two pods of one VMI, nor loses a VM, whatever is late, lost or killed', async function () {
    this.timeout(300_000);
    const kinds = [VM, VMI, 'pods'];
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom('vm', 'vmi') },
      { weight: 4, arbitrary: fc.constantFrom(...kinds.map((kind) => `sync ${kind}`)) },
      { weight: 1, arbitrary: fc.constantFrom('kubelet', 'reap', 'agent Running', 'agent Succeeded', 'agent Failed') },
      { weight: 1, arbitrary: fc.constantFrom('delete pod', 'delete vmi', 'halt', 'go', 'hour') },
      {
        weight: 2,
        arbitrary: fc.constantFrom('lose POST', 'lose PATCH', 'lose DELETE', 'lost answer POST', 'lost answer PATCH'),
      },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 120 }), async (steps) => {
        const chaos = new World();
        chaos.api.put(VM, machine({ runStrategy: 'Always' }));
        for (const one of steps) {
          await disturb(chaos, one);
          for (const pods of chaos.api.podsOf.values()) assert.equal(new Set(pods).size, 1, pods.join(', '));
          for (const vmi of chaos.api.podsOf.keys()) {
            const living = chaos.pods.filter(({ metadata }) => metadata?.labels?.['kubevirt.io/created-by'] === vmi);
            assert.ok(living.length <= 1);
          }
        }
        // Afterwards everything works: it must come to a running VM without help.
        chaos.api.failures = [];
        chaos.api.change(VM, 'web', { spec: { runStrategy: 'Always' } });
        for (let round = 0; round < 12 && chaos.vm?.status?.printableStatus !== 'Running'; round += 1) {
          await chaos.api.clock.advance(3_600_000);
          await chaos.quiet();
          for (const { metadata } of chaos.pods) if (metadata?.deletionTimestamp) chaos.api.reap(metadata.name!);
          if (chaos.vmi?.metadata?.deletionTimestamp && chaos.vmi.status?.nodeName) {
            if (!['Succeeded', 'Failed'].includes(chaos.vmi.status.phase ?? '')) chaos.agentSays('Succeeded');
          }
          chaos.kubeletRuns();
          await chaos.quiet();
          if (chaos.vmi?.status?.phase === 'Scheduled') chaos.agentSays('Running');
          await chaos.quiet();
        }
        assert.equal(
          chaos.vm?.status?.printableStatus,
          'Running',
          JSON.stringify([chaos.vm?.status, chaos.vmi?.metadata, chaos.vmi?.status]),
        );
      }),
      { numRuns: 300 },
    );
  });
});

const disturb = async (world: World, step: string): Promise<void> => {
  const { api } = world;
  const lost = new ConnectionError('ECONNRESET', 'reset');
  const [word, what = '', third = ''] = step.split(' ');
  switch (word) {
    case 'vm':
      await world.vms.reconcile('ns/web').catch(() => undefined);
      return;
    case 'vmi':
      await world.vmis.reconcile('ns/web').catch(() => undefined);
      return;
    case 'sync': {
      api.sync(what);
      return;
    }
    case 'kubelet': {
      world.kubeletRuns();
      return;
    }
    case 'reap':
      for (const { metadata } of world.pods) if (metadata?.deletionTimestamp) api.reap(metadata.name!);
      return;
    case 'agent':
      if (world.vmi?.status?.nodeName && !['Succeeded', 'Failed'].includes(world.vmi.status.phase ?? ''))
        world.agentSays(what);
      return;
    case 'delete':
      if (what === 'pod') for (const { metadata } of world.pods) api.remove('pods', metadata!.name!);
      else api.remove(VMI, 'web');
      return;
    case 'halt': {
      api.change(VM, 'web', { spec: { runStrategy: 'Halted' } });
      return;
    }
    case 'go': {
      api.change(VM, 'web', { spec: { runStrategy: 'Always' } });
      return;
    }
    case 'hour':
      return api.clock.advance(3_600_000);
    case 'lose':
      api.failures.push({ call: what, error: lost });
      return;
    case 'lost':
      api.failures.push({ call: third, error: lost, after: true });
      return;
    default:
      throw new Error(step);
  }
};
