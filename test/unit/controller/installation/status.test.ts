import assert from 'node:assert/strict';
import type { KubeVirt } from '../../../../src/api/schema/kinds.js';
import { writeInstallationStatus } from '../../../../src/controller/installation/keep-status.js';
import { installationStatus, isSettled, type Program } from '../../../../src/controller/installation/status.js';
import { ApiError } from '../../../../src/kube/client/api-error.js';
import { FakeClock } from '../../kube/fake-clock.js';

const deployment = (name: string, wanted: number, updated: number, ready: number): Program => ({
  name,
  kind: 'Deployment',
  workload: {
    metadata: { generation: 2 },
    spec: { replicas: wanted },
    status: { observedGeneration: 2, updatedReplicas: updated, readyReplicas: ready },
  },
});
const agents = (wanted: number, updated: number, ready: number): Program => ({
  name: 'virt-agent',
  kind: 'DaemonSet',
  workload: {
    metadata: { generation: 1 },
    status: {
      observedGeneration: 1,
      desiredNumberScheduled: wanted,
      updatedNumberScheduled: updated,
      numberReady: ready,
    },
  },
});
const READY = [deployment('virt-webhook', 2, 2, 2), deployment('virt-controller', 2, 2, 2), agents(3, 3, 3)];
const NOW = '2026-11-29T12:00:00Z';
const statusOf = (programs: readonly Program[], before = {}) =>
  installationStatus(before, programs, { version: 'v0.1.0', generation: 4, now: NOW });
const shown = (programs: readonly Program[]) => {
  const { phase, conditions = [] } = statusOf(programs);
  return [phase, ...conditions.map(({ type, status }) => `${type}=${status}`)];
};

describe('the status of an installation', () => {
  it('is Available and Deployed when each program is whole', () => {
    assert.deepEqual(shown(READY), ['Deployed', 'Available=True', 'Progressing=False', 'Degraded=False']);
    const status = statusOf(READY);
    assert.equal(status.observedKubeVirtVersion, 'v0.1.0');
    assert.equal(status.observedGeneration, 4);
    assert.ok(isSettled(status));
  });

  it('names what is missing', () => {
    const [webhook, controller] = READY as [Program, Program];
    const without = statusOf([webhook, controller, { name: 'virt-agent', kind: 'DaemonSet', workload: undefined }]);
    const available = without.conditions?.find(({ type }) => type === 'Available');
    assert.deepEqual(
      [available?.status, available?.reason, available?.message],
      ['False', 'ComponentsNotReady', 'DaemonSet virt-agent does not exist.'],
    );
    assert.equal(without.phase, 'Deploying');
    assert.equal(without.observedKubeVirtVersion, undefined);
  });

  it('is Available and Degraded while one agent of three is down, and Progressing while it is rolled out', () => {
    const [webhook, controller] = READY as [Program, Program];
    assert.deepEqual(shown([webhook, controller, agents(3, 3, 2)]), [
      'Deployed',
      'Available=True',
      'Progressing=False',
      'Degraded=True',
    ]);
    assert.deepEqual(shown([webhook, controller, agents(3, 1, 2)]), [
      'Deploying',
      'Available=True',
      'Progressing=True',
      'Degraded=False',
    ]);
  });

  it('is not Available in a cluster where the agents run nowhere', () => {
    const [webhook, controller] = READY as [Program, Program];
    assert.deepEqual(shown([webhook, controller, agents(0, 0, 0)])[1], 'Available=False');
  });

  it('keeps the times of what did not change, and what others wrote', () => {
    const before = statusOf(READY, { conditions: [{ type: 'Foreign', status: 'True' }], generations: [] });
    const later = installationStatus(before, READY, { version: 'v0.1.0', generation: 4, now: '2026-11-30T00:00:00Z' });
    assert.deepEqual(later, before);
    assert.deepEqual(before.generations, []);
    assert.ok(before.conditions?.some(({ type }) => type === 'Foreign'));
  });
});

describe('writing it', () => {
  const cluster = (objects: readonly KubeVirt[]) => {
    const patches: [string, unknown][] = [];
    const client = {
      list: () => Promise.resolve({ items: objects }),
      get: (path: string) => {
        const program = READY.find(({ name }) => path.endsWith(`/${name}`));
        if (program?.workload === undefined)
          return Promise.reject(new ApiError({ code: 404, reason: 'NotFound', message: path }));
        return Promise.resolve(program.workload);
      },
      patch: (path: string, body: unknown) => {
        patches.push([path, body]);
        return Promise.resolve({});
      },
    };
    const options = { client: client as never, namespace: 'kubevirt', version: 'v0.1.0', clock: new FakeClock() };
    const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
    return { patches, options: { ...options, log } };
  };
  const object = (status?: KubeVirt['status']): KubeVirt => ({
    metadata: { name: 'kubevirt', namespace: 'kubevirt', uid: 'u', resourceVersion: '7', generation: 4 },
    spec: {},
    ...(status === undefined ? {} : { status }),
  });

  it('is one patch of the status of the object that was read, and none where it is as it should be', async () => {
    const { patches, options } = cluster([object()]);
    assert.equal(await writeInstallationStatus(options), true);
    const [[path, body] = ['', {}]] = patches;
    assert.equal(path, '/apis/kubevirt.io/v1/namespaces/kubevirt/kubevirts/kubevirt/status');
    const { metadata, status } = body as { metadata: object; status: NonNullable<KubeVirt['status']> };
    assert.deepEqual(metadata, { uid: 'u', resourceVersion: '7' });
    const again = cluster([object(status)]);
    await writeInstallationStatus(again.options);
    assert.deepEqual(again.patches, []);
  });

  it('is nothing in a cluster without a KubeVirt object', async () => {
    const { patches, options } = cluster([]);
    assert.equal(await writeInstallationStatus(options), true);
    assert.deepEqual(patches, []);
  });
});
