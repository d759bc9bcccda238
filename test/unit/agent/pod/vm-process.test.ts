import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseStat, VmProcessReader } from '../../../../src/agent/pod/vm-process.js';

/** `name` may be anything: it is what the process calls itself. */
const stat = (name: string, start: number, ticks: number, threads: number, state = 'S'): string =>
  `1 (${name}) ${state} 1 1 1 0 -1 0 0 0 0 0 ${ticks} 100 0 0 20 0 ${threads} 0 ${start} 0 0\n`;

describe('the reader of a VM’s process', () => {
  let root = '';
  beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'virt-usage-'))));
  afterEach(() => rmSync(root, { recursive: true }));
  const write = (path: string, text: string): void => {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  };
  const thread = (pid: number, id: number, name: string, ran: number, queued = 0): void => {
    write(`proc/${pid}/task/${id}/comm`, `${name}\n`);
    write(`proc/${pid}/task/${id}/schedstat`, `${ran} ${queued} 5\n`);
  };
  const qemu = (pid: number, start: number, ticks = 900): void => {
    write(`proc/${pid}/stat`, stat('qemu-system-x86', start, ticks, 4));
    write(`proc/${pid}/status`, 'Name:\tqemu\nVmRSS:\t  2048 kB\nVmSwap:\t  16 kB\nThreads:\t4\n');
    thread(pid, pid, 'qemu-system-x86', 1e9);
    thread(pid, pid + 1, 'CPU 0/KVM', 2e9, 5e8);
    thread(pid, pid + 2, 'CPU 1/KVM', 3e9, 25e7);
    thread(pid, pid + 3, 'IO iothread1', 1e9);
    thread(pid, pid + 4, 'IO mon_iothread', 1e9);
  };
  const reader = (): VmProcessReader => new VmProcessReader(join(root, 'cgroup'), join(root, 'proc'));

  beforeEach(() => {
    write('cgroup/cgroup.procs', '10\n20\n30\n');
    write('proc/10/stat', stat('libvirtd', 5, 100, 20));
    qemu(20, 50);
  });

  it('tells its threads apart: vCPUs, I/O threads, and the emulator with all else', () => {
    assert.deepEqual(reader().read(), {
      residentBytes: 2048 * 1024,
      swapBytes: 16 * 1024,
      vcpus: [
        { id: 0, seconds: 2, delaySeconds: 0.5 },
        { id: 1, seconds: 3, delaySeconds: 0.25 },
      ],
      ioThreadSeconds: 1,
      // (900 + 100) ticks, without the 6 s of the others.
      emulatorSeconds: 4,
    });
  });

  it('says what waits for disks where the kernel counts it, and what KSM has merged', () => {
    write('proc/sys/kernel/sched_schedstats', '1\n');
    write('proc/20/task/21/sched', 'CPU 0/KVM (21, #threads: 4)\nse.statistics.iowait_sum       :     1500.250000\n');
    write('proc/20/ksm_merging_pages', '3\n');
    const seen = reader().read();
    assert.equal(seen?.vcpus[0]?.waitSeconds, 1.50025);
    assert.equal(seen.vcpus[1]?.waitSeconds, undefined);
    assert.equal(seen.ksmMergedBytes, 3 * 4096);
  });

  it('lets no counter shrink by the kernel’s rounding', () => {
    const one = reader();
    assert.equal(one.read()?.emulatorSeconds, 4);
    thread(20, 21, 'CPU 0/KVM', 2.009e9);
    assert.equal(one.read()?.emulatorSeconds, 4);
  });

  it('takes the oldest QEMU, follows a new one, and never a process that got its number', () => {
    write('cgroup/cgroup.procs', '10\n20\n30\n');
    qemu(30, 70);
    write('proc/30/status', 'VmRSS:\t 1 kB\n');
    const one = reader();
    assert.equal(one.read()?.residentBytes, 2048 * 1024);
    // 20 ends, and something else gets its number.
    write('proc/20/stat', stat('sh', 80, 1, 1));
    assert.equal(one.read()?.residentBytes, 1024);
    write('proc/30/stat', stat('qemu-system-x86', 70, 1, 4, 'Z'));
    assert.equal(one.read(), undefined);
  });

  it('finds the threads of a CPU that was plugged in', () => {
    const one = reader();
    assert.equal(one.read()?.vcpus.length, 2);
    thread(20, 40, 'CPU 2/KVM', 1e9);
    write('proc/20/stat', stat('qemu-system-x86', 50, 900, 5));
    assert.equal(one.read()?.vcpus.length, 3);
  });

  it('finds processes in cgroups below the container’s', () => {
    write('cgroup/cgroup.procs', '');
    write('cgroup/main/cgroup.procs', '20\n');
    assert.equal(reader().read()?.vcpus.length, 2);
  });

  it('is not led astray by names: a program may call itself anything', () => {
    const name = 'qemu-system-x86) R 1 1 (a b\n9 9';
    assert.deepEqual(parseStat(stat(name, 7, 100, 2)), {
      ...{ name, startTime: 7n, seconds: 2, threads: 2, ended: false },
    });
    assert.equal(parseStat('nonsense'), undefined);
    assert.equal(parseStat(''), undefined);
    thread(20, 22, 'CPU 99999/KVM', 7e9);
    thread(20, 23, 'CPU -1/KVM', 7e9);
    assert.deepEqual(
      reader()
        .read()
        ?.vcpus.map(({ id }) => id),
      [0],
    );
  });
});
