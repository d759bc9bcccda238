import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readMeminfo } from '../../../../src/agent/node/meminfo.js';
import { systemMemory } from '../../../../src/agent/node/system-memory.js';

describe('what runs beside pods', () => {
  let root: string;
  beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'cgroups-'))));
  afterEach(() => rmSync(root, { recursive: true }));
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const v2 = (group: string, current: number, inactive: number): void => {
    put(`${group}/memory.current`, `${current}\n`);
    put(`${group}/memory.stat`, `anon 1\ninactive_file ${inactive}\n`);
  };
  const v1 = (group: string, usage: number, inactive: number): void => {
    put(`memory/${group}/memory.usage_in_bytes`, `${usage}\n`);
    put(`memory/${group}/memory.stat`, `inactive_file 1\ntotal_inactive_file ${inactive}\n`);
  };

  it('is what the groups without pods use, but for cache: v2', () => {
    v2('system.slice', 1000, 300);
    v2('user.slice', 50, 0);
    v2('kubepods.slice', 9000, 0);
    put('memory.stat', 'anon 99999\n');
    assert.equal(systemMemory(root), 750);
  });

  it('is that and what is in no group: v1', () => {
    put('memory/memory.stat', 'cache 5\nrss 100\ntotal_rss 999999\n');
    v1('system.slice', 1000, 300);
    v1('kubepods', 9000, 0);
    put('unified/x/memory.current', '5\n');
    assert.equal(systemMemory(root), 800);
  });

  it('leaves pods out wherever kubelet was told to keep them', () => {
    v2('kubelet.slice', 9000, 0);
    v2('kubelet.slice/kubelet-kubepods.slice', 8000, 0);
    v2('kubelet.slice/kubelet.service', 20, 0);
    v2('system.slice', 10, 0);
    assert.equal(systemMemory(root), 30);
  });

  it('is not known where there is nothing to read', () => {
    assert.equal(systemMemory(join(root, 'none')), undefined);
    mkdirSync(join(root, 'system.slice'));
    assert.equal(systemMemory(root), undefined);
    put('system.slice/memory.current', 'max\n');
    assert.equal(systemMemory(root), undefined);
  });
});

describe('the node’s memory', () => {
  it('is the kernel’s word', () => {
    const memory = readMeminfo();
    assert.ok(memory !== undefined && memory.totalKiB > 0 && memory.availableKiB <= memory.totalKiB);
    assert.equal(readMeminfo('/proc/none'), undefined);
    assert.equal(readMeminfo('/proc/self/comm'), undefined);
  });
});
