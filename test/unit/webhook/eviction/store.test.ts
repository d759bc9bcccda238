import assert from 'node:assert/strict';
import { ApiError } from '../../../../src/kube/client/api-error.js';
import type { KubeClient, RequestOptions } from '../../../../src/kube/client/client.js';
import type { KubernetesObject } from '../../../../src/kube/types.js';
import { silentLog } from '../../../../src/kube/program/log.js';
import { KubeEvictionStore, MARK_TIMEOUT_MS } from '../../../../src/webhook/eviction/store.js';
import { settle } from '../../kube/fake-clock.js';
import { FakeWatchClient } from '../../kube/fake-watch.js';

const metrics = {
  event: () => undefined,
  interrupted: () => undefined,
  relisted: () => undefined,
  handlerFailed: () => undefined,
};
const list = (...items: object[]) => ({ metadata: { resourceVersion: '1' }, items: items as KubernetesObject[] });

const pod = {
  metadata: {
    name: 'virt-launcher-web-x',
    namespace: 'ns',
    uid: 'pod-uid',
    resourceVersion: '2',
    labels: { app: 'web', 'kubevirt.io': 'virt-launcher', 'kubevirt.io/created-by': 'vmi-uid' },
    annotations: { 'kubevirt.io/domain': 'web', note: 'long' },
  },
  spec: { nodeName: 'node-a', containers: [{ name: 'compute' }], volumes: [] },
  status: { phase: 'Running', podIP: '10.0.0.1' },
};
const hotplug = {
  metadata: {
    name: 'hp-volume-x',
    namespace: 'ns',
    labels: { 'kubevirt.io': 'hotplug-disk' },
    ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'virt-launcher-web-x', uid: 'pod-uid' }],
  },
};
const vmi = {
  metadata: { name: 'web', namespace: 'ns', uid: 'vmi-uid', resourceVersion: '3', annotations: { a: 'b' } },
  spec: { evictionStrategy: 'External', domain: { devices: {} } },
  status: {
    phase: 'Running',
    nodeName: 'node-a',
    evacuationNodeName: 'node-a',
    conditions: [
      { type: 'Ready', status: 'True' },
      { type: 'LiveMigratable', status: 'False' },
    ],
  },
};

describe('what evictions look things up in', () => {
  let pods: FakeWatchClient;
  let vmis: FakeWatchClient;
  let patches: { path: string; body: unknown; type: string; options: RequestOptions | undefined }[];
  let failure: Error | undefined;
  let store: KubeEvictionStore;

  beforeEach(async () => {
    [pods, vmis, patches, failure] = [new FakeWatchClient(), new FakeWatchClient(), [], undefined];
    pods.answers = [list(pod, hotplug)];
    vmis.answers = [list(vmi)];
    const of = (path: string) => (path === '/api/v1/pods' ? pods : vmis).client;
    const client = {
      list: (path: string, options: RequestOptions) => of(path).list(path, options),
      watch: (path: string, options: never) => of(path).watch(path, options),
      patch: (path: string, body: unknown, type: string, options?: RequestOptions) => {
        patches.push({ path, body, type, options });
        return failure ? Promise.reject(failure) : Promise.resolve({});
      },
    } as unknown as KubeClient;
    store = new KubeEvictionStore(client, { log: silentLog, metrics });
    assert.equal(store.filled, false);
    store.start();
    await settle();
  });
  afterEach(() => store.stop());

  it('asks for the pods of VMs only, and keeps of them and of VMIs what decisions read', () => {
    assert.equal(store.filled, true);
    assert.equal(pods.lists[0]?.query?.labelSelector, 'kubevirt.io in (virt-launcher,hotplug-disk)');
    const subject = store.subject('ns', 'virt-launcher-web-x');
    assert.deepEqual(JSON.parse(JSON.stringify(subject)), {
      pod: {
        metadata: {
          name: 'virt-launcher-web-x',
          namespace: 'ns',
          uid: 'pod-uid',
          resourceVersion: '2',
          labels: { 'kubevirt.io': 'virt-launcher', 'kubevirt.io/created-by': 'vmi-uid' },
          annotations: { 'kubevirt.io/domain': 'web' },
        },
        spec: { nodeName: 'node-a' },
        status: { phase: 'Running' },
      },
      vmi: {
        metadata: { name: 'web', namespace: 'ns', uid: 'vmi-uid', resourceVersion: '3' },
        spec: { evictionStrategy: 'External' },
        status: {
          nodeName: 'node-a',
          evacuationNodeName: 'node-a',
          conditions: [{ type: 'LiveMigratable', status: 'False' }],
        },
      },
    });
  });

  it('finds the launcher and the VMI of a hotplug pod, and nothing of pods that are not there', () => {
    const { owner, vmi: found } = store.subject('ns', 'hp-volume-x');
    assert.equal(owner?.metadata?.uid, 'pod-uid');
    assert.equal(found?.metadata?.uid, 'vmi-uid');
    assert.deepEqual(store.subject('other', 'virt-launcher-web-x'), {});
    assert.deepEqual(store.subject('ns', 'nginx'), {});
  });

  const decision = {
    do: 'mark',
    namespace: 'ns',
    name: 'web',
    mark: { metadata: { uid: 'vmi-uid' }, status: { evacuationNodeName: 'node-a' } },
    dryRun: false,
    message: '',
  } as const;

  it('marks by one merge patch that the API server waits for', async () => {
    assert.equal(await store.mark(decision), undefined);
    const [patch] = patches;
    assert.equal(patch?.path, '/apis/kubevirt.io/v1/namespaces/ns/virtualmachineinstances/web');
    assert.deepEqual(patch.body, decision.mark);
    assert.equal(patch.type, 'merge');
    assert.deepEqual(patch.options?.query, {});
    assert.equal(patch.options.timeoutMs, MARK_TIMEOUT_MS);
    assert.ok(patch.options.signal);
    await store.mark({ ...decision, dryRun: true });
    assert.deepEqual(patches[1]?.options?.query, { dryRun: 'All' });
  });

  it('tells why it could not', async () => {
    failure = new ApiError({ code: 409, reason: 'Conflict', message: 'the UID in the precondition is another' });
    assert.match((await store.mark(decision)) ?? '', /UID in the precondition/);
  });
});
