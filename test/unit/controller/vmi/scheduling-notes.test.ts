import assert from 'node:assert/strict';
import { resolveClusterConfig } from '../../../../src/api/settings/cluster-config.js';
import { schedulingNotes } from '../../../../src/controller/vmi/scheduling-notes.js';
import { instance } from '../objects.js';

const noteOn = async (message: string, spec: object): Promise<string | undefined> => {
  const vmi = instance({ phase: 'Scheduling' });
  const conditions = [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }];
  const context = {
    client: { get: () => Promise.reject(new Error('nothing is asked for')) },
    config: () => resolveClusterConfig(),
    caches: { claims: { get: () => undefined }, nodes: { list: () => [] } },
    nodeRoom: { describe: () => Promise.resolve('the most that one node has free is 3Gi') },
  } as unknown as Parameters<typeof schedulingNotes>[0];
  const { room } = await schedulingNotes(context, { ...vmi, spec: { ...vmi.spec, ...spec } }, [
    { spec: { containers: [] }, status: { conditions } },
  ]);
  return room;
};

describe('a pod that no node takes', () => {
  const selector = { nodeSelector: { disk: 'gold', zone: 'a', row: '7', rack: '9' } };

  for (const words of [
    '0/1 nodes are available: 1 node(s) didn’t match node selector.',
    '0/1 nodes are available: 1 node(s) didn’t match Pod’s node affinity.',
    '0/1 nodes are available: 1 node(s) didn’t match Pod’s node affinity/selector.',
  ])
    it(`has its selector named, at ${words.slice(27)}`, async () => {
      assert.equal(
        await noteOn(words, selector),
        'the VM runs only on nodes that fit its nodeSelector (disk=gold, zone=a, row=7 and 1 more): label a node so, or change the VM',
      );
      assert.match((await noteOn(words, { affinity: { nodeAffinity: {} } })) ?? '', /fit its affinity\.nodeAffinity:/);
      assert.equal(await noteOn(words, {}), undefined);
    });

  it('has the huge pages named that no node has, and the remedy', async () => {
    const spec = { domain: { devices: {}, memory: { guest: '1Gi', hugepages: { pageSize: '2Mi' } } } };
    const note = await noteOn('0/1 nodes are available: 1 Insufficient hugepages-2Mi.', spec);
    assert.match(
      note ?? '',
      /^no node has that many huge pages free \(memory\.hugepages\.pageSize 2Mi\): reserve them/,
    );
    assert.match(note ?? '', /of hugepages-2Mi and/);
    assert.doesNotMatch((await noteOn('0/1 nodes are available: 1 Insufficient memory.', spec)) ?? '', /reserve them/);
  });

  it('has both told where other nodes are full', async () => {
    const words = '0/2 nodes are available: 1 Insufficient memory, 1 node(s) didn’t match Pod’s node affinity.';
    assert.match((await noteOn(words, selector)) ?? '', /nodeSelector .*; the VM asks for .*; the most that one node/);
    assert.match((await noteOn('0/1 nodes are available: 1 Insufficient cpu.', selector)) ?? '', /^the VM asks for /);
  });
});
