import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { processesNamed, runInPidNamespace } from '../../../src/agent/pod/container-tools.js';
import { raiseMemoryLock } from '../../../src/agent/pod/memory-lock.js';
import { scheduleRealtime, vcpuThreads } from '../../../src/agent/pod/realtime.js';
import { runPlan } from '../../../src/agent/workspace/command.js';

const POD = { podUid: '0d7f1b36-6d3c-4b39-9f2e-7f2a9c1e0d55', name: 'compute', id: 'c0ffee' };
/** v1 has a hierarchy per controller; one is enough for a process to be the container's. */
const ROOT = ['/sys/fs/cgroup/pids', '/sys/fs/cgroup'].find((path) => existsSync(join(path, 'cgroup.procs')));
const CGROUP = join(ROOT ?? '', `kubepods/pod${POD.podUid}/${POD.id}`);
const CAP_SYS_RESOURCE = 24n;

const until = async <T>(what: string, look: () => T | undefined | Promise<T | undefined>): Promise<T> => {
  for (let tries = 0; tries < 200; tries++) {
    const found = await look();
    if (found !== undefined) return found;
    await sleep(50);
  }
  throw new Error(`no ${what}`);
};

/** SCHED_OTHER is 0, SCHED_FIFO 1. */
const policyOf = (pid: number, tid: number): number => {
  const text = readFileSync(`/proc/${pid}/task/${tid}/stat`, 'utf8');
  return Number(
    text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .at(41 - 3),
  );
};

/** Real processes in a cgroup and a PID namespace as a container has them. */
describe('what the agent gives to processes of a pod', function () {
  this.timeout(60_000);
  const directory = mkdtempSync('/tmp/rights-');
  const started: ChildProcess[] = [];

  const start = (command: string): void => {
    const script = `echo $$ >"${CGROUP}/cgroup.procs" && exec unshare --pid --fork --kill-child ${command}`;
    started.push(spawn('sh', ['-c', script], { stdio: 'ignore' }));
  };

  before(async function () {
    if (process.getuid?.() !== 0 || ROOT === undefined) this.skip();
    mkdirSync(CGROUP, { recursive: true });
    copyFileSync('/bin/sleep', join(directory, 'libvirtd'));
    start(`${directory}/libvirtd 600`);
    start(
      'qemu-system-x86_64 -name x,debug-threads=on -machine pc -m 16 -smp 2 -accel tcg,thread=multi -S -display none',
    );
    await until('libvirtd', async () => ((await processesNamed(POD, 'libvirtd')).length > 0 ? true : undefined));
  });
  after(async () => {
    for (const child of started) child.kill('SIGKILL');
    await until('end of them', () =>
      !existsSync(CGROUP) || readFileSync(`${CGROUP}/cgroup.procs`, 'utf8') === '' ? true : undefined,
    );
    for (const path of [CGROUP, dirname(CGROUP)]) if (existsSync(path)) rmdirSync(path);
    rmSync(directory, { recursive: true });
  });

  it('is the right to lock memory, or the reason why there is none', async () => {
    const [daemon] = await processesNamed(POD, 'libvirtd');
    const effective = BigInt(`0x${/^CapEff:\s+(\w+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]}`);
    const answer = await raiseMemoryLock(POD, runPlan);
    const limits = readFileSync(`/proc/${daemon!.pid}/limits`, 'utf8');
    if (((effective >> CAP_SYS_RESOURCE) & 1n) === 1n) {
      assert.deepEqual(answer, {});
      assert.match(limits, /^Max locked memory +unlimited +unlimited/m);
    } else {
      assert.deepEqual(answer, { denied: 'the agent lacks the capability SYS_RESOURCE on this node' });
      assert.doesNotMatch(limits, /^Max locked memory +unlimited/m);
    }
  });

  it('is scheduling in real time, for the threads of the vCPUs that are named and no other', async function () {
    const qemu = await until('QEMU', async () => (await processesNamed(POD, 'qemu-system-x86'))[0]);
    const [first, second] = await until('vCPUs', async () => {
      const threads = [...(await vcpuThreads(qemu.pid, [0])), ...(await vcpuThreads(qemu.pid, [1]))];
      return threads.length === 2 ? threads : undefined;
    });
    const answer = await scheduleRealtime(POD, [1], runPlan);
    if (answer.denied !== undefined) {
      process.stderr.write(`      skipped: ${answer.denied}\n`);
      this.skip();
    }
    assert.deepEqual(
      [qemu, first!, second!].map(({ pid }) => policyOf(qemu.pid, pid)),
      [0, 0, 1],
    );
    // Again after a restart of the agent.
    assert.deepEqual(await scheduleRealtime(POD, [1], runPlan), {});
  });

  it('reaches no process but the container’s, whatever number it is given', async () => {
    await assert.rejects(runInPidNamespace(runPlan, POD, process.pid, ['true']), /is not one of the launcher pod's/);
    const [daemon] = await processesNamed(POD, 'libvirtd');
    // The numbers are the pod's own: this process is not among them.
    const other = runInPidNamespace(runPlan, POD, daemon!.pid, ['chrt', '--pid', String(process.pid)]);
    await assert.rejects(other, /chrt/);
  });
});
