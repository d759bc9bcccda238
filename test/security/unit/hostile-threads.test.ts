import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tuneCpu } from '../../../src/agent/pod/cpu-tuning.js';
import { MAX_THREADS, qemuThreads } from '../../../src/agent/pod/qemu-threads.js';
import { CPU_TUNING_DEFAULTS } from '../../../src/api/vmi/cpu-spread.js';

const podUid = '6f1dbdcc-0be8-4f43-9f58-c2abbd5a0001';
const id = 'a'.repeat(64);
const inPod = `/kubepods/pod${podUid}/${id}`;
const identity = { podUid, name: 'compute', id };
const lines = (cpu: string, rest: string): string => `4:cpu,cpuacct:${cpu}\n3:memory:${rest}\n2:devices:${rest}\n`;
const nobody = () => Promise.reject(new Error('no command is run'));

describe('attack: a pod whose threads lie about what they are', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'threads-'));
    mkdirSync(join(root, 'cpu', inPod), { recursive: true });
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const thread = (pid: number, tid: number, name: string, cgroup = lines(inPod, inPod)): void => {
    const task = join(root, 'proc', String(pid), 'task', String(tid));
    mkdirSync(task, { recursive: true });
    writeFileSync(join(task, 'comm'), name);
    if (pid === tid) writeFileSync(join(root, 'proc', String(pid), 'comm'), name);
    mkdirSync(join(root, 'proc', String(tid)), { recursive: true });
    writeFileSync(join(root, 'proc', String(tid), 'cgroup'), cgroup);
  };
  const file = (path: string, text: string): void => writeFileSync(join(root, 'cpu', path), text);
  const tune = (vcpus: number) => {
    const request = { vcpus, ioThreads: 0, tuning: CPU_TUNING_DEFAULTS };
    const directory = join(root, 'cpu', inPod);
    return tuneCpu({ version: 1, directory, apart: false }, identity, request, nobody, join(root, 'proc'));
  };
  const limited = (): void => {
    file(`${inPod}/cpu.cfs_quota_us`, '50000\n');
    file(`${inPod}/cpu.cfs_period_us`, '100000\n');
    file(`${inPod}/cgroup.procs`, '40\n');
  };

  it('makes no more cgroups than the VM has vCPUs, whatever the threads are called', async () => {
    limited();
    thread(40, 40, 'qemu-system-x86');
    for (const [index, name] of ['CPU 9999/KVM', 'CPU ../KVM', 'IO iothread77', 'CPU 1/KVM\u001b[2J'].entries())
      thread(40, 60 + index, name);
    // The fake files hold the last number only, so not all are found where they were put.
    await tune(2).catch(() => undefined);
    const groups = readdirSync(join(root, 'cpu', inPod), { withFileTypes: true }).filter((entry) =>
      entry.isDirectory(),
    );
    assert.deepEqual(groups.map(({ name }) => name).sort(), ['emulator', 'vcpu0', 'vcpu1']);
  });

  it('takes a thread of somebody else back, whose number a thread of the pod had before', async () => {
    limited();
    const other = '/kubepods/podother/neighbour';
    mkdirSync(join(root, 'cpu', other), { recursive: true });
    thread(40, 40, 'qemu-system-x86');
    // Its number was the vCPU's when the threads were listed; now it is the neighbour's, moved in one hierarchy.
    thread(40, 41, 'CPU 0/KVM', lines(`${inPod}/vcpu0`, other));
    await tune(1).catch(() => undefined);
    assert.equal(readFileSync(join(root, 'cpu', other, 'tasks'), 'utf8'), '41');
  });

  it('is looked at as far as a QEMU has threads', async () => {
    thread(40, 40, 'qemu-system-x86');
    for (let tid = 100; tid < 100 + MAX_THREADS + 500; tid += 1)
      mkdirSync(join(root, 'proc/40/task', String(tid)), { recursive: true });
    assert.ok((await qemuThreads([40], join(root, 'proc'))).length <= MAX_THREADS);
  });
});
