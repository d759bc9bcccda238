import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { oomKills } from '../../../src/agent/pod/oom-kills.js';

/** A process that the kernel really kills, in a cgroup of the test's own. */
describe('the kernel’s count of kills', function () {
  this.timeout(60_000);
  const version = existsSync('/sys/fs/cgroup/memory') ? 1 : 2;
  const memory = join('/sys/fs/cgroup', version === 1 ? 'memory' : '', `kubectl-virt-oom-${process.pid}`);
  after(() => existsSync(memory) && rmdirSync(memory));

  it('rises by each process that wants more than its cgroup may have', function () {
    const count = () => oomKills({ version, memory, cpu: undefined, cpuacct: undefined });
    try {
      mkdirSync(memory);
      writeFileSync(join(memory, version === 1 ? 'memory.limit_in_bytes' : 'memory.max'), `${32 * 1024 * 1024}`);
    } catch {
      console.log('      (skipped: no memory cgroup can be made here)');
      this.skip();
    }
    assert.equal(count(), 0);
    const hungry = 'echo $$ >"$1/cgroup.procs"; exec tail /dev/zero';
    assert.equal(spawnSync('sh', ['-c', hungry, 'sh', memory], { stdio: 'ignore' }).signal, 'SIGKILL');
    assert.equal(count(), 1);
  });
});
