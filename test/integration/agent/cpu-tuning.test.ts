import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findCpuCgroup, type CpuCgroup } from '../../../src/agent/pod/cpu-cgroup.js';
import { tuneCpu } from '../../../src/agent/pod/cpu-tuning.js';
import { firstProcess } from '../../../src/agent/pod/pod-process.js';
import { runPlan, type Command, type CommandRunner } from '../../../src/agent/workspace/command.js';
import { CPU_TUNING_DEFAULTS, type CpuSpread } from '../../../src/api/vmi/cpu-spread.js';
import { FakePod } from '../../security/support/fake-pod.js';

const isV2 = existsSync('/sys/fs/cgroup/cgroup.controllers');
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The machine's own cgroups and a QEMU in them, whose guest does nothing but work. */
describe('the CPU limit of a container, spread over the threads of a real QEMU', function () {
  this.timeout(120_000);
  let pod: FakePod;
  let directory: string;
  let cgroup: CpuCgroup;

  before(async function () {
    if (process.getuid?.() !== 0 || process.arch !== 'x64') this.skip();
    pod = new FakePod();
    directory = mkdtempSync(join(tmpdir(), 'cpu-tuning-'));
    chmodSync(directory, 0o755);
    const boot = join(directory, 'boot');
    // jmp $: the first vCPU works, the second waits for it.
    const sector = Buffer.alloc(1 << 20);
    sector.set([0xeb, 0xfe]);
    sector.set([0x55, 0xaa], 510);
    writeFileSync(boot, sector);
    await pod.start();
    const first = (await firstProcess(pod.compute))!;
    const io = ['-object', 'iothread,id=iothread1'];
    const disk = ['-drive', `file=${boot},format=raw,snapshot=on`];
    const machine = ['-machine', 'q35', '-smp', '2', '-accel', 'tcg', '-m', '64', '-display', 'none', '-nodefaults'];
    const name = ['-name', 'guest=web,debug-threads=on'];
    await pod.exec(first.pid, { TMPDIR: '/dev/shm' }, ['qemu-system-x86_64', ...name, ...machine, ...io, ...disk]);
    cgroup = await findCpuCgroup(first.pid, pod.compute, runPlan);
    limit(50_000);
  });
  after(async () => {
    if (process.getuid?.() !== 0 || process.arch !== 'x64') return;
    await pod.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const limit = (quota: number): void =>
    isV2
      ? writeFileSync(join(cgroup.directory, 'cpu.max'), `${quota < 0 ? 'max' : quota} 100000`)
      : writeFileSync(join(cgroup.directory, 'cpu.cfs_quota_us'), String(quota));
  const tune = (change: Partial<Parameters<typeof tuneCpu>[2]> = {}): Promise<CpuSpread | undefined> =>
    tuneCpu(cgroup, pod.compute, { vcpus: 2, ioThreads: 1, tuning: CPU_TUNING_DEFAULTS, ...change }, runPlan);
  const groups = (): string[] =>
    readdirSync(cgroup.directory, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
      .sort();
  const names = (group: string): string[] =>
    readFileSync(join(cgroup.directory, group, isV2 ? 'cgroup.threads' : 'tasks'), 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((id) => readFileSync(`/proc/${id}/comm`, 'utf8').trim());
  const quota = (group: string): string =>
    isV2
      ? readFileSync(join(cgroup.directory, group, 'cpu.max'), 'utf8').trim()
      : ['cpu.cfs_quota_us', 'cpu.cfs_period_us']
          .map((file) => readFileSync(join(cgroup.directory, group, file), 'utf8').trim())
          .join(' ');
  const usage = (group: string): number =>
    isV2
      ? Number(/^usage_usec (\d+)$/m.exec(readFileSync(join(cgroup.directory, group, 'cpu.stat'), 'utf8'))?.[1]) / 1e6
      : readdirSync(join(cgroup.directory, group))
          .filter((file) => file === 'tasks')
          .flatMap((file) =>
            readFileSync(join(cgroup.directory, group, file), 'utf8')
              .split('\n')
              .filter(Boolean),
          )
          .map((id) => Number(readFileSync(`/proc/${id}/schedstat`, 'utf8').split(' ')[0]) / 1e9)
          .reduce((sum, seconds) => sum + seconds, 0);
  const timesHeld = (group: string): number =>
    Number(/^nr_throttled (\d+)$/m.exec(readFileSync(join(cgroup.directory, group, 'cpu.stat'), 'utf8'))?.[1]);

  it('puts each thread into the group of what it does, with its part of the limit', async () => {
    // QEMU makes its threads one after the other.
    for (let tries = 0; tries < 100; tries += 1) {
      await tune().catch(() => undefined);
      if (groups().length === 4 && names('vcpu1').length === 1) break;
      await sleep(100);
    }
    assert.deepEqual(await tune(), {
      period: 100_000,
      total: 50_000,
      vcpu: 25_000,
      emulator: 40_000,
      ioThread: 40_000,
    });
    assert.deepEqual(groups(), ['emulator', 'iothread1', 'vcpu0', 'vcpu1']);
    assert.deepEqual(names('vcpu0'), ['CPU 0/TCG']);
    assert.deepEqual(names('vcpu1'), ['CPU 1/TCG']);
    assert.deepEqual(names('iothread1'), ['IO iothread1']);
    assert.ok(names('emulator').includes('qemu-system-x86'));
    assert.deepEqual(
      groups().map((group) => quota(group)),
      ['40000 100000', '40000 100000', '25000 100000', '25000 100000'],
    );
  });

  it('holds a vCPU that works to its part', async () => {
    const [begin, before, heldBefore] = [performance.now(), usage('vcpu0'), timesHeld('vcpu0')];
    await sleep(4_000);
    const rate = (usage('vcpu0') - before) / ((performance.now() - begin) / 1000);
    assert.ok(rate < 0.27, `vcpu0 used ${rate.toFixed(3)} of a CPU`);
    // How much it gets is up to the machine, which may be busy: it wanted more, and was held.
    assert.ok(timesHeld('vcpu0') > heldBefore, `vcpu0 was never held at ${rate.toFixed(3)} of a CPU`);
  });

  it('follows the limit up and down, and lets go when it is taken away', async () => {
    limit(200_000);
    assert.equal((await tune())?.vcpu, 100_000);
    assert.equal(quota('vcpu1'), '100000 100000');
    const small = { ...CPU_TUNING_DEFAULTS, emulatorPercent: 20 };
    assert.equal((await tune({ tuning: small }))?.emulator, 40_000);
    await tune({ tuning: { ...CPU_TUNING_DEFAULTS, limitSpread: 'VCPUOnly' } });
    const none = isV2 ? 'max' : '-1';
    assert.ok(quota('emulator').startsWith(none));
    assert.ok(quota('iothread1').startsWith(none));
    assert.equal(quota('vcpu0'), '100000 100000');
    limit(-1);
    assert.equal(await tune(), undefined);
    assert.ok(groups().every((group) => quota(group).startsWith(none)));
    limit(1_000);
    assert.deepEqual(await tune(), { period: 200_000, total: 2_000, vcpu: 1_000, emulator: 1_600, ioThread: 1_600 });
  });

  it('writes nothing where all is as it should be', async () => {
    await tune();
    const refuse = () => Promise.reject(new Error('a step was taken'));
    await tuneCpu(
      { ...cgroup, apart: true },
      pod.compute,
      { vcpus: 2, ioThreads: 1, tuning: CPU_TUNING_DEFAULTS },
      refuse,
    );
  });

  it('does the same from another cgroup namespace, by one shell', async () => {
    limit(100_000);
    const apart = { ...cgroup, apart: true };
    const request = { vcpus: 2, ioThreads: 1, tuning: CPU_TUNING_DEFAULTS };
    // Not every machine lets a test into the namespace of its first process: the shell alone.
    const inNode: CommandRunner = (plan, options) =>
      runPlan({ ...plan, argv: plan.argv.slice(plan.argv.indexOf('--') + 1) as unknown as Command }, options);
    assert.equal((await tuneCpu(apart, pod.compute, request, inNode))?.vcpu, 50_000);
    assert.equal(quota('vcpu0'), '50000 100000');
  });

  it('says what is not there', async () => {
    const gone = { ...cgroup, directory: join(cgroup.directory, 'gone') };
    const request = { vcpus: 2, ioThreads: 1, tuning: CPU_TUNING_DEFAULTS };
    await assert.rejects(tuneCpu(gone, pod.compute, request, runPlan), /the CPU limit in .*gone cannot be read/);
  });
});
