import { setTimeout as sleep } from 'node:timers/promises';
import { base64Of, MAX_EXEC_STDIN, type GuestExecAnswer } from '../../../src/agent-api/guest-exec.js';
import { isRecord } from '../../../src/api/record.js';
import { ApiStatusError } from '../client/status.js';
import { connectTo } from '../connect.js';
import { parseDuration } from '../duration.js';
import { CliError, ExitCode, UsageError } from '../errors.js';
import type { GlobalFlags } from '../global-flags.js';
import { warn, type Io } from '../io.js';
import { subresourcePath } from '../paths.js';
import { parseTarget } from '../target.js';
import { explained } from './explained.js';

interface ExecFlags extends GlobalFlags {
  target: string;
  command?: string[];
  stdin?: boolean;
  timeout: string;
}

/** As a shell counts the end by a signal. */
const SIGNALLED = 128;
const MAX_CODE = 255;

/** It is asked again no sooner; and fails when it has failed for so long. */
const AGAIN_MS = 250;
const BEARABLE_MS = 20_000;

/** @throws CliError for more than the guest's agent is given */
const readStdin = async (stdin: NodeJS.ReadStream): Promise<string> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stdin as AsyncIterable<Buffer | string>) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > MAX_EXEC_STDIN)
      throw new CliError(`stdin has more than ${MAX_EXEC_STDIN} bytes`, {
        remedy: 'Bring more into the guest by its network, or on a disk.',
      });
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('base64');
};

/** What a server said, of whatever version; ours has checked it. @throws CliError */
const readAnswer = (said: unknown): GuestExecAnswer => {
  if (!isRecord(said) || typeof said['id'] !== 'string' || typeof said['exited'] !== 'boolean')
    throw new CliError('the server answered in a form that is not known here', {
      remedy: 'It may be of another version: kubectl virt version',
    });
  const number = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);
  return {
    id: said['id'],
    exited: said['exited'],
    exitCode: number(said['exitCode']),
    signal: number(said['signal']),
    stdout: base64Of(said['stdout']),
    stderr: base64Of(said['stderr']),
    truncated: said['truncated'] === true,
  };
};

const bytesOf = (text: string | undefined): Buffer => Buffer.from(text ?? '', 'base64');

/** On a terminal only what can be seen; into a file or a pipe every byte as it is. */
const show = (io: Io, { stdout, stderr, truncated }: GuestExecAnswer): void => {
  if (io.stdout.isTTY) io.stdout.write(bytesOf(stdout).toString('utf8'));
  else if (stdout !== undefined) io.guestScreen.write(bytesOf(stdout));
  io.stderr.write(bytesOf(stderr).toString('utf8'));
  if (truncated === true) warn(io, "the guest's agent kept only the beginning of the output");
};

const codeOf = ({ exitCode, signal }: GuestExecAnswer): number => {
  // Windows' codes may be larger than a process can end with here: a failure must stay one.
  if (exitCode !== undefined && exitCode <= MAX_CODE) return exitCode;
  if (signal !== undefined && signal <= MAX_CODE - SIGNALLED) return SIGNALLED + signal;
  return ExitCode.failure;
};

/**
 * Failures to hear of a command that runs, borne for a while: it goes on in the guest, and its output would be lost.
 */
class PassingFailures {
  #first: { readonly error: unknown; readonly at: number } | undefined;

  /** @throws what failed first where it lasts, or where there is nothing more to hear */
  bear(error: unknown): void {
    const code = error instanceof CliError && error.cause instanceof ApiStatusError ? error.cause.code : undefined;
    const passes = code === 409 || code === 429 || (code !== undefined && code >= 500);
    this.#first ??= { error, at: Date.now() };
    if (!passes || Date.now() - this.#first.at >= BEARABLE_MS) throw this.#first.error;
  }

  over(): void {
    this.#first = undefined;
  }
}

/** `exec TARGET -- COMMAND…`. */
export const execInGuest = async (io: Io, flags: ExecFlags): Promise<number> => {
  const { command = [] } = flags;
  if (command.length === 0)
    throw new UsageError('no command is given', { remedy: `Write it after --: ${io.program} exec NAME -- uname -a` });
  const { name, namespace } = parseTarget(flags.target);
  const until = Date.now() + parseDuration('timeout', flags.timeout, 's');
  const client = await connectTo(io, flags, namespace);
  const stdin = flags.stdin === true ? await readStdin(io.stdin) : undefined;
  const path = subresourcePath('vmi', client.namespace, name, 'guestexec');
  const ask = async (body: object): Promise<GuestExecAnswer> => {
    try {
      return readAnswer(await client.request({ method: 'POST', path, body }));
    } catch (error) {
      throw await explained(io, client, error, {
        ...{ name, doing: 'run a command in', right: 'create of virtualmachineinstances/guestexec', role: 'admin' },
      });
    }
  };
  let answer = await ask({ command, ...(stdin === undefined ? {} : { stdin }) });
  const failures = new PassingFailures();
  while (!answer.exited) {
    if (Date.now() > until)
      throw new CliError(`${command[0] ?? ''} has not ended in ${name} within ${flags.timeout}`, {
        remedy: 'It goes on in the guest. Wait longer with --timeout, or have it write into a file.',
      });
    const askedAt = Date.now();
    try {
      answer = await ask({ id: answer.id });
      failures.over();
    } catch (error) {
      failures.bear(error);
    }
    // A node whose places are all taken answers at once.
    if (!answer.exited) await sleep(Math.max(0, askedAt + AGAIN_MS - Date.now()));
  }
  show(io, answer);
  return codeOf(answer);
};
