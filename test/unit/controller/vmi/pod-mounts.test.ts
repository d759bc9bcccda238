import assert from 'node:assert/strict';
import { mountProblem, mountQuestionIn } from '../../../../src/controller/vmi/pod-mounts.js';
import { NOW, pod } from '../objects.js';

const scheduled = { type: 'PodScheduled', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' };
const waiting = (reason: string) => [{ name: 'compute', state: { waiting: { reason } } }];

describe('volumes of a pod that cannot be mounted', () => {
  it('are asked after only where a scheduled pod waits for nothing else', () => {
    const status = { phase: 'Pending', conditions: [scheduled], containerStatuses: waiting('ContainerCreating') };
    assert.equal(mountQuestionIn(pod(status), NOW + 1000), 3000);
    assert.equal(mountQuestionIn(pod(status), NOW + 60_000), 0);
    assert.equal(mountQuestionIn(pod({ ...status, conditions: [] }), NOW), undefined);
    assert.equal(mountQuestionIn(pod({ ...status, containerStatuses: waiting('ErrImagePull') }), NOW), undefined);
    assert.equal(mountQuestionIn(pod({ ...status, phase: 'Running' }), NOW), undefined);
  });

  it("are explained by kubelet's newest event that names a cause", async () => {
    const event = (message: string, second: string) => ({ message, lastTimestamp: `2026-01-01T00:00:${second}Z` });
    const ask = (items: object[]) => {
      const list = (path: string, { query }: { query: { fieldSelector: string } }) => {
        assert.equal(path, '/api/v1/namespaces/ns/events');
        assert.equal(query.fieldSelector, 'involvedObject.uid=pod-uid,reason=FailedMount');
        return Promise.resolve({ items });
      };
      return mountProblem({ list } as never, pod());
    };
    const old = event('secret "old" not found', '01');
    const cause = event('secret "init" not found', '02');
    const summary = event('Unable to attach or mount volumes: timed out', '03');
    assert.equal(await ask([old, summary, cause]), cause.message);
    assert.equal(await ask([summary]), summary.message);
    assert.equal(await ask([]), undefined);
  });
});
