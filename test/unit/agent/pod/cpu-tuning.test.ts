import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { containerLimit, type CpuCgroup } from '../../../../src/agent/pod/cpu-cgroup.js';
import { tuneCpu } from '../../../../src/agent/pod/cpu-tuning.js';
import { threadGroup } from '../../../../src/agent/pod/qemu-threads.js';
import { CPU_TUNING_DEFAULTS } from '../../../../src/api/vmi/cpu-spread.js';

const podUid = '6f1dbdcc-0be8-4f43-9f58-c2abbd5a0001';
const id = 'a'.repeat(64);
const identity = { podUid, name: 'compute', id };
const REQUEST = { vcpus: 1, ioThreads: 0, tuning: CPU_TUNING_DEFAULTS };
const nobody = () => Promise.reject(new Error('no command is run'));

/** Files of a container's cgroup and of /proc, as a kernel shows them; who writes sees the last of what was written. */
describe('spreading a CPU limit, in files', () => {
  let root: string;
  let directory: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'cpu-'));
    directory = join(root, `kubepods/pod${podUid}/${id}`);
    mkdirSync(directory, { recursive: true });
    thread(40, 40, 'qemu-system-x86');
    thread(40, 41, 'CPU 0/KVM');
    thread(50, 50, 'libvirtd');
    file('cgroup.procs', '40\n50\n');
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const thread = (pid: number, tid: number, name: string): void => {
    const task = join(root, 'proc', String(pid), 'task', String(tid));
    mkdirSync(task, { recursive: true });
    writeFileSync(join(task, 'comm'), `${name}\n`);
    if (pid === tid) writeFileSync(join(root, 'proc', String(pid), 'comm'), `${name}\n`);
  };
  const file = (path: string, text: string): void => writeFileSync(join(directory, path), text);
  const seen = (path: string): string => readFileSync(join(directory, path), 'utf8').trim();
  const tune = (version: 1 | 2, request = REQUEST) => {
    const cgroup: CpuCgroup = { version, directory, apart: false };
    return tuneCpu(cgroup, identity, request, nobody, join(root, 'proc'));
  };

  it('makes threaded cgroups in v2, gives them the CPU, and moves the threads', async () => {
    file('cpu.max', '50000 100000\n');
    file('cgroup.subtree_control', '\n');
    assert.deepEqual(await tune(2), { period: 100_000, total: 50_000, vcpu: 50_000, emulator: 40_000 });
    assert.equal(seen('vcpu0/cgroup.type'), 'threaded');
    assert.equal(seen('emulator/cgroup.type'), 'threaded');
    assert.equal(seen('cgroup.subtree_control'), '+cpu');
    assert.equal(seen('vcpu0/cpu.max'), '50000 100000');
    assert.equal(seen('emulator/cpu.max'), '40000 100000');
    assert.equal(seen('vcpu0/cgroup.threads'), '41');
    assert.equal(seen('emulator/cgroup.threads'), '40');
  });

  it('changes in v2 what has changed, and sets free what is not limited any more', async () => {
    file('cpu.max', '50000 100000\n');
    file('cgroup.subtree_control', 'cpu memory\n');
    await tune(2);
    assert.equal(seen('cgroup.subtree_control'), 'cpu memory', 'given already');
    await tune(2, { ...REQUEST, tuning: { ...CPU_TUNING_DEFAULTS, limitSpread: 'VCPUOnly' } });
    assert.equal(seen('emulator/cpu.max'), 'max 100000');
    file('cpu.max', 'max 100000\n');
    assert.equal(await tune(2), undefined);
    assert.equal(seen('vcpu0/cpu.max'), 'max 100000');
  });

  it('writes files of v1 in the order that the kernel takes them', async () => {
    file('cpu.cfs_quota_us', '1000\n');
    file('cpu.cfs_period_us', '100000\n');
    assert.deepEqual(await tune(1, { ...REQUEST, vcpus: 4 }), {
      period: 400_000,
      total: 4_000,
      vcpu: 1_000,
      emulator: 3_200,
    });
    assert.equal(seen('vcpu3/cpu.cfs_quota_us'), '1000');
    assert.equal(seen('vcpu3/cpu.cfs_period_us'), '400000');
    assert.equal(seen('vcpu0/tasks'), '41');
    assert.ok(!existsSync(join(directory, 'vcpu0/cgroup.type')));
  });

  it('makes nothing for a container without a limit', async () => {
    file('cpu.max', 'max 100000\n');
    assert.equal(await tune(2), undefined);
    assert.ok(!existsSync(join(directory, 'emulator')));
  });

  it('reads the limit where the runtime put it: above a cgroup of its own making', () => {
    const inner = join(directory, 'container');
    mkdirSync(inner);
    writeFileSync(join(inner, 'cpu.max'), 'max 100000\n');
    file('cpu.max', '25000 100000\n');
    assert.equal(containerLimit({ version: 2, directory: inner, apart: false }, identity), 250);
  });

  it('fails where there is no QEMU', async () => {
    file('cpu.max', '50000 100000\n');
    file('cgroup.subtree_control', '\n');
    file('cgroup.procs', '50\n');
    await assert.rejects(tune(2), /no thread of QEMU was found/);
  });

  it('knows threads by the names that QEMU gives them', () => {
    assert.equal(threadGroup('CPU 12/KVM'), 'vcpu12');
    assert.equal(threadGroup('CPU 0/TCG'), 'vcpu0');
    assert.equal(threadGroup('IO iothread3'), 'iothread3');
    assert.equal(threadGroup('vnc_worker'), 'emulator');
    assert.equal(threadGroup('ALL CPUs/TCG'), undefined, 'it is all of the vCPUs');
  });
});
