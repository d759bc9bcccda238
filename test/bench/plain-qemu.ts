import { execFileSync, spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildTinyGuest } from '../../scripts/guests/tiny.js';
import { launcherRoot } from '../integration/support/launcher-root.js';

/** The network namespace, and the wire's end outside of it: of names no longer than the kernel takes. */
const NAME = 'bench-plain-vm';

/** QEMU of the launcher's image in a network namespace; `/dev` and the disks are the ones outside. */
const IN_ROOT = `set -e
  mount --rbind /dev "$0/dev"; mount --bind "$1" "$0/tmp"; root=$0; shift
  exec chroot "$root" "$@"`;

const ip = (...args: readonly string[]): void => void execFileSync('ip', args, { stdio: 'pipe' });

/**
 * A guest without libvirt and without a pod, wired as ours are: a tap on a bridge in a network namespace of its own,
 * and a pair of virtual cards from there to a bridge of the node. What QEMU itself can carry, and nothing else.
 */
export class PlainQemu {
  private output = '';
  private serial = 0;

  private constructor(
    private readonly directory: string,
    private readonly child: ChildProcessWithoutNullStreams,
  ) {
    child.stdout.setEncoding('latin1').on('data', (text: string) => (this.output += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.output += text));
  }

  /** @param data what the guest finds on its second disk */
  static async start(bridge: string, mac: string, data: Buffer): Promise<PlainQemu> {
    PlainQemu.removeNetwork();
    ip('netns', 'add', NAME);
    ip('link', 'add', NAME, 'type', 'veth', 'peer', 'name', 'out', 'netns', NAME);
    ip('link', 'set', NAME, 'master', bridge, 'up');
    const inside = (...args: readonly string[]): void => {
      ip('-n', NAME, ...args);
    };
    inside('link', 'add', 'wire', 'type', 'bridge');
    inside('tuntap', 'add', 'tap', 'mode', 'tap', 'vnet_hdr');
    for (const port of ['out', 'tap']) inside('link', 'set', port, 'master', 'wire', 'up');
    inside('link', 'set', 'wire', 'up');
    const directory = mkdtempSync(join(tmpdir(), 'plain-qemu-'));
    execFileSync('cp', ['--sparse=always', await buildTinyGuest(() => undefined), join(directory, 'root')]);
    writeFileSync(join(directory, 'data'), Buffer.concat([data, Buffer.alloc(-data.length & 511)]));
    const disk = (name: string) => ['-drive', `file=/tmp/${name},format=raw,if=virtio,cache=none`];
    const qemu = [
      ...['qemu-system-x86_64', '-M', 'q35', '-accel', 'tcg', '-m', '128', '-smp', '1'],
      ...['-display', 'none', '-nodefaults', '-serial', 'stdio', ...disk('root'), ...disk('data')],
      ...['-netdev', 'tap,id=n,ifname=tap,script=no,downscript=no,vhost=off'],
      ...['-device', `virtio-net-pci,netdev=n,mac=${mac}`],
    ];
    const args = ['netns', 'exec', NAME, 'unshare', '--mount', 'sh', '-c', IN_ROOT, await launcherRoot(), directory];
    const guest = new PlainQemu(directory, spawn('ip', [...args, ...qemu]));
    await guest.untilSays(/# (?:.\[6n)?$/, 120);
    await guest.run('dmesg -n 1; stty -echo');
    return guest;
  }

  private async untilSays(wanted: RegExp, seconds: number): Promise<string> {
    for (let waited = 0; waited < seconds * 5; waited++) {
      if (wanted.test(this.output)) return this.output;
      if (this.child.exitCode !== null) break;
      if (waited % 10 === 9) this.child.stdin.write('\r');
      await sleep(200);
    }
    throw new Error(`a plain QEMU does not say ${String(wanted)}:\n${this.output.slice(-2000)}`);
  }

  /** Runs a command in the guest and waits for its end. */
  async run(command: string, seconds = 60): Promise<string> {
    this.serial += 1;
    this.output = '';
    this.child.stdin.write(`${command}; echo end-${this.serial}-$((1+1))\r`);
    return this.untilSays(new RegExp(`end-${this.serial}-2`), seconds);
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null) {
      const ended = once(this.child, 'exit');
      this.child.kill('SIGKILL');
      await ended;
    }
    PlainQemu.removeNetwork();
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** Of this run, or of one that was killed. */
  private static removeNetwork(): void {
    try {
      // Its cards go with it, and with them their other ends.
      ip('netns', 'delete', NAME);
    } catch {
      // There is none.
    }
  }
}
