import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

/** Linux counts a process's CPU time in ticks of 10 ms (USER_HZ is 100 on every architecture Node runs on). */
const TICK_MS = 10;

/** CPU time, user and system, of all children that this process has waited for. */
const childrenCpuMs = (): number => {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  // The name in parentheses may hold blanks; fields are counted behind it (proc(5): 16 and 17 are cutime and cstime).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[13]) + Number(fields[14])) * TICK_MS;
};

export interface ChildRun {
  readonly command: readonly [string, ...string[]];
  readonly env?: NodeJS.ProcessEnv;
  readonly exitCode?: number;
}

const runOnce = async ({ command: [file, ...args], env, exitCode = 0 }: ChildRun): Promise<void> => {
  const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'pipe'], env: env ?? process.env });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  if (code !== exitCode) throw new Error(`${[file, ...args].join(' ')} ended with ${code}: ${errors.slice(-500)}`);
};

/** Mean CPU ms of whole processes over `runs`, which makes ticks fine enough; one run before that is not counted. */
export const meanCpuMs = async (run: ChildRun, runs = 21): Promise<number> => {
  await runOnce(run);
  const before = childrenCpuMs();
  for (let i = 0; i < runs; i++) await runOnce(run);
  return (childrenCpuMs() - before) / runs;
};
