import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processesNamed } from '../../../../src/agent/pod/container-tools.js';
import { vcpuThreads } from '../../../../src/agent/pod/realtime.js';

const POD = { podUid: 'aa11', name: 'compute', id: 'c0ffee' };
const OURS = `0::/kubepods/pod${POD.podUid}/${POD.id}\n`;

describe('processes of a container by their name', () => {
  let proc: string;
  const task = (path: string, name: string, pids: string, cgroup = OURS): void => {
    mkdirSync(join(proc, path), { recursive: true });
    writeFileSync(join(proc, path, 'comm'), `${name}\n`);
    writeFileSync(join(proc, path, 'cgroup'), cgroup);
    writeFileSync(join(proc, path, 'status'), `State:\tS (sleeping)\nPPid:\t1\nNSpid:\t${pids}\n`);
  };
  beforeEach(() => (proc = mkdtempSync(join(tmpdir(), 'proc-'))));
  afterEach(() => rmSync(proc, { recursive: true }));

  it('are those of the container alone, with their number in the pod', async () => {
    task('70', 'libvirtd', '70\t8');
    task('71', 'qemu-system-x86', '71\t9');
    task('72', 'libvirtd', '72\t8', '0::/kubepods/podbb22/c0ffee\n');
    task('73', 'libvirtd', '73');
    assert.deepEqual(await processesNamed(POD, 'libvirtd', proc), [{ pid: 70, podPid: 8 }]);
  });

  it('are eight at most, however many a pod calls so', async () => {
    for (let pid = 100; pid < 130; pid++) task(String(pid), 'libvirtd', `${pid}\t${pid - 90}`);
    assert.equal((await processesNamed(POD, 'libvirtd', proc)).length, 8);
  });

  it('has one thread for each vCPU that is asked for, whatever a guest names its own', async () => {
    task('9/task/9', 'qemu-system-x86', '9\t2');
    for (const [tid, name] of [
      [10, 'CPU 0/KVM'],
      [11, 'CPU 1/TCG'],
      [12, 'CPU 1/KVM'],
      [13, 'CPU 99999/KVM'],
      [14, 'CPU 2/KVM; x'],
    ] as const)
      task(`9/task/${tid}`, name, `${tid}\t${tid - 7}`);
    assert.deepEqual(
      (await vcpuThreads(9, [1, 2, 99], proc)).map(({ podPid }) => podPid),
      [4],
    );
  });
});
