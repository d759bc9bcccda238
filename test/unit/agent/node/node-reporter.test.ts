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
    assert.deepEqual(calls[2]?.[2], {
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
    const { cpuVendor, seccompProfile, hostModel, ...rest } = facts;
    assert.deepEqual([cpuVendor, seccompProfile, hostModel], [undefined, undefined, undefined]);
    assert.deepEqual(calls.slice(3), [
      [
        'patch',
        '/apis/kubevirt.io/v1/virtnodes/node-1',
        { spec: { heartbeat: '2026-01-01T00:00:30.000Z', ...rest, cpuVendor: null, seccompProfile: null, hostModel: null } },
      ],
    ]);
    await reporter.stop();
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
