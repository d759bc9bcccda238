import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseAllDocuments } from 'yaml';
import { findCondition } from '../../../src/api/vmi/condition.js';
import type { Condition } from '../../../src/api/vmi/condition.js';
import type { DataVolume } from '../../../src/api/schema/datavolume.js';
import type { VirtualMachine } from '../../../src/api/schema/kinds.js';
import {
  crdPath,
  dataVolumePath,
  podPath,
  pvcPath,
  storageClassPath,
  vmiPath,
  vmPath,
} from '../../../src/kube/client/resources.js';
import type { KubernetesObject, PersistentVolumeClaim, Pod } from '../../../src/kube/types.js';
import { API_VERSION } from '../../../src/kube/client/resources.js';
import { ControllerCluster, instanceSpec, machine } from './cluster.js';

type Definition = KubernetesObject & { spec: object; status?: { conditions?: Condition[] } };
const definition = (): Definition =>
  parseAllDocuments(readFileSync('manifests/data-volumes.yaml', 'utf8'))[0]!.toJS() as Definition;
/** CDI's own, as far as anybody looks at it: its operator's labels, and not ours. */
const ofCdi = (): Definition => {
  const ours = definition();
  return {
    ...ours,
    metadata: { name: ours.metadata!.name!, labels: { 'cdi.kubevirt.io': '', 'operator.cdi.kubevirt.io': '' } },
  };
};

const install = async (cluster: ControllerCluster, crd: Definition): Promise<void> => {
  await cluster.client.create(crdPath(), crd);
  await cluster.eventually('the definition is established', async () => {
    const { status } = await cluster.client.get<Definition>(crdPath(crd.metadata?.name));
    assert.equal(findCondition(status?.conditions, 'Established')?.status, 'True');
  });
};

const template = (name: string, source: object = { http: { url: 'http://images.example/alpine.qcow2' } }) => ({
  metadata: { name },
  spec: { source, storage: { resources: { requests: { storage: '2Gi' } }, storageClassName: 'immediate' } },
});
const withVolume = (name: string, dataVolume: string, more: Partial<VirtualMachine['spec']> = {}): VirtualMachine => {
  const vm = machine(name, { dataVolumeTemplates: [template(dataVolume)], ...more });
  const volumes = [{ name: 'root', dataVolume: { name: dataVolume } }];
  return { ...vm, spec: { ...vm.spec, template: { ...vm.spec.template, spec: { ...instanceSpec(), volumes } } } };
};

/** What a test does that is somebody else's work in a cluster: binding, kubelet, CDI. */
class World {
  constructor(readonly cluster: ControllerCluster) {}

  get client(): ControllerCluster['client'] {
    return this.cluster.client;
  }

  dataVolume(name: string): Promise<DataVolume> {
    return this.client.get<DataVolume>(dataVolumePath('default', name));
  }

  phase(name: string, phase: string): Promise<DataVolume> {
    return this.cluster.eventually(`DataVolume ${name} is ${phase}`, async () => {
      const now = await this.dataVolume(name);
      assert.equal(now.status?.phase, phase, JSON.stringify(now.status));
      return now;
    });
  }

  shows(name: string, status: string): Promise<VirtualMachine> {
    return this.cluster.eventually(`${name} shows ${status}`, async () => {
      const now = await this.client.get<VirtualMachine>(vmPath('default', name));
      assert.equal(now.status?.printableStatus, status);
      return now;
    });
  }

  claim(name: string): Promise<PersistentVolumeClaim> {
    return this.cluster.eventually(`claim ${name} exists`, () =>
      this.client.get<PersistentVolumeClaim>(pvcPath('default', name)),
    );
  }

  async bind(name: string): Promise<void> {
    await this.claim(name);
    const status = { phase: 'Bound', capacity: { storage: '2Gi' } };
    await this.client.patch(pvcPath('default', name, 'status'), { status }, 'merge');
  }

  setStatus(name: string, status: DataVolume['status']): Promise<unknown> {
    return this.client.patch(dataVolumePath('default', name, 'status'), { status }, 'merge');
  }

  importer(name: string): Promise<Pod> {
    return this.podOf(`importer-${name}-`);
  }

  podOf(prefix: string): Promise<Pod> {
    return this.cluster.eventually(`pod ${prefix} exists`, async () => {
      const { items } = await this.client.list<Pod>(podPath('default'));
      const pods = items.filter(({ metadata }) => metadata?.name?.startsWith(prefix));
      assert.equal(pods.length, 1, items.map(({ metadata }) => metadata?.name).join());
      return pods[0]!;
    });
  }

  async setImporter(pod: Pod, phase: string, container: object): Promise<void> {
    const status = {
      phase,
      podIP: '127.0.0.1',
      containerStatuses: [{ name: 'importer', image: 'i', imageID: 'i', ready: true, restartCount: 0, ...container }],
    };
    // The API server lets a container's end stand only in a pod that runs on a node.
    await this.cluster.setPodStatus(pod, status);
  }

  async reasons(): Promise<string[]> {
    const { items } = await this.cluster.events();
    return items.map(({ reason, message }) => `${reason}: ${message}`);
  }
}

const start = async (crd: Definition | undefined, settings = {}): Promise<World> => {
  const cluster = await ControllerCluster.start();
  const world = new World(cluster);
  for (const [name, volumeBindingMode] of [
    ['immediate', 'Immediate'],
    ['later', 'WaitForFirstConsumer'],
  ] as const) {
    await cluster.client.create(storageClassPath(), {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name },
      provisioner: 'kubernetes.io/no-provisioner',
      volumeBindingMode,
    });
  }
  if (crd) await install(cluster, crd);
  await cluster.startController(settings);
  return world;
};

describe('DataVolumes where CDI is installed', function () {
  this.timeout(300_000);
  let world: World;
  before(async () => (world = await start(ofCdi())));
  after(() => world.cluster.stop());

  it('are made from a VM’s templates, before it runs, and waited for', async () => {
    const { cluster, client } = world;
    await client.create(vmPath('default'), withVolume('web', 'alpine', { runStrategy: 'Halted' }));
    const { metadata = {} } = await cluster.eventually('the DataVolume exists', () => world.dataVolume('alpine'));
    const vm = await world.shows('web', 'Provisioning');
    assert.equal(metadata.labels?.['kubevirt.io/created-by'], vm.metadata?.uid);
    assert.equal(metadata.annotations?.['cdi.kubevirt.io/allowClaimAdoption'], 'true');
    assert.deepEqual(
      metadata.ownerReferences?.map(({ kind, uid, controller }) => [kind, uid, controller]),
      [['VirtualMachine', vm.metadata?.uid, true]],
    );
    await client.patch(vmPath('default', 'web'), { spec: { runStrategy: 'Always' } }, 'merge');
    await world.setStatus('alpine', { phase: 'ImportInProgress', progress: '10%' });
    await world.shows('web', 'Provisioning');
    assert.equal((await client.list(vmiPath('default'))).items.length, 0, 'no VMI while it imports');
    await client.create(pvcPath('default'), {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'alpine' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '2Gi' } } },
    });
    await world.setStatus('alpine', { phase: 'Succeeded', progress: '100%' });
    await cluster.pod('web');
    await world.shows('web', 'Starting');
    assert.ok((await world.reasons()).includes('SuccessfulDataVolumeCreate: Created DataVolume alpine'));
  });

  it('are kept over a restart of the VM', async () => {
    const { cluster, client } = world;
    const before = await world.dataVolume('alpine');
    await client.patch(vmPath('default', 'web'), { spec: { runStrategy: 'Halted' } }, 'merge');
    await cluster.gone(vmiPath('default', 'web'));
    await world.shows('web', 'Stopped');
    await client.patch(vmPath('default', 'web'), { spec: { runStrategy: 'Always' } }, 'merge');
    await cluster.pod('web');
    assert.equal((await world.dataVolume('alpine')).metadata?.uid, before.metadata?.uid);
  });

  it('that fail are told at the VM', async () => {
    await world.client.create(vmPath('default'), withVolume('broken', 'nothing', { runStrategy: 'Always' }));
    await world.cluster.eventually('the DataVolume exists', () => world.dataVolume('nothing'));
    const conditions = [{ type: 'Running', status: 'False', reason: 'Error', message: 'Unable to connect' }];
    await world.setStatus('nothing', { phase: 'ImportInProgress', conditions });
    await world.shows('broken', 'DataVolumeError');
    await world.cluster.eventually('the event is there', async () =>
      assert.ok((await world.reasons()).includes('FailedDataVolumeImport: DataVolume nothing: Unable to connect')),
    );
  });

  it('that wait for a first consumer get a pod that is one, where the VM will run', async () => {
    const { cluster, client } = world;
    await client.create(vmPath('default'), withVolume('first', 'later', { runStrategy: 'Always' }));
    await cluster.eventually('the DataVolume exists', () => world.dataVolume('later'));
    await world.setStatus('later', { phase: 'WaitForFirstConsumer' });
    const binding = await world.podOf('virt-binding-first-');
    assert.deepEqual(binding.spec?.volumes, [{ name: 'volumeroot', persistentVolumeClaim: { claimName: 'later' } }]);
    const vmi = await cluster.vmi('first');
    const condition = findCondition(vmi.status?.conditions, 'DataVolumesReady');
    assert.deepEqual([condition?.status, condition?.reason], ['False', 'NotAllDVsReady']);
    await world.shows('first', 'WaitingForVolumeBinding');
    assert.equal((await cluster.launcherPods()).length, 1, 'only the other VM has its pod');
    await client.create(pvcPath('default'), {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'later' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '2Gi' } } },
    });
    await world.setStatus('later', { phase: 'Succeeded' });
    await cluster.pod('first');
    await cluster.eventually('AllDVsReady', async () =>
      assert.equal(
        findCondition((await cluster.vmi('first')).status?.conditions, 'DataVolumesReady')?.reason,
        'AllDVsReady',
      ),
    );
    await cluster.gone(podPath('default', binding.metadata?.name));
  });

  it('are CDI’s: no claim, no importer, no status of ours', async () => {
    await world.client.create(dataVolumePath('default'), {
      apiVersion: 'cdi.kubevirt.io/v1beta1',
      kind: 'DataVolume',
      ...template('foreign'),
    });
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const writes = world.cluster.writesTo('datavolumes');
    assert.deepEqual(
      writes.filter((write) => !write.endsWith('/datavolumes') || !write.startsWith('POST')),
      [],
    );
    assert.deepEqual(world.cluster.writesTo('persistentvolumeclaims'), []);
    assert.equal((await world.dataVolume('foreign')).status, undefined);
    assert.ok(!world.cluster.writesTo('pods').some((write) => write.includes('importer')));
  });
});

describe('DataVolumes where CDI is not installed', function () {
  this.timeout(300_000);
  let world: World;
  let importers: Server;
  let percent = '12.50\n';
  before(async () => {
    importers = createServer((_request, response) => void response.end(percent));
    await new Promise<void>((resolve) => importers.listen(0, '127.0.0.1', resolve));
    world = await start(undefined, { progressPort: (importers.address() as AddressInfo).port });
  });
  after(async () => {
    await world.cluster.stop();
    importers.close();
  });
  const create = (name: string, spec: object, metadata: object = {}) =>
    world.client.create(dataVolumePath('default'), {
      apiVersion: 'cdi.kubevirt.io/v1beta1',
      kind: 'DataVolume',
      metadata: { name, ...metadata },
      spec,
    });

  it('are missed with the remedy, and made as soon as somebody serves them', async () => {
    const { cluster, client } = world;
    await client.create(vmPath('default'), withVolume('web', 'alpine', { runStrategy: 'Always' }));
    const failure = await cluster.eventually('the VM says so', async () => {
      const { status } = await client.get<VirtualMachine>(vmPath('default', 'web'));
      return findCondition(status?.conditions, 'Failure')?.message ?? assert.fail(JSON.stringify(status));
    });
    assert.match(failure, /install CDI, or apply manifests\/data-volumes\.yaml/);
    await install(cluster, definition());
    await cluster.eventually('the DataVolume exists', () => world.dataVolume('alpine'));
    await world.phase('alpine', 'Pending');
    await world.shows('web', 'Provisioning');
  });

  it('get claim and importer, show progress, and let the VM start when they are whole', async () => {
    const { cluster, client } = world;
    const claim = await world.claim('alpine');
    assert.equal(claim.spec?.resources?.requests?.['storage'], '2179Mi', '2 Gi and its file system');
    const owner = (await world.dataVolume('alpine')).metadata?.uid;
    assert.deepEqual(
      claim.metadata?.ownerReferences?.map(({ uid }) => uid),
      [owner],
    );
    await world.bind('alpine');
    const pod = await world.importer('alpine');
    await world.phase('alpine', 'ImportScheduled');
    await world.setImporter(pod, 'Running', { state: { running: {} } });
    const running = await world.phase('alpine', 'ImportInProgress');
    await cluster.eventually('it shows progress', async () =>
      assert.equal((await world.dataVolume('alpine')).status?.progress, '12.50%'),
    );
    percent = '<script>'.repeat(100);
    assert.equal(running.status?.claimName, 'alpine');
    assert.equal((await client.list(vmiPath('default'))).items.length, 0);
    // kubelet starts it again, and tells why.
    await world.setImporter(pod, 'Running', {
      restartCount: 2,
      state: { waiting: { reason: 'CrashLoopBackOff' } },
      lastState: { terminated: { exitCode: 1, message: 'The download was broken off' } },
    });
    await cluster.eventually('it counts restarts', async () => {
      const { status } = await world.dataVolume('alpine');
      assert.equal(status?.restartCount, 2);
      assert.equal(status.conditions?.find(({ type }) => type === 'Running')?.message, 'The download was broken off');
    });
    await world.shows('web', 'DataVolumeError');
    await world.setImporter(pod, 'Succeeded', { state: { terminated: { exitCode: 0 } } });
    const done = await world.phase('alpine', 'Succeeded');
    assert.equal(done.status?.progress, '100.0%');
    assert.equal((await world.claim('alpine')).metadata?.annotations?.['kubectl-virt.io/populated-by'], owner);
    await cluster.gone(podPath('default', pod.metadata?.name));
    const launcher = await cluster.pod('web');
    const volumes = launcher.spec?.['volumes'] as { persistentVolumeClaim?: { claimName: string } }[];
    assert.ok(volumes.some(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName === 'alpine'));
    await world.shows('web', 'Starting');
  });

  it('go on after the controller was away', async () => {
    await create('later-on', {
      source: { blank: {} },
      storage: { resources: { requests: { storage: '64Mi' } }, storageClassName: 'immediate' },
    });
    await world.bind('later-on');
    const pod = await world.importer('later-on');
    await world.cluster.stopController();
    await world.setImporter(pod, 'Succeeded', { state: { terminated: { exitCode: 0 } } });
    await world.cluster.startController();
    await world.phase('later-on', 'Succeeded');
  });

  it('that can never succeed fail, with the reason', async () => {
    await create('gone', template('gone').spec);
    await world.bind('gone');
    const pod = await world.importer('gone');
    await world.setImporter(pod, 'Running', {
      state: { terminated: { exitCode: 3, message: 'The server answered 404 to the URL: correct it.' } },
    });
    const { status } = await world.phase('gone', 'Failed');
    assert.match(status?.conditions?.find(({ type }) => type === 'Ready')?.message ?? '', /404/);
    await world.cluster.gone(podPath('default', pod.metadata?.name));
    await create('cloud', { source: { s3: { url: 's3://bucket/x' } }, storage: template('x').spec.storage });
    const refused = await world.phase('cloud', 'Failed');
    assert.match(
      refused.status?.conditions?.find(({ type }) => type === 'Ready')?.message ?? '',
      /^spec\.source\.s3: /,
    );
    await world.cluster.eventually('events tell it', async () => {
      const reasons = await world.reasons();
      assert.ok(
        reasons.some((text) => text.startsWith('ImportFailed: The server answered 404')),
        reasons.join('\n'),
      );
    });
  });

  it('wait for a first consumer, and are filled where that is', async () => {
    const { cluster, client } = world;
    const storage = { resources: { requests: { storage: '1Gi' } }, storageClassName: 'later' };
    await create('local', { source: { blank: {} }, storage });
    await world.phase('local', 'WaitForFirstConsumer');
    const spec = { ...instanceSpec(), volumes: [{ name: 'data', dataVolume: { name: 'local' } }] };
    await client.create(vmiPath('default'), {
      apiVersion: API_VERSION,
      kind: 'VirtualMachineInstance',
      metadata: { name: 'user' },
      spec,
    });
    await world.podOf('virt-binding-user-');
    await world.bind('local');
    const pod = await world.importer('local');
    await world.setImporter(pod, 'Succeeded', { state: { terminated: { exitCode: 0 } } });
    await world.phase('local', 'Succeeded');
    await cluster.pod('user');
    await client.delete(vmiPath('default', 'user'));
    await cluster.gone(vmiPath('default', 'user'));
    assert.equal((await world.dataVolume('local')).status?.phase, 'Succeeded', 'the DataVolume outlives the VMI');
    await create(
      'forced',
      { source: { blank: {} }, storage },
      { annotations: { 'cdi.kubevirt.io/storage.bind.immediate.requested': 'true' } },
    );
    await world.importer('forced');
  });

  it('leave a claim that was there alone', async () => {
    const { client } = world;
    const spec = {
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'immediate',
      resources: { requests: { storage: '1Gi' } },
    };
    await client.create(pvcPath('default'), {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'mine' },
      spec,
    });
    await create('mine', template('mine').spec);
    const waiting = await world.phase('mine', 'Pending');
    assert.match(
      waiting.status?.conditions?.find(({ type }) => type === 'Ready')?.message ?? '',
      /does not belong to this DataVolume/,
    );
    await client.patch(
      dataVolumePath('default', 'mine'),
      { metadata: { annotations: { 'cdi.kubevirt.io/allowClaimAdoption': 'true' } } },
      'merge',
    );
    await world.phase('mine', 'Succeeded');
    const claim = await world.claim('mine');
    assert.deepEqual([claim.metadata?.ownerReferences, claim.metadata?.annotations], [undefined, undefined]);
  });

  it('write nothing while nothing changes', async () => {
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    world.cluster.writes = [];
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    assert.deepEqual(world.cluster.writesTo('datavolumes'), []);
    assert.deepEqual(world.cluster.writesTo('persistentvolumeclaims'), []);
  });

  it('are left to CDI from the moment that it takes over', async () => {
    const { client } = world;
    const { metadata } = definition();
    await client.patch(crdPath(metadata?.name), { metadata: { labels: { 'cdi.kubevirt.io': '' } } }, 'merge');
    // The controller hears of it a moment later.
    let count = 0;
    await world.cluster.eventually('one is left to CDI', async () => {
      const name = `theirs-${(count += 1)}`;
      world.cluster.writes = [];
      await create(name, template(name).spec);
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      assert.equal((await world.dataVolume(name)).status, undefined);
      assert.deepEqual(world.cluster.writesTo('datavolumes'), []);
    });
  });
});
