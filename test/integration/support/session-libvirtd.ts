/**
 * A real session libvirtd for tests: a fresh one per test file, under an unprivileged user, in a directory of its own.
 * (As root, libvirtd would offer the system driver, not the session driver that the launcher pods run.)
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  accessSync,
  chownSync,
  constants,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GUEST_ID } from '../../../src/api/pod-layout.js';
import { QEMU_CONF } from '../../../src/launcher/libvirt-settings.js';

const LIBVIRTD = '/usr/sbin/libvirtd';
const PACKAGES = 'libvirt-daemon libvirt-daemon-driver-qemu qemu-system-x86 qemu-utils';
/** Users that exist on Debian and own nothing; the first that has a passwd entry is taken. */
const USERS = ['libvirt-qemu', 'nobody'];

export interface SessionLibvirtd {
  readonly socketPath: string;
  /** A directory that the daemon's user may write to, short enough for sockets. */
  readonly directory: string;
  /** The daemon's user. */
  readonly uid: number;
  readonly process: ChildProcess;
  /** What the daemon has logged. */
  log(): string;
  /** Ends the daemon and every QEMU it started, and removes the directory. */
  stop(): Promise<void>;
}

/**
 * Starts libvirtd and waits until it accepts connections: this machine's, or the one of a root file system such as the
 * launcher's (`launcher-root.ts`; as root only). Throws with the remedy when it is not installed.
 */
export async function startSessionLibvirtd(root?: string): Promise<SessionLibvirtd> {
  for (const program of [LIBVIRTD, '/usr/bin/qemu-system-x86_64']) requireProgram(join(root ?? '/', program));
  const { uid, gid } = root === undefined ? unprivilegedUser() : { uid: GUEST_ID, gid: GUEST_ID };
  const directory = mkdtempSync('/tmp/lv-');
  const environment = prepareDirectories(directory, uid, gid);
  const [program, ...args] = root === undefined ? [LIBVIRTD] : inRoot(root, uid, gid);
  const daemon = spawn(program, [...args, '--timeout', '0'], {
    ...(process.getuid?.() === 0 && root === undefined ? { uid, gid } : {}),
    cwd: directory,
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  for (const output of [daemon.stdout, daemon.stderr]) output.on('data', (text: Buffer) => (log += text.toString()));
  const socketPath = join(directory, 'run', 'libvirt', 'libvirt-sock');
  const stop = (): Promise<void> => stopDaemon(daemon, directory);
  await waitForSocket(socketPath, daemon, () => log).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return { socketPath, directory, uid, process: daemon, log: () => log, stop };
}

/**
 * The command that runs libvirtd inside a root file system, in a mount namespace that ends with it. `/tmp` is the one
 * outside, so that every path of the directory is the same there; libvirt looks its own host name up at every start.
 */
const inRoot = (root: string, uid: number, gid: number): [string, ...string[]] => {
  const script = `set -e
    mkdir -p "$0/dev"; mount --rbind /dev "$0/dev"; mount -t proc proc "$0/proc"; mount --rbind /sys "$0/sys"; mount --bind /tmp "$0/tmp"
    touch "$0/etc/hosts"; mount --bind /etc/hosts "$0/etc/hosts"
    exec chroot --userspec=${uid}:${gid} --groups= "$0" ${LIBVIRTD} "$@"`;
  return ['unshare', '--mount', '--', 'sh', '-c', script, root];
};

function requireProgram(path: string): void {
  try {
    accessSync(path, constants.X_OK);
  } catch {
    throw new Error(`${path} is missing. Run: apt-get install -y --no-install-recommends ${PACKAGES}`);
  }
}

function unprivilegedUser(): { uid: number; gid: number } {
  if (process.getuid && process.getgid && process.getuid() !== 0)
    return { uid: process.getuid(), gid: process.getgid() };
  const entries = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  for (const user of USERS) {
    const entry = entries.find(([name]) => name === user);
    if (entry) return { uid: Number(entry[2]), gid: Number(entry[3]) };
  }
  throw new Error(`no unprivileged user (${USERS.join(', ')}) in /etc/passwd. Run: useradd --system libvirt-qemu`);
}

function prepareDirectories(directory: string, uid: number, gid: number): Record<string, string> {
  const paths = { XDG_RUNTIME_DIR: 'run', XDG_CONFIG_HOME: 'config', XDG_CACHE_HOME: 'cache', HOME: 'home' };
  const environment: Record<string, string> = {};
  chownSync(directory, uid, gid);
  for (const [name, path] of Object.entries(paths)) {
    environment[name] = join(directory, path);
    mkdirSync(join(directory, path), { mode: 0o700 });
    chownSync(join(directory, path), uid, gid);
  }
  const configuration = join(directory, 'config', 'libvirt');
  mkdirSync(configuration);
  chownSync(configuration, uid, gid);
  writeFileSync(join(configuration, 'qemu.conf'), QEMU_CONF);
  return environment;
}

async function waitForSocket(path: string, daemon: ChildProcess, log: () => string): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt++) {
    if (daemon.exitCode !== null) throw new Error(`libvirtd ended with ${daemon.exitCode}:\n${log()}`);
    if (await accepts(path)) return;
    await sleep(50);
  }
  throw new Error(`libvirtd does not listen on ${path} after 15 s:\n${log()}`);
}

function accepts(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(path, () => resolve((socket.destroy(), true)));
    socket.on('error', () => resolve(false));
  });
}

async function stopDaemon(daemon: ChildProcess, directory: string): Promise<void> {
  if (daemon.exitCode === null && daemon.signalCode === null) {
    const ended = once(daemon, 'exit');
    daemon.kill('SIGTERM');
    await Promise.race([ended, sleep(5_000, undefined, { ref: false }).then(() => daemon.kill('SIGKILL'))]);
  }
  killGuests(directory);
  rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
}

/** libvirtd leaves its guests running when it ends. A guest is ours when its command line names our directory. */
function killGuests(directory: string): void {
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const command = readFileSync(`/proc/${entry}/cmdline`, 'utf8');
      if (command.includes('qemu-system') && command.includes(`${directory}/`)) process.kill(Number(entry), 'SIGKILL');
    } catch {
      // It ended by itself.
    }
  }
}
