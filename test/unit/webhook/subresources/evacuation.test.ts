import assert from 'node:assert/strict';
import { StatusError } from '../../../../src/agent-api/status-error.js';
import { cancelEvacuation } from '../../../../src/webhook/subresources/evacuation.js';
import type { ClusterStore } from '../../../../src/webhook/subresources/store.js';

const target = {
  version: 'v1',
  namespace: 'default',
  resource: 'virtualmachineinstances',
  name: 'web',
  subresource: 'evacuate/cancel',
} as const;

/** What was sent, or the code of the refusal. */
const cancel = async (marked: string | undefined, body = '', { vm = true, vmi = true, of = 'vmi' } = {}) => {
  const sent: unknown[] = [];
  const store = {
    virtualMachine: () => Promise.resolve(vm ? {} : undefined),
    virtualMachineInstance: () => Promise.resolve(vmi ? { status: { evacuationNodeName: marked } } : undefined),
    patch: (...args: unknown[]) => Promise.resolve(void sent.push(args)),
  } as unknown as ClusterStore;
  try {
    await cancelEvacuation(store, of === 'vm' ? { ...target, resource: 'virtualmachines' } : target, body);
  } catch (error) {
    assert.ok(error instanceof StatusError, String(error));
    return `${error.code} ${error.message}`;
  }
  return sent;
};
const MARK = '/status/evacuationNodeName';
const patch = (dryRun: boolean) => [
  [
    'vmi',
    'default',
    'web',
    [
      { op: 'test', path: MARK, value: 'a' },
      { op: 'remove', path: MARK },
    ],
    dryRun,
  ],
];

describe('evacuate/cancel', () => {
  it('takes the mark of an eviction back, of a VM and of its instance', async () => {
    assert.deepEqual(await cancel('a'), patch(false));
    assert.deepEqual(await cancel('a', '{"evacuationNodeName":"a"}', { of: 'vm' }), patch(false));
    assert.deepEqual(await cancel('a', '{"dryRun":["All"]}'), patch(true));
  });
  it('has nothing to do where there is none', async () => {
    assert.deepEqual(await cancel(undefined), []);
    assert.deepEqual(await cancel('', '{"evacuationNodeName":"b"}'), []);
  });
  it('is refused for another node, for what is not there, and for a body of something else', async () => {
    assert.match(String(await cancel('a', '{"evacuationNodeName":"b"}')), /^409 .*leave node a, not b$/);
    assert.match(String(await cancel('a', '', { vmi: false })), /^404 virtualmachineinstance/);
    assert.match(String(await cancel('a', '', { vm: false, of: 'vm' })), /^404 virtualmachine\./);
    assert.match(String(await cancel('a', '{"node":"a"}')), /^400 .*"node" is not known here/);
    assert.match(String(await cancel('a', '{"evacuationNodeName":7}')), /^400 /);
  });
});
