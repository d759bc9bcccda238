import { Worker } from 'node:worker_threads';
import type { Log } from '../../kube/program/log.js';
import { workerFile } from '../../kube/program/worker-file.js';
import { outputOf, type CommandOutcome, type CommandRunner } from './command.js';
import type { CommandReply, CommandRequest } from './command-worker.js';

/** More than the outputs of the commands of six starts need; a command's own output is limited. */
const WORKER_LIMITS = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 4, stackSizeMb: 1 };

/**
 * Runs commands from a thread of its own. `spawn` returns when the new process runs its program, and until then the
 * loop of the thread that called it is held: 27 ms on a busy node, a third of a second on one that has no processor
 * time to give (docs/agent.md), for each of the dozen commands of a start. Nobody waits for this thread's loop but
 * commands.
 */
export const commandThread = (log: Pick<Log, 'error'>): CommandRunner => {
  const worker = new Worker(workerFile('command-worker'), { resourceLimits: WORKER_LIMITS });
  const waiting = new Map<number, (outcome: CommandOutcome) => void>();
  let last = 0;
  worker.on('message', ({ id, outcome }: CommandReply) => {
    waiting.get(id)?.(outcome);
    waiting.delete(id);
  });
  // Without it no VM can be started. VMs run on.
  worker.on('error', (error) => {
    log.error({ error }, 'the thread that runs commands ended; the process ends');
    process.exit(1);
  });
  // After the listeners, which would count again: a thread without commands holds up no program's end.
  worker.unref();
  return async (plan, options) => {
    last += 1;
    const request: CommandRequest = { id: last, plan, options };
    const outcome = new Promise<CommandOutcome>((resolve) => waiting.set(request.id, resolve));
    worker.postMessage(request);
    return outputOf(plan, await outcome);
  };
};
