import { parentPort } from 'node:worker_threads';
import { runToEnd, type CommandOutcome, type RunOptions, type SpawnPlan } from './command.js';

/** What the agent sends, and what it gets under the same number. */
export interface CommandRequest {
  readonly id: number;
  readonly plan: SpawnPlan;
  readonly options: RunOptions;
}
export interface CommandReply {
  readonly id: number;
  readonly outcome: CommandOutcome;
}

parentPort?.on('message', ({ id, plan, options }: CommandRequest) => {
  void runToEnd(plan, options).then((outcome) => parentPort?.postMessage({ id, outcome } satisfies CommandReply));
});
