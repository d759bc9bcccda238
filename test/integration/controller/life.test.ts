import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import type { VirtualMachine } from '../../../src/api/schema/kinds.js';
import { namespacePath, podPath, resourceQuotaPath, vmiPath, vmPath } from '../../../src/kube/client/resources.js';
import type { Pod } from '../../../src/kube/types.js';
import { ControllerCluster, machine } from './cluster.js';

describe('controller against a real API server', function () {
  this.timeout(300_000);
  let cluster: ControllerCluster;

  before(async () => {
    cluster = await ControllerCluster.start();
    await cluster.startController();
  });
  after(() => cluster.stop());

  const vm = (name: string): Promise<VirtualMachine> => cluster.client.get<VirtualMachine>(vmPath('default', name));
  const shows = (name: string, status: string): Promise<VirtualMachine> =>
    cluster.eventually(`${name} shows ${status}`, async () => {
      const now = await vm(name);
      assert.equal(now.status?.printableStatus, status);
      return now;
    });

  it('starts, hands over, stops and deletes a VM, with few writes', async () => {
    await cluster.client.create(vmPath('default'), machine('web', { runStrategy: 'Halted' }));
    await shows('web', 'Stopped');
    cluster.writes = [];
    await cluster.client.patch(vmPath('default', 'web'), { spec: { runStrategy: 'Always' } }, 'merge');
    const pod = await cluster.pod('web');
    assert.match(pod.metadata!.name!, /^virt-launcher-web-[a-z0-9]{5}$/);
    await cluster.phase('web', 'Scheduling');
    await shows('web', 'Starting');
    await cluster.runPod(pod);
    const scheduled = await cluster.phase('web', 'Scheduled');
    assert.equal(scheduled.metadata!.labels!['kubevirt.io/nodeName'], 'node-a');
    assert.deepEqual(scheduled.status!.activePods, { [pod.metadata!.uid!]: 'node-a' });
    assert.equal(scheduled.status!.qosClass, 'Burstable');
    assert.equal(scheduled.status!.interfaces![0]!.ipAddress, '10.0.0.7');
    await cluster.agentSays('web', 'Running');
    const running = await shows('web', 'Running');
    assert.equal(running.status!.ready, true);
    assert.equal(running.status!.created, true);
    assert.equal(running.status!.observedGeneration, running.metadata!.generation);
    await wait(1_000);
    const toVmi = cluster.writesTo('virtualmachineinstances');
    const toVm = cluster.writesTo('virtualmachines/');
    console.log(`      writes per start: VMI ${toVmi.length} (create included), VM ${toVm.length}`);
    // The create is the VM controller's; Scheduling, Scheduled and Ready are the VMI controller's.
    assert.ok(toVmi.length <= 4, toVmi.join('\n'));
    assert.ok(toVm.length <= 3, toVm.join('\n'));

    cluster.writes = [];
    await wait(2_000);
    assert.deepEqual(cluster.writes, [], 'nothing is written while nothing changes');

    await cluster.client.patch(vmPath('default', 'web'), { spec: { runStrategy: 'Halted' } }, 'merge');
    await shows('web', 'Stopping');
    await cluster.agentSays('web', 'Succeeded');
    // The pod ends with its guest, and is then removed at once.
    await cluster.setPodStatus(pod, { phase: 'Succeeded' });
    await cluster.gone(vmiPath('default', 'web'));
    // It shows Stopped as soon as the guest has ended, and is not created any more when its VMI has gone.
    await cluster.eventually('web is not created', async () => assert.equal((await vm('web')).status?.created, false));
    assert.equal((await vm('web')).status?.printableStatus, 'Stopped');

    await cluster.client.delete(vmPath('default', 'web'));
    await cluster.gone(vmPath('default', 'web'));
    const { items } = await cluster.events();
    const reasons = items.map(({ reason, message }) => `${reason}: ${message}`);
    assert.ok(
      reasons.some((text) => text.includes('Started the virtual machine by creating')),
      reasons.join('\n'),
    );
    assert.ok(reasons.some((text) => text.includes('Created virtual machine pod virt-launcher-web')));
  });

  it('deletes a running VM with its VMI and pod', async () => {
    await cluster.client.create(vmPath('default'), machine('gone', { running: true }));
    const pod = await cluster.pod('gone');
    await cluster.runPod(pod);
    await cluster.phase('gone', 'Scheduled');
    await cluster.agentSays('gone', 'Running');
    await shows('gone', 'Running');
    await cluster.client.delete(vmPath('default', 'gone'));
    await shows('gone', 'Terminating');
    await cluster.agentSays('gone', 'Succeeded');
    // The pod ends with its guest, and is then removed at once.
    await cluster.setPodStatus(pod, { phase: 'Succeeded' });
    await cluster.gone(vmiPath('default', 'gone'));
    await cluster.gone(vmPath('default', 'gone'));
  });

  it('serves a start request of a Manual VM once', async () => {
    await cluster.client.create(vmPath('default'), machine('manual', { runStrategy: 'Manual' }));
    await shows('manual', 'Stopped');
    const request = [{ action: 'Start' }];
    await cluster.client.patch(
      vmPath('default', 'manual', 'status'),
      { status: { stateChangeRequests: request } },
      'merge',
    );
    await cluster.pod('manual');
    const started = await shows('manual', 'Starting');
    assert.equal(started.status!.stateChangeRequests, undefined);
    const { metadata } = await cluster.vmi('manual');
    const stop = [{ action: 'Stop', uid: metadata!.uid }];
    await cluster.client.patch(
      vmPath('default', 'manual', 'status'),
      { status: { stateChangeRequests: stop } },
      'merge',
    );
    await cluster.gone(vmiPath('default', 'manual'));
    await shows('manual', 'Stopped');
    await wait(1_000);
    await cluster.gone(vmiPath('default', 'manual'));
  });

  it('tells of an image that cannot be pulled, and goes on when it can', async () => {
    await cluster.client.create(vmPath('default'), machine('image', { running: true }));
    const pod = await cluster.pod('image');
    await cluster.phase('image', 'Scheduling');
    await cluster.setPodStatus(pod, {
      phase: 'Pending',
      containerStatuses: [
        {
          name: 'compute',
          image: 'launcher:test',
          imageID: '',
          ready: false,
          restartCount: 0,
          state: { waiting: { reason: 'ErrImagePull', message: 'no such host' } },
        },
      ],
    });
    await shows('image', 'ErrImagePull');
    const { status } = await cluster.vmi('image');
    const condition = status!.conditions!.find(({ type }) => type === 'Synchronized');
    assert.equal(condition?.reason, 'ErrImagePull');
    assert.match(condition.message ?? '', /no such host/);
    await cluster.runPod(pod);
    await cluster.phase('image', 'Scheduled');
    await shows('image', 'Starting');
  });

  it('names what a namespace has no room for, and starts the VM when it has', async () => {
    const { client } = cluster;
    await client.create(namespacePath(), { metadata: { name: 'tight' } });
    const metadata = { name: 'mem', namespace: 'tight' };
    const resources = { hard: { 'requests.memory': '100Mi' }, used: { 'requests.memory': '0' } };
    await client.create(resourceQuotaPath('tight'), { metadata, spec: { hard: resources.hard } });
    // No controller manager runs here, which would write what counts.
    const allow = (memory: string): Promise<unknown> =>
      client.patch(
        resourceQuotaPath('tight', 'mem', 'status'),
        { status: { ...resources, hard: { 'requests.memory': memory } } },
        'merge',
      );
    await allow('100Mi');
    const made = machine('tight', { runStrategy: 'Always' });
    await client.create(vmPath('tight'), { ...made, metadata: { ...made.metadata, namespace: 'tight' } });
    const told = (status: string, message: RegExp): Promise<void> =>
      cluster.eventually(`it shows ${status}`, async () => {
        const now = await client.get<VirtualMachine>(vmPath('tight', 'tight'));
        assert.equal(now.status?.printableStatus, status);
        assert.match(now.status.conditions?.find(({ type }) => type === 'Synchronized')?.message ?? '', message);
      });
    await told(
      'ErrorQuotaExceeded',
      /ResourceQuota mem of namespace tight is exceeded: it asks for \d+Mi of memory \(\d+Mi guest \+ \d+Mi overhead\), and of requests\.memory 100Mi there is 100Mi left/,
    );
    const limits = [{ type: 'Container', max: { memory: '20Mi' } }];
    await client.create('/api/v1/namespaces/tight/limitranges', { metadata: { name: 'small' }, spec: { limits } });
    await allow('9Gi');
    await told(
      'ErrorLimitRangeExceeded',
      /a LimitRange of namespace tight gives a container without a limit of memory one that is too small; the VM asks/,
    );
    cluster.writes = [];
    await wait(4_000);
    assert.deepEqual(cluster.writesTo('virtualmachineinstances'), [], 'told once');
    await client.delete('/api/v1/namespaces/tight/limitranges/small');
    await cluster.eventually('its pod exists', async () => {
      const { items } = await client.list<Pod>(podPath('tight'));
      assert.equal(items.length, 1);
    });
    await client.delete(vmPath('tight', 'tight'));
  });

  it('keeps why an instance ended, and tries at once what was put right', async () => {
    await cluster.client.create(vmPath('default'), machine('broken', { runStrategy: 'Always' }));
    const pod = await cluster.pod('broken');
    await cluster.phase('broken', 'Scheduling');
    await cluster.setPodStatus(pod, { phase: 'Failed', reason: 'OutOfmemory', message: 'the node was full' });
    const looping = await shows('broken', 'CrashLoopBackOff');
    const { lastTermination, conditions } = looping.status!;
    assert.equal(lastTermination?.reason, 'FailedToStart');
    assert.match(lastTermination.message ?? '', /the node was full/);
    assert.match(
      conditions?.find(({ type }) => type === 'Failure')?.message ?? '',
      /failed to start once: .*the node was full; next try at 20.*, or now: kubectl virt start broken -n default/,
    );
    await cluster.removePod(pod).catch(() => undefined);
    const template = { metadata: { labels: { put: 'right' } }, spec: looping.spec.template.spec };
    await cluster.client.patch(vmPath('default', 'broken'), { spec: { template } }, 'merge');
    const second = await cluster.eventually('a second instance exists', async () => {
      const next = await cluster.pod('broken');
      assert.notEqual(next.metadata!.uid, pod.metadata!.uid);
      return next.metadata!.creationTimestamp!;
    });
    const retry = looping.status!.startFailure!.retryAfterTimestamp!;
    assert.ok(Date.parse(second) < Date.parse(retry), `made at ${second}, and the back-off ended at ${retry}`);
    const starting = await shows('broken', 'Starting');
    assert.equal(starting.status!.lastTermination?.reason, 'FailedToStart');
  });

  it('starts a VM again that always runs, with back-off when it never ran', async () => {
    await cluster.client.create(vmPath('default'), machine('crash', { runStrategy: 'Always' }));
    const pod = await cluster.pod('crash');
    await cluster.phase('crash', 'Scheduling');
    const failed = Date.now();
    await cluster.setPodStatus(pod, { phase: 'Failed', reason: 'Evicted', message: 'the node was low on memory' });
    const looping = await shows('crash', 'CrashLoopBackOff');
    assert.equal(looping.status!.startFailure!.consecutiveFailCount, 1);
    const retry = Date.parse(looping.status!.startFailure!.retryAfterTimestamp!);
    assert.ok(retry - failed > 5_000, `${retry - failed} ms after the failure`);
    assert.ok(retry - Date.now() <= 15_500, `${retry - Date.now()} ms from now`);
    // kubelet lets an ended pod go at once.
    await cluster.removePod(pod).catch(() => undefined);
    const next = await cluster.eventually(
      'a second instance exists',
      async () => {
        const second = await cluster.pod('crash');
        assert.notEqual(second.metadata!.uid, pod.metadata!.uid);
        return second;
      },
      120_000,
    );
    await cluster.runPod(next);
    await cluster.phase('crash', 'Scheduled');
    await cluster.agentSays('crash', 'Running');
    const running = await shows('crash', 'Running');
    assert.equal(running.status!.startFailure, undefined);
  });

  it('never makes two pods of one VMI, whatever the moment it is killed at', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `twin-${index}`);
    await Promise.all(names.map((name) => cluster.client.create(vmPath('default'), machine(name, { running: true }))));
    const stops: Promise<void>[] = [];
    for (let round = 0; round < 4; round += 1) {
      await wait(20 * round);
      // The old one may still be writing while the new one reads.
      stops.push(cluster.stopController());
      await cluster.startController();
    }
    await Promise.all(stops);
    const seen = new Set<string>();
    for (const name of names) {
      const pod = await cluster.pod(name);
      seen.add(pod.metadata!.uid!);
      await cluster.phase(name, 'Scheduling');
    }
    assert.equal(seen.size, names.length);
    const vmis = await Promise.all(names.map((name) => cluster.vmi(name)));
    const uids = new Set(vmis.map(({ metadata }) => metadata!.uid));
    const pods = (await cluster.launcherPods()).filter((pod) =>
      uids.has(pod.metadata!.labels!['kubevirt.io/created-by']),
    );
    assert.equal(pods.length, names.length);
  });

  it('fails a VMI whose pod was removed', async () => {
    const name = 'twin-0';
    const pod = await cluster.pod(name);
    await cluster.runPod(pod);
    await cluster.phase(name, 'Scheduled');
    await cluster.client.patch(vmPath('default', name), { spec: { running: false } }, 'merge');
    await cluster.removePod(pod);
    await cluster.gone(vmiPath('default', name));
    await shows(name, 'Stopped');
  });

  it('goes on when the API server was killed in the middle of a start', async () => {
    await cluster.client.create(vmPath('default'), machine('outage', { running: true }));
    await cluster.server.kill();
    await cluster.server.restart();
    const pod = await cluster.pod('outage');
    await cluster.phase('outage', 'Scheduling');
    await cluster.runPod(pod);
    await cluster.phase('outage', 'Scheduled');
    await cluster.agentSays('outage', 'Running');
    await cluster.server.kill();
    await cluster.server.restart();
    await shows('outage', 'Running');
    const { metadata } = await cluster.vmi('outage');
    const pods = await cluster.launcherPods();
    assert.equal(pods.filter((one) => one.metadata!.labels!['kubevirt.io/created-by'] === metadata!.uid).length, 1);
  });

  it('leaves a namespace alone that is being deleted: one try, and nothing in a loop', async () => {
    await cluster.client.create(namespacePath(), { metadata: { name: 'ending' } });
    const late = machine('late', { runStrategy: 'Halted' });
    await cluster.client.create(vmPath('ending'), { ...late, metadata: { ...late.metadata, namespace: 'ending' } });
    await cluster.eventually('late is seen', async () => {
      const { status } = await cluster.client.get<VirtualMachine>(vmPath('ending', 'late'));
      assert.equal(status?.printableStatus, 'Stopped');
    });
    // No controller manager runs here, so it stays as long as we like.
    await cluster.client.delete(namespacePath('ending'));
    cluster.writes = [];
    await cluster.client.patch(vmPath('ending', 'late'), { spec: { runStrategy: 'Always' } }, 'merge');
    await wait(5_000);
    const written = cluster.writes.map(({ method, path }) => `${method} ${path}`);
    const creations = written.filter((line) => line.startsWith('POST') && line.includes('/ending/virtualmachine'));
    assert.ok(creations.length >= 1 && creations.length <= 2, written.join('\n'));
    assert.ok(written.length <= 6, written.join('\n'));
  });
});
