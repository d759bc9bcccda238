import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { KubeletProcess } from '../../../../src/agent/node/kubelet-process.js';

const SEARCH_MS = 600_000;

describe('how kubelet was started', () => {
  let proc: string;
  let now: number;
  let complaints: string[];
  beforeEach(() => {
    proc = mkdtempSync(join(tmpdir(), 'kubelet-'));
    [now, complaints] = [0, []];
  });
  afterEach(() => rmSync(proc, { recursive: true }));
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(proc, path)), { recursive: true });
    writeFileSync(join(proc, path), text);
  };
  interface Process {
    readonly name?: string;
    readonly uid?: number;
    readonly cgroup?: string;
    readonly pids?: string;
    readonly start?: number;
    readonly argv?: readonly string[];
  }
  const run = (pid: number, { name = 'kubelet', uid = 0, pids = `${pid}`, start = 5, ...more }: Process = {}): void => {
    const { cgroup = '0::/system.slice/kubelet.service\n', argv = ['kubelet'] } = more;
    put(`${pid}/comm`, `${name}\n`);
    put(
      `${pid}/status`,
      `Name:\t${name}\nState:\tS (sleeping)\nPPid:\t1\nUid:\t${uid}\t${uid}\t${uid}\t${uid}\nNSpid:\t${pids}\n`,
    );
    put(`${pid}/cgroup`, cgroup);
    put(`${pid}/stat`, `${pid} (${name}) S 1 ${'0 '.repeat(17)}${start} 0\n`);
    put(`${pid}/cmdline`, `${argv.join('\0')}\0`);
    mkdirSync(join(proc, `${pid}/root`), { recursive: true });
  };
  const kubelet = (): KubeletProcess =>
    new KubeletProcess({
      now: () => now,
      searchEveryMs: SEARCH_MS,
      failed: (message) => void complaints.push(message),
      proc,
    });

  it('is its command line and its file, of whatever form', async () => {
    for (const text of [
      '{"failSwapOn": false}',
      'failSwapOn: false\n',
      '# by hand\n---\nfailSwapOn: false # swap\nmap: { a: 1 }\n',
    ]) {
      run(7, { argv: ['kubelet', '--config', '/etc/kubelet.conf'] });
      put('7/root/etc/kubelet.conf', text);
      const start = await kubelet().look();
      assert.equal((start?.files[0] as { failSwapOn?: unknown }).failSwapOn, false, text);
      assert.equal(start?.argv[1], '--config');
    }
  });

  it('includes the files over it in the order of their names', async () => {
    run(7, { argv: ['kubelet', '--config=/k.yaml', '--config-dir=/k.d'] });
    put('7/root/k.yaml', 'a: 1\n');
    put('7/root/k.d/20.conf', 'a: 3\n');
    put('7/root/k.d/10.conf', 'a: 2\n');
    put('7/root/k.d/10.conf.bak', 'a: 9\n');
    assert.deepEqual((await kubelet().look())?.files, [{ a: 1 }, { a: 2 }, { a: 3 }]);
  });

  it('is read where kubelet reads it: a link means what it means there', async () => {
    run(7, { argv: ['kubelet', '--config=/etc/kubelet/config'] });
    put('7/root/store/real', 'a: 1\n');
    mkdirSync(join(proc, '7/root/etc'));
    symlinkSync('../../../../../store/dir', join(proc, '7/root/etc/kubelet'));
    mkdirSync(join(proc, '7/root/store/dir'));
    symlinkSync('/store/real', join(proc, '7/root/store/dir/config'));
    assert.deepEqual((await kubelet().look())?.files, [{ a: 1 }]);
  });

  it('is not believed of a process that a pod or a user of the node calls kubelet', async () => {
    run(7, { cgroup: '0::/kubepods.slice/kubepods-pod1.slice/cri-containerd-1.scope\n' });
    run(8, { cgroup: '4:memory:/kubepods/besteffort/pod1/1\n' });
    run(9, { uid: 1000 });
    run(10, { pids: '10\t1' });
    run(11, { name: 'kubelet-like' });
    run(12, { cgroup: '' });
    assert.equal(await kubelet().look(), undefined);
    run(13);
    now += SEARCH_MS;
    assert.deepEqual((await kubelet().look())?.files, []);
    run(14);
    assert.equal(await kubelet().look(), undefined, 'several are none');
  });

  it('is looked for seldom, found once, and again after a restart', async () => {
    const one = kubelet();
    assert.equal(await one.look(), undefined);
    run(7, { argv: ['kubelet', '--config=/a'] });
    put('7/root/a', 'a: 1\n');
    assert.equal(await one.look(), undefined, 'not yet');
    now += SEARCH_MS;
    assert.deepEqual((await one.look())?.files, [{ a: 1 }]);
    put('7/root/a', 'a: 2\n');
    assert.deepEqual((await one.look())?.files, [{ a: 1 }], 'what it was started with holds');
    rmSync(join(proc, '7/comm'));
    rmSync(join(proc, '7/stat'));
    assert.equal(await one.look(), undefined, 'it has ended');
    now += 1_000;
    run(7, { argv: ['kubelet', '--config=/a'], start: 6 });
    assert.deepEqual((await one.look())?.files, [{ a: 2 }]);
  });

  it('is not known where its file is none, too large, a loop or a pipe, and says so once', async () => {
    for (const make of [
      () => undefined,
      () => put('7/root/k', 'x'.repeat(1024 * 1024 + 1)),
      () => symlinkSync('/k', join(proc, '7/root/k')),
      () => mkdirSync(join(proc, '7/root/k')),
      () => execFileSync('mkfifo', [join(proc, '7/root/k')]),
      () => put('7/root/k', '{"a": '),
    ]) {
      run(7, { argv: ['kubelet', '--config=/k'] });
      make();
      const one = kubelet();
      assert.equal(await one.look(), undefined);
      assert.equal(await one.look(), undefined);
      assert.equal(complaints.splice(0).length, 1);
      rmSync(join(proc, '7'), { recursive: true });
    }
    run(7, { argv: ['kubelet', '--config=k'] });
    assert.equal(await kubelet().look(), undefined);
    assert.match(complaints[0] ?? '', /k is not an absolute path/);
  });
});
