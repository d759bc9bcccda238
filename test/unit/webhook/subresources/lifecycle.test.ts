import assert from 'node:assert/strict';
import type { VirtualMachine } from '../../../../src/api/schema/kinds.js';
import { ApiError } from '../../../../src/kube/client/api-error.js';
import { KubeStore } from '../../../../src/webhook/subresources/kube-store.js';
import { changeState } from '../../../../src/webhook/subresources/lifecycle.js';
import { StatusError } from '../../../../src/agent-api/status-error.js';

const target = {
  version: 'v1',
  namespace: 'default',
  resource: 'virtualmachines',
  name: 'web',
  subresource: 'start',
} as const;
const machine = (status?: VirtualMachine['status']): VirtualMachine => ({
  metadata: { name: 'web', namespace: 'default' },
  spec: { runStrategy: 'Manual', template: { spec: { domain: { devices: {} } } } },
  ...(status === undefined ? {} : { status }),
});
/** What every API server from 1.20 to 1.36 answers to a JSON patch whose test does not hold. */
const unapplied = new ApiError({
  code: 422,
  reason: 'Invalid',
  message: 'the server rejected our request due to an error in our request',
});

/** A cluster in which another one writes the VM between the webhook's read and its write, `races` times. */
const cluster = (races: number, refusal: Error = unapplied) => {
  const patches: unknown[] = [];
  let left = races;
  const client = {
    get: (path: string) =>
      path.includes('virtualmachineinstances')
        ? Promise.reject(new ApiError({ code: 404, reason: 'NotFound', message: path }))
        : Promise.resolve(machine(patches.length === 0 ? undefined : { printableStatus: 'Stopped' })),
    patch: (_path: string, operations: unknown) => {
      patches.push(operations);
      left -= 1;
      return left >= 0 ? Promise.reject(refusal) : Promise.resolve({});
    },
  };
  return { patches, store: new KubeStore(client as never, 'kubevirt') };
};

describe('a start, while the controller writes the VM', () => {
  it('is decided again on what is there then', async () => {
    const { patches, store } = cluster(1);
    await changeState(store, target, 'start', '');
    assert.deepEqual(patches, [
      [
        { op: 'test', path: '/status', value: null },
        { op: 'add', path: '/status', value: { stateChangeRequests: [{ action: 'Start' }] } },
      ],
      [
        { op: 'test', path: '/status/stateChangeRequests', value: null },
        { op: 'add', path: '/status/stateChangeRequests', value: [{ action: 'Start' }] },
      ],
    ]);
  });

  it('is a 409 that says so where the VM never stands still', async () => {
    const { patches, store } = cluster(Number.POSITIVE_INFINITY);
    await assert.rejects(changeState(store, target, 'start', ''), (error) => {
      assert.ok(error instanceof StatusError);
      assert.equal(error.code, 409);
      assert.match(error.message, /"web": it changed meanwhile; try again/);
      return true;
    });
    assert.equal(patches.length, 5);
  });

  it('is not tried again where a webhook refuses the VM', async () => {
    const refusal = new ApiError({ code: 422, reason: 'Invalid', message: 'spec.template: no memory' });
    const { patches, store } = cluster(1, refusal);
    await assert.rejects(changeState(store, target, 'start', ''), /no memory/);
    assert.equal(patches.length, 1);
  });
});

describe('a stop right after a start that nothing has come of', () => {
  it('stops the VMI that the controller has made meanwhile', async () => {
    const written: unknown[] = [];
    let vmis = 0;
    const client = {
      get: (path: string) => {
        if (!path.includes('virtualmachineinstances'))
          return Promise.resolve(machine({ stateChangeRequests: written.length === 0 ? [{ action: 'Start' }] : [] }));
        vmis += 1;
        return vmis === 1
          ? Promise.reject(new ApiError({ code: 404, reason: 'NotFound', message: path }))
          : Promise.resolve({ metadata: { name: 'web', uid: 'u1' }, spec: { domain: { devices: {} } } });
      },
      patch: (_path: string, operations: readonly { value?: unknown }[]) => {
        written.push(operations[1]?.value);
        return Promise.resolve({});
      },
    };
    await changeState(new KubeStore(client as never, 'kubevirt'), { ...target, subresource: 'stop' }, 'stop', '');
    assert.deepEqual(written, [[], [{ action: 'Stop', uid: 'u1' }]]);
  });
});
