import assert from 'node:assert/strict';
import { awaitedProcess, UNSEEN_MS } from '../../../../src/agent/pod/awaited-process.js';
import type { ContainerProcess } from '../../../../src/agent/pod/pod-process.js';
import { FakeClock } from '../../kube/fake-clock.js';

const PROCESS: ContainerProcess = { pid: 7, podPid: 2, startTime: 9n };

/** What comes of it, how often was looked, and after how long. */
const looked = async (seenAt: number, endedAt = Infinity) => {
  const clock = new FakeClock();
  const start = clock.now();
  let looks = 0;
  const outcome: { found?: ContainerProcess | undefined; after?: number } = {};
  void awaitedProcess(
    () => {
      looks += 1;
      return Promise.resolve(clock.now() - start >= seenAt ? PROCESS : undefined);
    },
    () => clock.now() - start >= endedAt,
    clock,
  ).then((found) => Object.assign(outcome, { found, after: clock.now() - start }));
  await clock.advance(2 * UNSEEN_MS);
  return { ...outcome, looks };
};

describe('the first process of a container that is said to run', () => {
  it('is found at once as a rule', async () => {
    assert.deepEqual(await looked(0), { found: PROCESS, after: 0, looks: 1 });
  });
  it('is waited for where a look misses it', async () => {
    const { found, after } = await looked(1_000);
    assert.deepEqual([found, after], [PROCESS, 1_000]);
  });
  it('is given up after a while, and at once where it was seen to end', async () => {
    assert.deepEqual([(await looked(Infinity)).found, (await looked(Infinity)).after], [undefined, UNSEEN_MS]);
    assert.deepEqual(await looked(Infinity, 0), { found: undefined, after: 0, looks: 1 });
  });
});
