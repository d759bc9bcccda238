import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chownSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { claimKvmDevice } from '../../../src/agent/device-claim.js';
import { podCommand } from '../../../src/agent/workspace/pod-workspace.js';

describe('commands in a pod', () => {
  it('run as the guest’s uid and can gain nothing by setuid programs', () => {
    const command = podCommand(4711, ['cat', '/proc/self/status']);
    assert.deepEqual(command.slice(0, 5), ['setpriv', '--no-new-privs', 'nsenter', '--target', '4711']);
    const end = command.indexOf('--');
    assert.deepEqual(command.slice(end - 4, end), ['--setgid', '107', '--setuid', '107']);
    assert.deepEqual(command.slice(end + 1), ['cat', '/proc/self/status']);
  });

  it('really have no_new_privs and no capability', function () {
    if (process.getuid?.() !== 0) this.skip();
    const [program, ...args] = podCommand(process.pid, ['cat', '/proc/self/status']);
    const status = execFileSync(program, args, { encoding: 'utf8' });
    assert.match(status, /^NoNewPrivs:\s+1$/m);
    assert.match(status, /^CapEff:\s+0+$/m);
    assert.match(status, /^Uid:\s+107\s+107\s+107\s+107$/m);
  });
});

describe('claiming /dev/kvm', () => {
  const POD = '6c1c5a2e-8a4b-4a8e-9b0e-1f2d3c4b5a69';
  let proc: string;
  beforeEach(() => (proc = mkdtempSync(join(tmpdir(), 'virt-claim-'))));
  afterEach(() => rmSync(proc, { recursive: true, force: true }));

  const container = (pod = POD): string => {
    const dev = join(proc, '1', 'root', 'dev');
    mkdirSync(dev, { recursive: true });
    writeFileSync(join(proc, '1', 'cgroup'), `0::/kubepods/pod${pod}/abc\n`);
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
    assert.equal(claimKvmDevice(1, POD, proc), true);
    assert.equal(statSync(node).uid, 107);
  });

  it('says when there is none', () => {
    container();
    assert.equal(claimKvmDevice(1, POD, proc), false);
  });

  it('touches no process of another pod', () => {
    container('00000000-0000-0000-0000-000000000000');
    assert.throws(() => claimKvmDevice(1, POD, proc), /not one of the launcher pod/);
  });

  it('changes nothing but the KVM device', function () {
    if (process.getuid?.() !== 0) this.skip();
    const dev = container();
    const victim = join(proc, 'victim');
    writeFileSync(victim, '');
    chownSync(victim, 0, 0);
    symlinkSync(victim, join(dev, 'kvm'));
    assert.throws(() => claimKvmDevice(1, POD, proc), /not the KVM device/);
    rmSync(join(dev, 'kvm'));
    writeFileSync(join(dev, 'kvm'), '');
    assert.throws(() => claimKvmDevice(1, POD, proc), /not the KVM device/);
    assert.equal(statSync(victim).uid, 0);
  });
});
