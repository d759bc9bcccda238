import assert from 'node:assert/strict';
import type { VirtualMachine, VirtualMachineInstance } from '../../../../src/api/schema/kinds.js';
import { StatusError } from '../../../../src/agent-api/status-error.js';
import { actOnInstance, connectForward, connectStream } from '../../../../src/webhook/subresources/instance-actions.js';
import type { ClusterStore } from '../../../../src/webhook/subresources/store.js';

const target = {
  version: 'v1',
  namespace: 'default',
  resource: 'virtualmachineinstances',
  name: 'web',
  subresource: 'console',
} as const;
const credentials = { cert: '', key: '', ca: '' };
const instance = (phase: string, conditions: string[] = []): VirtualMachineInstance => ({
  metadata: { name: 'web' },
  spec: { domain: { devices: {} } },
  status: { phase, nodeName: 'node-a', conditions: conditions.map((type) => ({ type, status: 'True' })) },
});
const machine = (runStrategy: string, status?: VirtualMachine['status'], deleted = false): VirtualMachine => ({
  metadata: { name: 'web', ...(deleted ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}) },
  spec: { runStrategy, template: { spec: { domain: { devices: {} } } } },
  status,
});
/** No agent is ready. */
const store = (vm: VirtualMachine | undefined, vmi: VirtualMachineInstance | undefined) =>
  ({
    virtualMachine: () => Promise.resolve(vm),
    virtualMachineInstance: () => Promise.resolve(vmi),
    agentAddress: () => Promise.resolve(undefined),
  }) as unknown as ClusterStore;
const refusal = async (asked: Promise<unknown>): Promise<[code: number, cause: string | undefined]> => {
  try {
    await asked;
  } catch (error) {
    assert.ok(error instanceof StatusError, String(error));
    return [error.code, error.details?.causes?.[0]?.reason];
  }
  return [200, undefined];
};

describe('a console that cannot be opened', () => {
  const START = { stateChangeRequests: [{ action: 'Start' }] };
  const wait: [number, string] = [400, 'NotRunningYet'];
  const gone: [number, undefined] = [404, undefined];
  const ended: [number, string] = [409, 'HasEnded'];
  type Case = [string, VirtualMachine | undefined, string | undefined, [number, string | undefined]];
  const cases: Case[] = [
    ['no VM, no VMI', undefined, undefined, gone],
    ['just started', machine('Always'), undefined, wait],
    ['to run once', machine('Once'), undefined, wait],
    ['started by request', machine('Manual', START), undefined, wait],
    ['stopped', machine('Halted', { printableStatus: 'Stopped' }), undefined, gone],
    ['off by itself', machine('RerunOnFailure', { printableStatus: 'Stopped' }), undefined, gone],
    ['its starts fail', machine('Always', { startFailure: { consecutiveFailCount: 1 } }), undefined, gone],
    ['deleted', machine('Always', undefined, true), undefined, gone],
    ['scheduling', machine('Always'), 'Scheduling', wait],
    ['crashed, and started again', machine('RerunOnFailure'), 'Failed', wait],
    ['restarted', machine('Always'), 'Succeeded', wait],
    ['has run once', machine('Once'), 'Succeeded', ended],
    ['crashed without a VM', undefined, 'Failed', ended],
    ['its agent starts', machine('Always'), 'Running', [400, 'AgentNotReady']],
  ];
  for (const [name, vm, phase, expected] of cases) {
    it(`${name}: ${expected.join(' ')}`, async () => {
      const vmi = phase === undefined ? undefined : instance(phase);
      assert.deepEqual(await refusal(connectStream(store(vm, vmi), credentials, target, 'console', {})), expected);
    });
  }
});

describe('a command that cannot be carried out', () => {
  const act = (word: 'pause' | 'unpause', vmi: VirtualMachineInstance | undefined, body = '') =>
    refusal(actOnInstance({ ...store(machine('Always'), vmi) }, credentials, target, word, { body, user: 'jane' }));

  it('is not repeated by anybody, so it is no 400', async () => {
    assert.deepEqual(await act('pause', undefined), [404, undefined]);
    assert.deepEqual(await act('pause', instance('Scheduled')), [409, undefined]);
    assert.deepEqual(await act('pause', instance('Running')), [409, undefined]);
  });

  it('is judged by the status in a dry run alone', async () => {
    const ready = {
      ...store(undefined, instance('Running', ['Paused'])),
      agentAddress: () => Promise.resolve('10.0.0.1'),
    };
    const dry = (word: 'pause' | 'unpause') =>
      refusal(actOnInstance(ready, credentials, target, word, { body: '{"dryRun":["All"]}', user: 'jane' }));
    assert.deepEqual(
      [await dry('pause'), await dry('unpause')],
      [
        [409, undefined],
        [200, undefined],
      ],
    );
  });
});

describe('a port that cannot be reached', () => {
  const forward = (
    resource: 'virtualmachines' | 'virtualmachineinstances',
    vm: VirtualMachine | undefined,
    vmi: VirtualMachineInstance | undefined,
  ) =>
    refusal(
      connectForward(
        store(vm, vmi),
        credentials,
        { ...target, resource, subresource: 'portforward' },
        {
          port: { port: 22, protocol: 'tcp' },
          protocols: [],
        },
      ),
    );
  const connected = (phase: string, conditions: string[] = []): VirtualMachineInstance => ({
    ...instance(phase, conditions),
    spec: { domain: { devices: { interfaces: [{ name: 'default', masquerade: {} }] } } },
  });

  it('says so of the object that was named', async () => {
    assert.deepEqual(await forward('virtualmachines', undefined, undefined), [404, undefined]);
    assert.deepEqual(await forward('virtualmachines', machine('Halted'), undefined), [409, undefined]);
    assert.deepEqual(await forward('virtualmachineinstances', undefined, undefined), [404, undefined]);
    const created = machine('Always', { created: true });
    assert.deepEqual(await forward('virtualmachines', created, connected('Scheduling')), [400, 'NotRunningYet']);
    assert.deepEqual(await forward('virtualmachines', created, connected('Failed')), [409, 'HasEnded']);
    assert.deepEqual(await forward('virtualmachines', created, connected('Running', ['Paused'])), [409, undefined]);
    assert.deepEqual(await forward('virtualmachineinstances', undefined, instance('Running')), [400, undefined]);
    // All is well but the agent, of which there is none.
    assert.deepEqual(await forward('virtualmachines', created, connected('Running')), [409, undefined]);
  });
});
