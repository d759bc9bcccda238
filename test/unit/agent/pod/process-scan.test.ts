import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { firstProcess } from '../../../../src/agent/pod/pod-process.js';
import { ProcessScan } from '../../../../src/agent/pod/process-scan.js';
import { procText } from '../../../../src/agent/pod/proc-text.js';

const POD = 'aaaa-bbbb';
const ID = 'c0ffee';
const cgroup = (id: string): string => `0::/kubepods/pod${POD}/${id}\n`;

describe('a look for the processes of containers', () => {
  let proc: string;
  const put = (pid: number, id: string): void => {
    mkdirSync(join(proc, String(pid)), { recursive: true });
    writeFileSync(join(proc, String(pid), 'cgroup'), cgroup(id));
  };
  beforeEach(() => {
    proc = mkdtempSync(join(tmpdir(), 'proc-'));
    for (let pid = 1; pid <= 50; pid += 1) put(pid, `other${pid}`);
  });
  afterEach(() => rmSync(proc, { recursive: true }));

  it('sees what is there when it is asked, also while an earlier look is under way', async () => {
    const scan = new ProcessScan(proc);
    put(100, ID);
    const first = scan.pidsOf(POD, ID);
    put(101, 'beef');
    const [second, third] = [scan.pidsOf(POD, 'beef'), scan.pidsOf(POD, 'none')];
    assert.deepEqual([await first, await second, await third], [[100], [101], []]);
    assert.deepEqual(await scan.pidsOf('another-pod', ID), []);
  });

  it('fails for all who wait where /proc cannot be read, and not for those who come later', async () => {
    const scan = new ProcessScan(join(proc, 'later'));
    await assert.rejects(scan.pidsOf(POD, ID), /ENOENT/);
    mkdirSync(join(proc, 'later', '7'), { recursive: true });
    writeFileSync(join(proc, 'later', '7', 'cgroup'), cgroup(ID));
    assert.deepEqual(await scan.pidsOf(POD, ID), [7]);
  });

  it('reads a file whole, up to 64 KiB, and nothing of one that is gone', async () => {
    const file = join(proc, 'long');
    writeFileSync(file, 'x'.repeat(100_000));
    assert.equal((await procText(file)).length, 65_536);
    assert.equal(await procText(join(proc, 'gone')), '');
  });

  it('takes no memory for each file: of 10,000 reads less than one round of fresh buffers would', async () => {
    const look = () =>
      Promise.all(Array.from({ length: 8 }, () => firstProcess({ podUid: POD, name: 'c', id: ID }, proc)));
    await look();
    // What other tests of this process have left can only become less.
    const before = process.memoryUsage().arrayBuffers;
    let most = before;
    for (let round = 0; round < 15; round += 1) {
      const running = Promise.all([look(), ...Array.from({ length: 350 }, () => procText(join(proc, '1', 'cgroup')))]);
      most = Math.max(most, process.memoryUsage().arrayBuffers);
      await running;
      most = Math.max(most, process.memoryUsage().arrayBuffers);
    }
    const added = (most - before) / 2 ** 20;
    assert.ok(added < 8, `${added.toFixed(1)} MiB of buffers`);
  });
});
