import assert from 'node:assert/strict';
import { firstProcess, isStillThere } from '../../../src/agent/pod/pod-process.js';
import { FakePod } from '../support/fake-pod.js';

describe('attack: a process that passes for the compute container', function () {
  this.timeout(300_000);
  let pod: FakePod;
  beforeEach(async function () {
    if (process.getuid?.() !== 0) this.skip();
    pod = new FakePod();
    await pod.start();
  });
  afterEach(() => pod.stop());

  it('20 execs with VIRT_CONTAINER=compute change nothing, and none of them comes after the first one', async () => {
    const first = (await firstProcess(pod.compute))!;
    for (let n = 0; n < 20; n += 1) await pod.exec(first.pid, { VIRT_CONTAINER: 'compute' });
    assert.ok(pod.members().length > 20);
    for (let n = 0; n < 10; n += 1) assert.deepEqual(await firstProcess(pod.compute), first);
    // It ends, they stay: an agent that knew it takes nobody else.
    process.kill(first.pid, 'SIGKILL');
    while (await isStillThere(pod.compute, first)) await new Promise((resolve) => setTimeout(resolve, 10));
  });

  it('a process in a PID namespace made within the pod is none', async () => {
    const first = (await firstProcess(pod.compute))!;
    await pod.exec(first.pid, {}, ['unshare', '--user', '--pid', '--fork', 'sleep', '1000']);
    assert.deepEqual(await firstProcess(pod.compute), first);
  });

  it('nobody is found by another container’s id, or by the name alone', async () => {
    assert.equal(await firstProcess({ ...pod.compute, id: 'b'.repeat(64) }), undefined);
    assert.equal(await firstProcess({ ...pod.compute, id: '' }), undefined);
    assert.equal(await firstProcess({ ...pod.compute, podUid: '' }), undefined);
  });
});
