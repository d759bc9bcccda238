import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { takeBlockDevice, claimDevice } from '../../../../src/agent/pod/device-owner.js';
import { makeDiskFile } from '../../../../src/agent/pod/disk-file-maker.js';
import { confinedCommand, NOT_JOINED } from '../../../../src/agent/pod/confinement.js';

const ID = 'a'.repeat(64);
const POD = '6c1c5a2e-8a4b-4a8e-9b0e-1f2d3c4b5a69';
const CONTAINER = { podUid: POD, name: 'compute', id: ID };

describe('commands in a pod', () => {
  it('join the cgroups first, then become the guest’s uid, who can gain nothing by setuid programs', () => {
    const files = [{ controller: 'memory', file: '/sys/fs/cgroup/memory/x/cgroup.procs' }];
    const command = confinedCommand('/proc/1/fd/9', { files, apart: false }, ['cat', '/proc/self/status']);
    assert.deepEqual([command[0], command[1], command[3]], ['sh', '-c', 'join']);
    assert.deepEqual(command.slice(4, 10), ['memory', files[0]!.file, '--', 'setpriv', '--no-new-privs', 'nsenter']);
    const end = command.lastIndexOf('--');
    assert.deepEqual(command.slice(end - 4, end), ['--setgid', '107', '--setuid', '107']);
    assert.deepEqual(command.slice(end + 1), ['cat', '/proc/self/status']);
  });

  it('really have no_new_privs and no capability', function () {
    if (process.getuid?.() !== 0) this.skip();
    const way = { files: [], apart: false };
    const [program, ...args] = confinedCommand(`/proc/${process.pid}`, way, ['cat', '/proc/self/status']);
    const status = execFileSync(program, args, { encoding: 'utf8' });
    assert.match(status, /^NoNewPrivs:\s+1$/m);
    assert.match(status, /^CapEff:\s+0+$/m);
    assert.match(status, /^Uid:\s+107\s+107\s+107\s+107$/m);
  });

  it('do not run when a cgroup cannot be joined', function () {
    if (process.getuid?.() !== 0) this.skip();
    const files = [{ controller: 'memory', file: '/nowhere/cgroup.procs' }];
    const [program, ...args] = confinedCommand(`/proc/${process.pid}`, { files, apart: false }, ['echo', 'ran']);
    const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
    assert.equal(status, NOT_JOINED);
    assert.equal(stdout, '');
    assert.match(stderr, /the pod's cgroup of memory cannot be joined/);
  });
});

describe('claiming /dev/kvm', () => {
  let proc: string;
  beforeEach(() => (proc = mkdtempSync(join(tmpdir(), 'virt-claim-'))));
  afterEach(() => rmSync(proc, { recursive: true, force: true }));

  const container = (pod = POD): string => {
    const dev = join(proc, '1', 'root', 'dev');
    mkdirSync(dev, { recursive: true });
    writeFileSync(join(proc, '1', 'cgroup'), `0::/kubepods/pod${pod}/${ID}\n`);
    return dev;
  };

  it('gives the device to the guest’s uid', function () {
    if (process.getuid?.() !== 0) this.skip();
    const node = join(container(), 'kvm');
    try {
      execFileSync('mknod', [node, 'c', '10', '232'], { stdio: 'ignore' });
    } catch {
      this.skip();
    }
    assert.equal(claimDevice('kvm', 1, CONTAINER, proc), true);
    assert.equal(statSync(node).uid, 107);
  });

  it('says when there is none', () => {
    container();
    assert.equal(claimDevice('kvm', 1, CONTAINER, proc), false);
  });

  it('touches no process of another pod', () => {
    container('00000000-0000-0000-0000-000000000000');
    assert.throws(() => claimDevice('kvm', 1, CONTAINER, proc), /not one of the launcher pod's container compute/);
  });

  it('changes nothing but the KVM device', function () {
    if (process.getuid?.() !== 0) this.skip();
    const dev = container();
    const victim = join(proc, 'victim');
    writeFileSync(victim, '');
    chownSync(victim, 0, 0);
    symlinkSync(victim, join(dev, 'kvm'));
    assert.throws(() => claimDevice('kvm', 1, CONTAINER, proc), /not the KVM device/);
    rmSync(join(dev, 'kvm'));
    writeFileSync(join(dev, 'kvm'), '');
    assert.throws(() => claimDevice('kvm', 1, CONTAINER, proc), /not the KVM device/);
    assert.equal(statSync(victim).uid, 0);
  });
});

/** A process of a pod, whose root is a directory of the test's. */
const podProcess = (proc: string, pod = POD): string => {
  const root = join(proc, '1', 'root');
  mkdirSync(root, { recursive: true });
  writeFileSync(join(proc, '1', 'cgroup'), `0::/kubepods/pod${pod}/${ID}\n`);
  return root;
};

describe('claiming a block device', () => {
  let proc: string;
  beforeEach(() => (proc = mkdtempSync(join(tmpdir(), 'virt-claim-'))));
  afterEach(() => rmSync(proc, { recursive: true, force: true }));
  const directory = (): string => {
    const made = join(podProcess(proc), 'dev', 'vmi-disks');
    mkdirSync(made, { recursive: true });
    return made;
  };

  it('gives it to the guest’s uid', function () {
    if (process.getuid?.() !== 0) this.skip();
    const node = join(directory(), 'data');
    // Numbers of no driver: the node is never opened for more than its name.
    execFileSync('mknod', [node, 'b', '240', '7']);
    takeBlockDevice(1, CONTAINER, '/dev/vmi-disks/data', proc);
    assert.deepEqual([statSync(node).uid, statSync(node).gid], [107, 107]);
  });

  it('changes nothing else: no file, no character device, nothing that a link points to', function () {
    if (process.getuid?.() !== 0) this.skip();
    const disks = directory();
    const victim = join(proc, 'victim');
    execFileSync('mknod', [victim, 'b', '240', '7']);
    symlinkSync(victim, join(disks, 'link'));
    writeFileSync(join(disks, 'file'), '');
    execFileSync('mknod', [join(disks, 'tty'), 'c', '240', '7']);
    for (const name of ['link', 'file', 'tty'])
      assert.throws(() => takeBlockDevice(1, CONTAINER, `/dev/vmi-disks/${name}`, proc), /is not a block device/);
    for (const path of [victim, join(disks, 'file'), join(disks, 'tty')]) assert.equal(statSync(path).uid, 0);
    symlinkSync(proc, join(disks, 'away'));
    assert.throws(() => takeBlockDevice(1, CONTAINER, '/dev/vmi-disks/away/victim', proc), /symlink or file stands/);
    assert.throws(() => takeBlockDevice(1, CONTAINER, '/dev/vmi-disks/none', proc), /does not exist/);
    assert.throws(
      () => takeBlockDevice(1, CONTAINER, '/dev/vmi-disks/../vmi-disks/tty', proc),
      /not the name of a file/,
    );
    assert.equal(statSync(victim).uid, 0);
  });

  it('touches no process of another pod', () => {
    directory();
    podProcess(proc, '00000000-0000-0000-0000-000000000000');
    assert.throws(
      () => takeBlockDevice(1, CONTAINER, '/dev/vmi-disks/data', proc),
      /not one of the launcher pod's container compute/,
    );
  });
});

describe('making the file of a disk as root', () => {
  let proc: string;
  beforeEach(function () {
    if (process.getuid?.() !== 0) this.skip();
    proc = mkdtempSync(join(tmpdir(), 'virt-make-'));
  });
  afterEach(() => rmSync(proc, { recursive: true, force: true }));
  const MOUNT = '/var/run/disks/host';
  const mount = (): string => {
    const root = podProcess(proc);
    const directory = join(root, 'run/disks/host');
    mkdirSync(directory, { recursive: true });
    // As in the launcher image.
    mkdirSync(join(root, 'var'));
    symlinkSync('/run', join(root, 'var/run'));
    return directory;
  };
  const make = (name = 'disk.img', directory = MOUNT) =>
    makeDiskFile(1, CONTAINER, { directory, name, bytes: 1n << 30n }, proc);

  it('makes a sparse one of the guest’s uid, also where an interrupted attempt left something', async () => {
    const directory = mount();
    writeFileSync(join(directory, 'disk.img.staging'), 'torn');
    await make();
    const stat = statSync(join(directory, 'disk.img'));
    assert.deepEqual([stat.size, stat.blocks, stat.uid, stat.gid, stat.mode & 0o777], [1 << 30, 0, 107, 107, 0o660]);
    assert.deepEqual(readdirSync(directory), ['disk.img']);
  });

  it('leaves what is there, and what links point to', async () => {
    const directory = mount();
    const victim = join(proc, 'victim');
    writeFileSync(victim, 'secret');
    symlinkSync(victim, join(directory, 'disk.img.staging'));
    symlinkSync(victim, join(directory, 'disk.img'));
    await make();
    assert.equal(readFileSync(victim, 'utf8'), 'secret');
    assert.equal(statSync(victim).uid, 0);
    symlinkSync(directory, join(directory, '..', 'away'));
    await assert.rejects(make('new.img', '/var/run/disks/away'), /symlink or file stands|not a directory/);
    await assert.rejects(make('../new.img'), /not the name of a file/);
    await assert.rejects(make('new.img', `${MOUNT}/disk.img`), /symlink or file stands|not a directory/);
    assert.equal(existsSync(join(directory, 'new.img')), false);
  });

  it('touches no process of another pod', async () => {
    mount();
    podProcess(proc, '00000000-0000-0000-0000-000000000000');
    await assert.rejects(async () => make(), /not one of the launcher pod's container compute/);
  });
});
