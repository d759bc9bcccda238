import { setTimeout as sleep } from 'node:timers/promises';
import { isTrue } from '../../../src/api/vmi/condition.js';
import { isFinal } from '../../../src/api/vmi/phase.js';
import type { VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import type { ApiClient } from '../client/client.js';
import { ifThere } from '../client/if-there.js';
import { type VirtualMachineState, whyNotRunning } from '../client/why-not-running.js';
import { CliError } from '../errors.js';
import { objectPath } from '../paths.js';
import type { Goal } from './action.js';

/** Between two looks. A start takes two seconds and more. */
const LOOK_MS = 500;

type Look = Pick<ApiClient, 'get' | 'namespace'>;

const instanceOf = (client: Look, name: string): Promise<VirtualMachineInstance | undefined> =>
  ifThere(client.get(objectPath('vmi', client.namespace, name)));

/** What `replaced` compares with, looked up before the change; undefined where nothing runs. */
export const instanceBefore = async (client: Look, name: string): Promise<string | undefined> =>
  (await instanceOf(client, name))?.metadata?.uid;

const isReached = (goal: Goal, vmi: VirtualMachineInstance | undefined, before: string | undefined): boolean => {
  const runs = vmi?.status?.phase === 'Running' && vmi.metadata?.deletionTimestamp === undefined;
  switch (goal) {
    case 'running':
      return runs;
    case 'replaced':
      return runs && vmi.metadata?.uid !== before;
    case 'stopped':
      return vmi === undefined || (isFinal(vmi) && vmi.metadata?.deletionTimestamp === undefined);
    case 'paused':
      return runs && isTrue(vmi.status?.conditions, 'Paused');
    case 'unpaused':
      return runs && !isTrue(vmi.status?.conditions, 'Paused');
  }
};

/** What is to be seen meanwhile. */
const stateOf = async (client: Look, name: string, vmi: VirtualMachineInstance | undefined): Promise<string> => {
  const vm = await ifThere(client.get<VirtualMachineState>(objectPath('vm', client.namespace, name)));
  const status = vm?.status?.printableStatus ?? vmi?.status?.phase ?? 'gone';
  const why = vm === undefined ? undefined : whyNotRunning(vm);
  return why === undefined ? status : `${status}: ${why}`;
};

export interface Awaited {
  readonly name: string;
  readonly goal: Goal;
  /** See {@link instanceBefore}. */
  readonly before: string | undefined;
}

export interface WaitFor {
  readonly client: Look;
  /** When to give up, in milliseconds of {@link Date.now}, and what that was called. */
  readonly deadline: number;
  readonly timeout: string;
  readonly say: (text: string) => void;
}

/** Returns when the goal is reached. @throws CliError when the time is over, with what stands in the way */
export const waitFor = async (
  { name, goal, before }: Awaited,
  { client, deadline, timeout, say }: WaitFor,
): Promise<void> => {
  for (;;) {
    const vmi = await instanceOf(client, name);
    if (isReached(goal, vmi, before)) return;
    const state = await stateOf(client, name, vmi);
    if (Date.now() >= deadline) {
      throw new CliError(`${name} is not ${DONE[goal]} after ${timeout}: its status is ${state}`, {
        remedy: `See why: kubectl describe vm,vmi ${name} -n ${client.namespace}; or wait longer with --timeout.`,
      });
    }
    say(`Waiting until ${name} is ${DONE[goal]}; now it is ${state}`);
    await sleep(Math.min(LOOK_MS, Math.max(0, deadline - Date.now())));
  }
};

/** Completes "web is …". */
export const DONE: Readonly<Record<Goal, string>> = {
  running: 'running',
  replaced: 'running again',
  stopped: 'stopped',
  paused: 'paused',
  unpaused: 'unpaused',
};
