import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { connect, type Connection } from 'node-libvirt';
import { GUEST_ID, localPaths } from '../../../src/api/pod-layout.js';
import type { VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import type { ClusterConfig } from '../../../src/api/settings/cluster-config.js';
import { buildDomain } from '../../../src/domain/index.js';
import { processesOf } from './memory.js';

const ENTRYPOINT = fileURLToPath(new URL('../../../src/launcher/entrypoint.sh', import.meta.url));
const UID = '5d307ca9-b3ef-428c-8861-06e72d69f223';
const MIB = 1024 * 1024;

/** The entrypoint inside the launcher image's root file system; `/tmp` is the one outside. */
const IN_ROOT = `set -e
  mkdir -p "$0/dev"; mount --rbind /dev "$0/dev"; mount -t proc proc "$0/proc"; mount --rbind /sys "$0/sys"
  mount --bind /tmp "$0/tmp"; touch "$0/etc/hosts"; mount --bind /etc/hosts "$0/etc/hosts"
  exec nice -n -5 chroot --userspec=${GUEST_ID}:${GUEST_ID} --groups= "$0" sh "$1"`;

const killIfThere = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
};

/** All processes of a launcher pod but passt, with a real guest in them, without a cluster. */
export class DensityMachine {
  private readonly directory = mkdtempSync('/tmp/dn-');
  private readonly paths = localPaths(this.directory);
  private process: ChildProcess | undefined;
  private connection: Connection | undefined;
  private console: Socket | undefined;
  private output = '';
  private serial = 0;

  constructor(
    private readonly root: string,
    private readonly image: string,
  ) {}

  private get environment(): Record<string, string> {
    const { directory } = this;
    return {
      PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
      VMI_UID: UID,
      DOMAIN_NAME: 'bench_density',
      GRACE_PERIOD_SECONDS: '0',
      XDG_RUNTIME_DIR: `${directory}/run`,
      XDG_CONFIG_HOME: `${directory}/config`,
      XDG_CACHE_HOME: `${directory}/cache`,
      HOME: `${directory}/home`,
      PRIVATE_DIR: `${directory}/p`,
      EPHEMERAL_DIR: `${directory}/e`,
      TERMINATION_LOG: `${directory}/log`,
      LINGER: '0',
    };
  }

  async start(vmi: VirtualMachineInstance, config: ClusterConfig): Promise<void> {
    const { directory } = this;
    copyFileSync(ENTRYPOINT, join(directory, 'entrypoint.sh'));
    chownSync(directory, GUEST_ID, GUEST_ID);
    chmodSync(directory, 0o755);
    const args = ['--mount', '--', 'sh', '-c', IN_ROOT, this.root, join(directory, 'entrypoint.sh')];
    this.process = spawn('unshare', args, { env: this.environment, stdio: ['ignore', 'ignore', 'ignore'] });
    const socketPath = join(directory, 'run/libvirt/libvirt-sock');
    for (let waited = 0; !existsSync(socketPath) && waited < 200; waited++) await sleep(100);
    this.connection = await connect({ socketPath });
    const names = (vmi.spec.volumes ?? []).map(({ name }) => name);
    const xml = buildDomain(vmi, {
      config,
      paths: this.paths,
      kvmAvailable: false,
      node: { labels: {} },
      disks: Object.fromEntries(names.map((name) => [name, { format: 'raw', path: this.disk(name) }])),
      network: { passt: false },
    });
    const { domains } = this.connection;
    await domains.create(await domains.defineXML(xml));
  }

  private disk(name: string): string {
    const path = join(this.directory, 'images', name);
    mkdirSync(dirname(path), { recursive: true });
    if (name === 'root') copyFileSync(this.image, path);
    else writeFileSync(path, Buffer.alloc(16 * MIB));
    chmodSync(path, 0o666);
    return path;
  }

  async openConsole(): Promise<void> {
    this.console = createConnection(this.paths.serialSocket);
    this.console.on('data', (data: Buffer) => (this.output += data.toString('latin1')));
    this.console.on('error', () => undefined);
    // busybox asks the terminal where its cursor is.
    await this.until(/# (?:.\[6n)?$/, 240, () => this.console?.write('\r'));
    await this.run('dmesg -n 1; stty -echo');
  }

  private async until(wanted: RegExp, seconds: number, nudge: () => void = () => undefined): Promise<string> {
    for (let waited = 0; waited < seconds * 5; waited++) {
      if (wanted.test(this.output)) return this.output;
      if (waited % 10 === 9) nudge();
      await sleep(200);
    }
    throw new Error(`no ${String(wanted)} within ${seconds} s:\n${this.output.slice(-2000)}`);
  }

  /** Runs a command in the guest and waits for its end. */
  async run(command: string, seconds = 240): Promise<string> {
    this.serial += 1;
    this.output = '';
    this.console?.write(`${command}; echo end-${this.serial}-$((1+1))\r`);
    return this.until(new RegExp(`end-${this.serial}-2`), seconds);
  }

  get pids(): string[] {
    return processesOf(this.directory);
  }

  async stop(): Promise<void> {
    this.console?.destroy();
    await this.connection?.close();
    if (this.process?.exitCode === null) {
      const ended = once(this.process, 'exit');
      this.process.kill('SIGTERM');
      await Promise.race([ended, sleep(20_000)]);
    }
    for (const pid of this.pids) killIfThere(Number(pid));
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 5 });
  }
}
