import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chownSync, closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LIBVIRTD_CONF, QEMU_CONF } from '../../../../src/launcher/libvirt-settings.js';
import { CliError, messageOf } from '../../errors.js';
import { killOwn } from './own-processes.js';
import { findProgram } from './programs.js';
import type { SystemUser } from './programs.js';
import type { RunDirectory } from './run-directory.js';

/** It is there in half a second; on a machine under load it takes longer. */
const START_MS = 20_000;
const POLL_MS = 50;
const STOP_MS = 5000;
/** Should the plugin be killed, the guest is destroyed with its connection, and the daemon ends after this. */
const IDLE_SECONDS = 30;
const LOG_TAIL = 2000;

/** Below XDG_RUNTIME_DIR. */
export const LIBVIRT_SOCKET = 'libvirt/libvirt-sock';

export interface SessionDaemon {
  /** Ends libvirtd, and a guest that still runs with it. */
  readonly stop: () => Promise<void>;
  /** The same without waiting, for the process's last moment. */
  readonly kill: () => void;
}

const writeConfig = (directory: RunDirectory, user: SystemUser | undefined): void => {
  const config = join(directory.config, 'libvirt');
  mkdirSync(config, { mode: 0o700 });
  writeFileSync(join(config, 'qemu.conf'), QEMU_CONF);
  writeFileSync(join(config, 'libvirtd.conf'), LIBVIRTD_CONF);
  // Only now, from the inside out: as root nothing is written where another user could have put a link.
  if (user !== undefined) for (const path of [config, directory.config]) chownSync(path, user.uid, user.gid);
};

const logTail = (file: string): string => {
  try {
    return readFileSync(file, 'utf8').trim().slice(-LOG_TAIL);
  } catch {
    return '';
  }
};

const waitForSocket = async (path: string, child: ChildProcess, log: string): Promise<void> => {
  for (let waited = 0; waited < START_MS; waited += POLL_MS) {
    if (existsSync(path)) return;
    if (child.exitCode !== null || child.signalCode !== null) break;
    await sleep(POLL_MS);
  }
  throw new CliError(`libvirtd did not start: ${logTail(log) || 'it said nothing'}`, {
    remedy: 'Check the installation: apt-get install --no-install-recommends libvirt-daemon libvirt-daemon-driver-qemu',
  });
};

/** Starts a libvirtd of our own, in session mode, with all of its files in the run directory. @throws CliError */
export const startSessionDaemon = async (
  directory: RunDirectory,
  user: SystemUser | undefined,
): Promise<SessionDaemon> => {
  writeConfig(directory, user);
  const log = join(directory.root, 'libvirtd.log');
  const output = openSync(log, 'w', 0o600);
  const child = spawn(findProgram('libvirtd') ?? 'libvirtd', [`--timeout=${IDLE_SECONDS}`], {
    // A session of its own: ^C in the terminal is for us, not for the daemon.
    detached: true,
    stdio: ['ignore', output, output],
    cwd: '/',
    env: {
      PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
      LC_ALL: 'C',
      HOME: directory.home,
      XDG_RUNTIME_DIR: directory.runtime,
      XDG_CONFIG_HOME: directory.config,
      XDG_CACHE_HOME: directory.cache,
    },
    ...(user === undefined ? {} : { uid: user.uid, gid: user.gid }),
  });
  closeSync(output);
  const ended = new Promise<void>((resolve) => {
    child.on('exit', () => resolve());
    child.on('error', (error) => {
      writeFileSync(log, messageOf(error));
      resolve();
    });
  });
  const left = { uid: user?.uid ?? process.getuid?.() ?? -1, directory: directory.root };
  const kill = (): void => {
    child.kill('SIGKILL');
    killOwn(left);
  };
  process.on('exit', kill);
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await ended;
    clearTimeout(timer);
    killOwn(left);
    process.off('exit', kill);
  };
  const socketPath = join(directory.runtime, LIBVIRT_SOCKET);
  try {
    await waitForSocket(socketPath, child, log);
  } catch (error) {
    await stop();
    throw error;
  }
  return { stop, kill };
};
