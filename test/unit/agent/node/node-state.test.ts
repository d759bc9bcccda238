import assert from 'node:assert/strict';
import { NodeState } from '../../../../src/agent/node/node-state.js';
import { silentLog } from '../../../../src/kube/program/log.js';
import type { Node } from '../../../../src/kube/types.js';
import { FakeClock, settle } from '../../kube/fake-clock.js';
import { FakeWatchClient } from '../../kube/fake-watch.js';

describe('this agent’s Node', () => {
  it('is watched alone, and who listens hears what an administrator says, not what we do', async () => {
    const fake = new FakeWatchClient();
    const node = (resourceVersion: string, labels: object, annotations: object, memory = '15Gi'): Node =>
      ({
        metadata: { name: 'n', uid: 'u', resourceVersion, labels, annotations },
        status: { allocatable: { memory } },
      }) as Node;
    fake.answers = [{ metadata: { resourceVersion: '1' }, items: [node('1', { zone: 'a' }, {})] }];
    const state = new NodeState({
      client: fake.client,
      name: 'n',
      ownLabels: () => ({ 'kubevirt.io/ksm-enabled': 'true' }),
      clock: new FakeClock(),
      log: silentLog,
    });
    let heard = 0;
    state.onChange(() => (heard += 1));
    await state.start();
    assert.equal(fake.lists[0]?.query?.['fieldSelector'], 'metadata.name=n');
    assert.deepEqual(state.nodeLabels, { zone: 'a', 'kubevirt.io/ksm-enabled': 'true' });
    assert.equal(state.allocatableMemory, '15Gi');
    fake.send(
      'MODIFIED',
      node('2', { zone: 'a', 'kubevirt.io/ksm-enabled': 'true' }, { 'kubevirt.io/node-density': '{}' }),
    );
    fake.send('MODIFIED', node('3', { zone: 'a' }, {}, '14Gi'));
    await settle();
    assert.deepEqual([heard, state.allocatableMemory], [0, '14Gi']);
    fake.send('MODIFIED', node('4', { zone: 'b' }, {}));
    await settle();
    assert.equal(heard, 1);
    fake.send('MODIFIED', node('5', { zone: 'b' }, { 'kubevirt.io/ksm-pages-max-override': '5' }));
    await settle();
    assert.deepEqual([heard, state.annotations], [2, { 'kubevirt.io/ksm-pages-max-override': '5' }]);
    await state.stop();
  });
});
