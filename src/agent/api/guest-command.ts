import type { AgentRequest } from '../../agent-api/agent-request.js';
import {
  MAX_EXEC_CHARACTERS,
  MAX_EXEC_OUTPUT,
  MAX_EXEC_STDIN,
  MAX_EXEC_WORDS,
  type GuestExecAnswer,
} from '../../agent-api/guest-exec.js';
import { readOptions } from '../../agent-api/options.js';
import { badRequest, StatusError } from '../../agent-api/status-error.js';
import { VMI_SUBRESOURCES } from '../../agent-api/vmi-subresources.js';
import { tenantOfKey } from '../../kube/work/fair-queue.js';
import { foreignText } from '../hypervisor/foreign-text.js';
import type { Hypervisor } from '../hypervisor/hypervisor.js';
import { isTooMuch, TooManyExecutions, UnknownExecution } from '../vm/guest-executions.js';
import { NoPlace } from '../vm/node-commands.js';
import { agentRefusal, refuse, requireAgent } from './guest-agent-refusal.js';
import type { RunningGuest } from './running-guest.js';

/* `guestexec`: a command in the guest, by its agent; whoever may do it is root there. */

/**
 * How long a request waits for the end of a command: virt-webhook waits ten seconds for us, and a question or two that
 * the guest's agent leaves unanswered must have room in them.
 */
const PATIENCE_MS = 4_000;
const AFTER_START_MS = 2_000;
/** Of the first word in the event. The others may be secrets, and are in no event and no log. */
const MAX_SHOWN = 128;

/** @throws StatusError 400 */
const checkCommand = (words: readonly string[], stdin: string | undefined): void => {
  if (words.length === 0 || words[0] === '') throw badRequest('command is empty: send the program and its arguments');
  const characters = words.reduce((sum, word) => sum + word.length, 0);
  if (words.length > MAX_EXEC_WORDS || characters > MAX_EXEC_CHARACTERS)
    throw badRequest(
      `command has ${words.length} words with ${characters} characters: at most ${MAX_EXEC_WORDS} with ${MAX_EXEC_CHARACTERS} are run`,
    );
  if (words.some((word) => word.includes('\0'))) throw badRequest('a word of command holds a null character');
  if (stdin !== undefined && Buffer.byteLength(stdin, 'base64') > MAX_EXEC_STDIN)
    throw badRequest(`stdin has more than ${MAX_EXEC_STDIN} bytes`);
};

const refusalOf = (guest: RunningGuest, error: unknown): StatusError => {
  if (error instanceof StatusError) return error;
  if (error instanceof TooManyExecutions || error instanceof NoPlace)
    return new StatusError('TooManyRequests', `${guest.key}: ${error.message}: try again`);
  if (error instanceof UnknownExecution) return new StatusError('NotFound', `${guest.key}: ${error.message}`);
  if (isTooMuch(error))
    return refuse(
      guest,
      `the command has ended, but wrote more than ${MAX_EXEC_OUTPUT} bytes: have it write into a file, and read a part of it`,
    );
  return agentRefusal(guest, 'guest-exec', error);
};

/** A connection of its own: an answer that is too large, or hangs, costs nobody else the VM's libvirtd. */
const apart = <T>({ key, session, commands }: RunningGuest, act: (hypervisor: Hypervisor) => Promise<T>): Promise<T> =>
  session.executions.request(() =>
    commands.run(tenantOfKey(key), async () => {
      const hypervisor = await session.launcher.connect(() => undefined);
      try {
        return await act(hypervisor);
      } finally {
        void hypervisor.close();
      }
    }),
  );

/** Starts a command, or waits for one that was started. @throws StatusError */
export const runInGuest = async (guest: RunningGuest, { options, user }: AgentRequest): Promise<GuestExecAnswer> => {
  const { command, stdin, id } = readOptions(options, VMI_SUBRESOURCES.guestexec.options);
  if ((command === undefined) === (id === undefined)) throw badRequest('send either command or id');
  if (command !== undefined) checkCommand(command, stdin);
  // The guest's agent says how a command ended only once, and that answer may have been lost on its way.
  const known = id === undefined ? undefined : guest.commands.again(keptAs(guest, id));
  if (known !== undefined) return known;
  requireAgent(guest);
  const { clock, commands } = guest;
  const asked = clock.now();
  try {
    const answer = await apart(guest, async (hypervisor) => {
      const { executions } = guest.session;
      const started = id ?? (await start(guest, hypervisor, { command: command ?? [], stdin, user }));
      // What it has waited for its place is a part of it.
      const patience = (id === undefined ? AFTER_START_MS : PATIENCE_MS) - (clock.now() - asked);
      return executions.wait(hypervisor, started, patience, () => !commands.isContended);
    });
    if (answer.exited) commands.keep(tenantOfKey(guest.key), keptAs(guest, answer.id), answer);
    return answer;
  } catch (error) {
    throw refusalOf(guest, error);
  }
};

/** @returns its id */
const start = async (
  guest: RunningGuest,
  hypervisor: Hypervisor,
  { command, stdin, user }: { command: readonly string[]; stdin: string | undefined; user: string },
): Promise<string> => {
  const [program = '', ...rest] = command;
  const told = { is: false };
  // Before it runs: there is none that nobody was told of.
  const begin = (): void => {
    told.is = true;
    guest.tell(
      'Normal',
      'GuestExec',
      `User ${quoted(user)} runs ${quoted(program)} in the guest, with ${rest.length} argument${rest.length === 1 ? '' : 's'}`,
    );
  };
  try {
    return await guest.session.executions.start(hypervisor, command, stdin, begin);
  } catch (error) {
    // An agent that did not answer may have started it.
    if (told.is)
      guest.tell(
        'Warning',
        'GuestExecFailed',
        `It was not said that ${quoted(program)} of user ${quoted(user)} has started: ${refusalOf(guest, error).message}`,
      );
    throw error;
  }
};

/** Ids cannot be guessed; and one of another VM is none here. */
const keptAs = ({ key, vmi }: RunningGuest, id: string): string => `${key} ${vmi.metadata?.uid ?? ''} ${id}`;

const quoted = (text: string): string => JSON.stringify(foreignText(text, MAX_SHOWN));
