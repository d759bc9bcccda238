import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** A server that is measured: a process of its own, which says on its first lines where it serves. */
export interface MeasuredServer {
  readonly process: ChildProcess;
  readonly pid: number;
  readonly port: number;
  /** From spawn to the line that says it serves. */
  readonly startMs: number;
  /** CPU of the process until then. */
  readonly startCpuMs: number;
}

/**
 * Time that a process' threads (its garbage collector's too) have had on a CPU, user and system, in ms; exact to a ns.
 */
export const cpuMs = (pid: number): number =>
  readdirSync(`/proc/${pid}/task`)
    .map((task) => Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]))
    .reduce((sum, nanoseconds) => sum + nanoseconds / 1e6, 0);

export const rssMib = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

export const startServer = async (command: readonly [string, ...string[]]): Promise<MeasuredServer> => {
  const started = performance.now();
  const child = spawn(command[0], command.slice(1), { stdio: ['ignore', 'pipe', 'inherit'] });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${command.join(' ')} could not be started`);
  for await (const line of createInterface({ input: child.stdout })) {
    const { msg, address } = JSON.parse(line) as { msg: string; address?: string };
    if (!msg.startsWith('serving')) continue;
    const startMs = performance.now() - started;
    child.stdout.resume();
    return { process: child, pid, port: Number(address?.split(':').at(-1)), startMs, startCpuMs: cpuMs(pid) };
  }
  throw new Error(`${command.join(' ')} ended before it served; run it by hand to see why`);
};

export const stopServer = async ({ process: child }: MeasuredServer): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
};
