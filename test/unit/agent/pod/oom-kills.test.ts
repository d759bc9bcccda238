import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { oomKills } from '../../../../src/agent/pod/oom-kills.js';

describe('the kernel’s count of processes killed for want of memory', () => {
  let memory: string;
  beforeEach(() => (memory = mkdtempSync(join(tmpdir(), 'oom-'))));
  afterEach(() => rmSync(memory, { recursive: true }));
  const of = (version: 1 | 2) => oomKills({ version, memory, cpu: undefined, cpuacct: undefined });

  it('is in memory.events of cgroups v2', () => {
    writeFileSync(join(memory, 'memory.events'), 'low 0\nhigh 0\nmax 9\noom 4\noom_kill 3\noom_group_kill 7\n');
    assert.deepEqual([of(2), of(1)], [3, undefined]);
  });
  it('is in memory.oom_control of v1', () => {
    writeFileSync(join(memory, 'memory.oom_control'), 'oom_kill_disable 0\nunder_oom 1\noom_kill 2\n');
    assert.deepEqual([of(1), of(2)], [2, undefined]);
  });
  it('is not known of kernels before 4.13, nor of a container that has ended', () => {
    writeFileSync(join(memory, 'memory.oom_control'), 'oom_kill_disable 0\nunder_oom 1\n');
    assert.equal(of(1), undefined);
    assert.equal(oomKills({ version: 2, memory: '/none', cpu: undefined, cpuacct: undefined }), undefined);
    assert.equal(oomKills({ version: 2, memory: undefined, cpu: undefined, cpuacct: undefined }), undefined);
  });
});
