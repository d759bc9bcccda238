import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cgroupUsage } from '../../../../src/agent/pod/cgroup-usage.js';
import { asNodeSees, directoriesOf, namespaceRoot } from '../../../../src/agent/pod/container-cgroups.js';

describe('what a container’s cgroups say', () => {
  let root = '';
  beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'virt-usage-'))));
  afterEach(() => rmSync(root, { recursive: true }));
  const write = (path: string, text: string): void => {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  };

  it('is read with cgroups v2, those of groups of threads too', () => {
    write('c/cpu.stat', 'usage_usec 5000000\nuser_usec 3000000\nsystem_usec 2000000\nthrottled_usec 1500000\n');
    write('c/vcpu0/cpu.stat', 'usage_usec 1\nthrottled_usec 250000\n');
    write('c/emulator/cpu.stat', 'throttled_usec 0\n');
    write('c/somebody-else/cpu.stat', 'throttled_usec 9\n');
    write('c/memory.stat', 'anon 4096\nfile 8192\nanon_thp 1\n');
    const at = join(root, 'c');
    assert.deepEqual(cgroupUsage({ version: 2, cpu: at, cpuacct: at, memory: at }), {
      cpuSeconds: 5,
      cpuUserSeconds: 3,
      cpuSystemSeconds: 2,
      throttled: [
        { scope: 'pod', seconds: 1.5 },
        { scope: 'emulator', seconds: 0 },
        { scope: 'vcpu0', seconds: 0.25 },
      ],
      anonymousBytes: 4096,
    });
  });

  it('is read with cgroups v1, which have a place for each', () => {
    write('cpu/cpu.stat', 'nr_periods 10\nnr_throttled 2\nthrottled_time 1500000000\n');
    write('cpuacct/cpuacct.usage', '5000000000\n');
    write('cpuacct/cpuacct.stat', 'user 300\nsystem 200\n');
    write('memory/memory.stat', 'cache 1\nrss 4096\ntotal_rss 12288\n');
    const usage = cgroupUsage({
      version: 1,
      ...{ cpu: join(root, 'cpu'), cpuacct: join(root, 'cpuacct'), memory: join(root, 'memory') },
    });
    assert.deepEqual(usage, {
      ...{ cpuSeconds: 5, cpuUserSeconds: 3, cpuSystemSeconds: 2 },
      throttled: [{ scope: 'pod', seconds: 1.5 }],
      anonymousBytes: 12288,
    });
  });

  it('is nothing where the container has ended', () => {
    const gone = join(root, 'gone');
    for (const version of [1, 2] as const)
      assert.deepEqual(
        Object.values(cgroupUsage({ version, cpu: gone, cpuacct: gone, memory: gone })).filter(
          (value) => value !== undefined && !(Array.isArray(value) && value.length === 0),
        ),
        [],
      );
  });
});

describe('the places of a container’s cgroups', () => {
  it('are found with cgroups v1, where one mount may hold several', () => {
    const mounts = [
      '30 20 0:1 / /host/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct',
      '31 20 0:2 / /host/cgroup/memory rw - cgroup cgroup rw,memory',
      '32 20 0:3 / /host/cgroup/unified rw - cgroup2 cgroup2 rw',
    ].join('\n');
    const target = '5:memory:/kubepods/pod1/a\n4:cpu,cpuacct:/kubepods/pod1/a\n1:name=systemd:/x\n0::/\n';
    assert.deepEqual(directoriesOf(target, mounts), {
      version: 1,
      cpu: '/host/cgroup/cpu,cpuacct/kubepods/pod1/a',
      cpuacct: '/host/cgroup/cpu,cpuacct/kubepods/pod1/a',
      memory: '/host/cgroup/memory/kubepods/pod1/a',
    });
  });

  it('are found with cgroups v2, from a namespace of the agent’s own', () => {
    const root = namespaceRoot('0::/\n', '0::/kubepods/podA/agent\n');
    assert.equal(root, '/kubepods/podA/agent');
    assert.equal(namespaceRoot('0::/below\n', '0::/kubepods/podA/agent/below\n'), root);
    assert.equal(asNodeSees(root, '/../../pod1/a'), '/kubepods/pod1/a');
    const mounts = `30 20 0:1 ${asNodeSees(root, '/../../..')} /host/cgroup rw - cgroup2 cgroup2 rw`;
    const at = '/host/cgroup/kubepods/pod1/a';
    assert.deepEqual(directoriesOf('0::/kubepods/pod1/a\n', mounts), { version: 2, cpu: at, cpuacct: at, memory: at });
  });
});
