import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { mayRaisePriority } from '../../cluster/node.js';
import { withLock } from '../../cluster/lock.js';
import { endProcesses, startTime } from '../../cluster/processes.js';

describe('the test bed', () => {
  it('tells a process from another that got its pid later', async () => {
    assert.notEqual(startTime(process.pid), undefined);
    const child = spawn('sleep', ['60']);
    const { pid = 0 } = child;
    assert.notEqual(startTime(pid), undefined);
    const closed = once(child, 'close');
    await endProcesses([pid], 1000);
    await closed;
    assert.equal(startTime(pid), undefined);
  });

  it('sees whether it may lower OOM scores', () => {
    assert.equal(mayRaisePriority('Name:\tnode\nCapEff:\t000001ffffffffff\n'), true);
    assert.equal(mayRaisePriority('Name:\tnode\nCapEff:\t000001fffeffffff\n'), false);
  });

  describe('locks', () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'lock-'));
    const file = path.join(directory, 'lock');
    after(() => rmSync(directory, { recursive: true }));

    it('are taken over from a holder that is dead', async () => {
      // No process has this start time.
      writeFileSync(file, `${process.pid} 1`);
      assert.equal(
        await withLock(
          file,
          () => undefined,
          () => Promise.resolve('done'),
        ),
        'done',
      );
    });

    it('are released when the work fails', async () => {
      await assert.rejects(
        withLock(
          file,
          () => undefined,
          () => Promise.reject(new Error('no')),
        ),
        /no/,
      );
      assert.equal(
        await withLock(
          file,
          () => undefined,
          () => Promise.resolve(1),
        ),
        1,
      );
    });
  });
});
