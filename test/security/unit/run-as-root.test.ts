import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  chownSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isOwn, killOwn } from '../../../cmd/kubectl-virt/offline/run/own-processes.js';
import { makeRunDirectory, removeTree } from '../../../cmd/kubectl-virt/offline/run/run-directory.js';
import { connectLibvirt } from '../../../cmd/kubectl-virt/offline/run/guest.js';
import { SocketPathError } from '../../../src/agent/pod/sockets.js';

/* `kubectl virt run` as root: the guest's user owns most of the files, and must not steer root by them. */

const NOBODY = { name: 'nobody', uid: 65_534, gid: 65_534 };

describe('attack: the guest’s user steers "run" as root', () => {
  const children: ChildProcess[] = [];
  let outside: string;
  before(function () {
    if (process.getuid?.() !== 0) this.skip();
    outside = mkdtempSync(path.join(tmpdir(), 'outside-'));
  });
  after(() => {
    for (const child of children) child.kill('SIGKILL');
    if (process.getuid?.() === 0) rmSync(outside, { recursive: true });
  });

  /** A process that runs, its environment in place. */
  const start = async (env: Record<string, string>, as: object): Promise<ChildProcess & { pid: number }> => {
    const child = spawn('/bin/sh', ['-c', 'echo up; exec sleep 300'], {
      env,
      ...as,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    children.push(child);
    await once(child.stdout, 'data');
    assert.ok(child.pid);
    return child as ChildProcess & { pid: number };
  };
  const runs = (child: ChildProcess): boolean => child.exitCode === null && child.signalCode === null;

  it('ends processes of the chosen user with a directory of this run, and no others, whatever a pid file says', async () => {
    const directory = makeRunDirectory(NOBODY);
    try {
      const owner = { uid: NOBODY.uid, directory: directory.root };
      const marked = { HOME: directory.home };
      const ours = await start(marked, NOBODY);
      const others = [
        await start({}, NOBODY),
        await start({ HOME: `${directory.root}-other/home` }, NOBODY),
        // Of root, and of one who has become that user only in part.
        await start(marked, {}),
      ];
      const pids = path.join(directory.runtime, 'libvirt/qemu/run');
      mkdirSync(pids, { recursive: true });
      others.forEach(({ pid }, index) => writeFileSync(path.join(pids, `guest-${index}.pid`), String(pid)));
      assert.ok(isOwn(ours.pid, owner));
      assert.ok(!isOwn(1, owner) && !isOwn(process.pid, owner));
      const ended = once(ours, 'exit');
      killOwn(owner);
      assert.deepEqual((await ended)[1], 'SIGKILL');
      assert.deepEqual(others.map(runs), [true, true, true]);
    } finally {
      rmSync(directory.root, { recursive: true });
    }
  });

  it('removes a run’s files as their owner: behind a link nothing goes, and what is root’s stays', () => {
    const kept = path.join(outside, 'kept');
    writeFileSync(kept, 'precious');
    const directory = makeRunDirectory(NOBODY);
    symlinkSync(outside, path.join(directory.vm, 'images'));
    const nested = path.join(directory.vm, 'a', 'b');
    mkdirSync(nested, { recursive: true });
    // As if a directory of root's had been moved into the way of the one who clears up.
    writeFileSync(path.join(nested, 'roots'), '');
    chownSync(path.join(directory.vm, 'a'), NOBODY.uid, NOBODY.gid);
    assert.throws(() => removeTree(directory.root), /ENOTEMPTY/);
    assert.ok(existsSync(path.join(nested, 'roots')));
    rmSync(nested, { recursive: true });
    removeTree(directory.root);
    assert.equal(readFileSync(kept, 'utf8'), 'precious');
    assert.ok(!existsSync(directory.root));
  });

  it('does not follow a link at libvirtd’s socket', async () => {
    const directory = makeRunDirectory(NOBODY);
    mkdirSync(path.join(directory.runtime, 'libvirt'));
    symlinkSync('/run/libvirt/libvirt-sock', path.join(directory.runtime, 'libvirt/libvirt-sock'));
    await assert.rejects(connectLibvirt(directory.runtime), SocketPathError);
    rmSync(directory.root, { recursive: true });
  });

  it('gives no directory away before root has written into it', () => {
    const directory = makeRunDirectory(NOBODY);
    assert.throws(
      () => {
        process.seteuid?.(NOBODY.uid);
        try {
          writeFileSync(path.join(directory.config, 'libvirt'), '');
        } finally {
          process.seteuid?.(0);
        }
      },
      { code: 'EACCES' },
    );
    directory.remove();
  });
});
