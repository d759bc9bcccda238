import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface ChildRun {
  readonly command: readonly [string, ...string[]];
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * bash's own `time` reads the kernel's accounting of the finished process to the millisecond; the command is its
 * arguments.
 */
const TIMED = 'TIMEFORMAT="%3U %3S"; time "$@" >/dev/null 2>&1';

const cpuMsOnce = async ({ command, env }: ChildRun): Promise<number> => {
  const child = spawn('bash', ['-c', TIMED, 'bash', ...command], { stdio: ['ignore', 'ignore', 'pipe'], env });
  let times = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (times += text));
  const [code] = (await once(child, 'close')) as [number];
  if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}; run it by hand to see why`);
  const [user = Number.NaN, system = Number.NaN] = times.trim().split(' ').map(Number);
  return (user + system) * 1000;
};

/**
 * CPU ms, user and system, of a whole process: the least of `runs`, because on a shared machine everything else that
 * runs can only make it more.
 */
export const leastCpuMs = async (run: ChildRun, runs = 21): Promise<number> => {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < runs; i++) least = Math.min(least, await cpuMsOnce(run));
  return least;
};
