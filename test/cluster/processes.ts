/**
 * Long-lived processes with a pid file and a log each. A pid file holds the pid and the process' start time, so that a
 * pid that the kernel gave to somebody else is never taken for ours.
 */
import { spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CLUSTER_DIR, MARKER, paths } from './settings.js';

export interface Program {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Field 22 of /proc/PID/stat: the process' start in clock ticks since boot; undefined when there is no such process (or
 * it is a zombie).
 */
export const startTime = (pid: number): string | undefined => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in parentheses and may hold anything, also spaces and parentheses.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
};

const pidFile = (name: string): string => path.join(paths.pids, `${name}.pid`);
export const logFile = (name: string): string => path.join(paths.logs, `${name}.log`);

/** The pid of the running program of this name, or undefined. */
export const runningPid = (name: string): number | undefined => {
  if (!existsSync(pidFile(name))) return undefined;
  const [pid, start] = readFileSync(pidFile(name), 'utf8').trim().split(' ');
  const number = Number(pid);
  return start !== undefined && startTime(number) === start ? number : undefined;
};

/**
 * Starts the program in its own session unless it runs already. Its output goes to its log. Returns whether it was
 * started.
 */
export const ensureRunning = (program: Program): boolean => {
  if (runningPid(program.name) !== undefined) return false;
  mkdirSync(paths.pids, { recursive: true });
  mkdirSync(paths.logs, { recursive: true });
  const log = openSync(logFile(program.name), 'a');
  const child = spawn(program.command, program.args, {
    detached: true,
    stdio: ['ignore', log, log],
    env: { ...process.env, ...program.env, [MARKER]: CLUSTER_DIR },
  });
  closeSync(log);
  child.on('error', (error) => {
    process.stderr.write(`${program.name}: cannot start ${program.command}: ${error.message}\n`);
  });
  child.unref();
  if (child.pid === undefined) throw new Error(`${program.name}: cannot start ${program.command}; is it installed?`);
  const temporary = `${pidFile(program.name)}.tmp`;
  writeFileSync(temporary, `${child.pid} ${startTime(child.pid) ?? ''}\n`);
  renameSync(temporary, pidFile(program.name));
  return true;
};

/** All processes that carry our marker in their environment, whoever their parent is by now. */
export const markedPids = (): number[] =>
  readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => {
      if (pid === process.pid) return false;
      try {
        return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`${MARKER}=${CLUSTER_DIR}`);
      } catch {
        return false;
      }
    });

/** Asks these processes to end, waits up to `graceMs`, then kills what is left. Each is known by pid and start time. */
export const endProcesses = async (pids: readonly number[], graceMs: number): Promise<void> => {
  const targets = pids.map((pid) => ({ pid, start: startTime(pid) })).filter(({ start }) => start !== undefined);
  const alive = () => targets.filter(({ pid, start }) => startTime(pid) === start);
  const signal = (name: NodeJS.Signals) => {
    for (const { pid } of alive()) {
      try {
        process.kill(pid, name);
      } catch {
        // It ended by itself in between.
      }
    }
  };
  signal('SIGTERM');
  const deadline = Date.now() + graceMs;
  while (alive().length > 0 && Date.now() < deadline) await sleep(50);
  signal('SIGKILL');
  const last = Date.now() + 10_000;
  while (alive().length > 0 && Date.now() < last) await sleep(50);
};

/** Ends one program by its pid file. */
export const stop = async (name: string, graceMs = 5000): Promise<void> => {
  const pid = runningPid(name);
  if (pid !== undefined) await endProcesses([pid], graceMs);
  rmSync(pidFile(name), { force: true });
};

/** Repeats `check` until it gives true; throws with the end of the named program's log when that ends or time is up. */
export const waitFor = async (
  what: string,
  check: () => Promise<boolean> | boolean,
  options: { seconds: number; program?: string },
): Promise<void> => {
  const deadline = Date.now() + options.seconds * 1000;
  while (!(await check())) {
    const ended = options.program !== undefined && runningPid(options.program) === undefined;
    if (ended || Date.now() > deadline) {
      const log = options.program === undefined ? '' : `\n${tail(logFile(options.program))}`;
      throw new Error(
        ended
          ? `${options.program} ended while waiting for ${what}:${log}`
          : `${what}: not after ${options.seconds} s${log}`,
      );
    }
    await sleep(200);
  }
};

const tail = (file: string, lines = 15): string =>
  existsSync(file)
    ? `${file} ends with:\n${readFileSync(file, 'utf8').trimEnd().split('\n').slice(-lines).join('\n')}`
    : '';
