import assert from 'node:assert/strict';
import { NodeReporter, type NodeFacts } from '../../../../src/agent/node/node-reporter.js';
import { ApiError } from '../../../../src/kube/client/api-error.js';
import { silentLog } from '../../../../src/kube/program/log.js';
import { FakeClock } from '../../kube/fake-clock.js';

describe('what an agent reports of its node', () => {
  const clock = () => new FakeClock();
  const facts: NodeFacts = {
    kvmUsable: true,
    nestedVirtualization: false,
    cpuManager: true,
    cpuVendor: undefined,
    seccompProfile: undefined,
    cpuModels: ['EPYC'],
    cpuFeatures: [],
    hostModel: undefined,
    ksm: undefined,
    density: undefined,
  };
  const NODE_UID = 'node-uid';

  it('is a patch of its own object every 30 s; the object is made, owned by the node, where there is none', async () => {
    const time = clock();
    const calls: [string, string, object | undefined][] = [];
    let exists = false;
    const reporter = new NodeReporter({
      client: {
        get: <T>(path: string) => {
          calls.push(['get', path, undefined]);
          return Promise.resolve({ metadata: { uid: NODE_UID } } as T);
        },
        create: <T>(path: string, body: object) => {
          calls.push(['create', path, body]);
          exists = true;
          return Promise.resolve({} as T);
        },
        patch: <T>(path: string, body: object) => {
          calls.push(['patch', path, body]);
          return exists ? Promise.resolve({} as T) : Promise.reject(new ApiError({ code: 404, reason: 'NotFound' }));
        },
      },
      node: 'node-1',
      facts: () => facts,
      clock: time,
      log: silentLog,
    });
    reporter.start();
    await time.advance(0);
    assert.deepEqual(
      calls.map(([verb, path]) => `${verb} ${path}`),
      [
        'patch /apis/kubevirt.io/v1/virtnodes/node-1',
        'get /api/v1/nodes/node-1',
        'create /apis/kubevirt.io/v1/virtnodes',
      ],
    );
    assert.deepEqual(JSON.parse(JSON.stringify(calls[2]?.[2])), {
      apiVersion: 'kubevirt.io/v1',
      kind: 'VirtNode',
      metadata: {
        name: 'node-1',
        ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: 'node-1', uid: NODE_UID }],
      },
      spec: {
        heartbeat: '2026-01-01T00:00:00.000Z',
        kvmUsable: true,
        nestedVirtualization: false,
        cpuManager: true,
        cpuModels: ['EPYC'],
        cpuFeatures: [],
      },
    });
    await time.advance(30_000);
    const { cpuVendor, seccompProfile, hostModel, ksm, density, ...rest } = facts;
    assert.deepEqual(
      [cpuVendor, seccompProfile, hostModel, ksm, density],
      [undefined, undefined, undefined, undefined, undefined],
    );
    assert.deepEqual(calls.slice(3), [
      [
        'patch',
        '/apis/kubevirt.io/v1/virtnodes/node-1',
        {
          spec: {
            heartbeat: '2026-01-01T00:00:30.000Z',
            ...rest,
            ksm,
            cpuVendor: null,
            seccompProfile: null,
            hostModel: null,
          },
        },
      ],
    ]);
    await reporter.stop();
  });

  it('takes away what is no longer so of the density, and leaves what was not looked at yet', async () => {
    const bodies: { spec: Record<string, unknown> }[] = [];
    let now: NodeFacts = facts;
    const reporter = new NodeReporter({
      client: {
        get: () => Promise.reject(new Error('not asked')),
        create: () => Promise.reject(new Error('not asked')),
        patch: <T>(_path: string, body: object) => {
          bodies.push(JSON.parse(JSON.stringify(body)) as never);
          return Promise.resolve({ spec: { ksm: { enabled: true, managed: true } } } as T);
        },
      },
      node: 'node-1',
      facts: () => now,
      clock: clock(),
      log: silentLog,
    });
    assert.equal((await reporter.report()).spec.ksm?.managed, true, 'what the agent before us wrote');
    assert.ok(!('ksm' in (bodies[0]?.spec ?? {})) && !('density' in (bodies[0]?.spec ?? {})));
    const density = {
      memoryBytes: 1,
      swapBytes: 0,
      vms: 0,
      guestMemoryBytes: 0,
      requestedMemoryBytes: 0,
      memoryOvercommitPercent: 0,
      warnings: [],
    };
    now = { ...facts, density };
    await reporter.report();
    assert.deepEqual(bodies[1]?.spec['density'], { ...density, kubelet: null, allocatableBytes: null });
    const kubelet = {
      evictionHardBytes: 1,
      evictionMaxPodGraceSeconds: 0,
      systemReservedBytes: 0,
      kubeReservedBytes: 0,
      failSwapOn: true,
      swapBehavior: 'NoSwap',
    } as const;
    now = { ...facts, density: { ...density, kubelet } };
    await reporter.report();
    assert.deepEqual((bodies[2]?.spec['density'] as { kubelet: object }).kubelet, {
      ...kubelet,
      evictionSoftBytes: null,
      evictionSoftGraceSeconds: null,
    });
  });

  it('is tried again when it cannot be written, at most a heartbeat later', async () => {
    const time = clock();
    let attempts = 0;
    const reporter = new NodeReporter({
      client: {
        get: () => Promise.reject(new Error('not asked')),
        create: () => Promise.reject(new Error('not asked')),
        patch: () => {
          attempts += 1;
          return Promise.reject(new ApiError({ code: 500, message: 'no webhook answers' }));
        },
      },
      node: 'node-1',
      facts: () => facts,
      clock: time,
      log: silentLog,
    });
    reporter.start();
    await time.advance(600_000);
    assert.ok(attempts >= 600 / 30 && attempts < 40, `${attempts}`);
    assert.ok((time.waiting[0] ?? 0) <= 30_000);
    await reporter.stop();
  });
});
