import type { Duplex } from 'node:stream';
import { CliError } from '../../errors.js';

/** Output must rest this long before its end counts as a prompt. */
const QUIET_MS = 400;
/** A silent guest whose last line is no prompt (a kernel message came after it) is asked for a new one. */
const NUDGE_MS = 3000;
const TAIL_BYTES = 512;

/** Terminal escape sequences: colours, cursor queries. */
// eslint-disable-next-line no-control-regex -- that is what they are made of
const ESCAPES = /\x1b\[[0-9;?]*[A-Za-z]/g;

export interface TypeCommandOptions {
  readonly console: Duplex;
  readonly command: string;
  /** Matches the end of the output when the guest waits for a command. */
  readonly prompt: RegExp;
  readonly timeoutMs: number;
}

/**
 * Waits for a prompt, types the command, and waits for the prompt after it. A prompt is recognised by output that has
 * stopped, so it works with any shell and needs nothing in the guest.
 * @throws CliError when a prompt does not come in time, or the console closes
 */
export const typeCommand = ({ console: serial, command, prompt, timeoutMs }: TypeCommandOptions): Promise<void> =>
  new Promise((resolve, reject) => {
    let tail = '';
    let typed = false;
    let quiet: NodeJS.Timeout | undefined;
    let nudge: NodeJS.Timeout | undefined;
    const finish = (error?: Error): void => {
      for (const timer of [quiet, nudge, deadline]) clearTimeout(timer);
      serial.off('data', onData).off('close', onClose);
      if (error === undefined) resolve();
      else reject(error);
    };
    const waitingFor = (): string => (typed ? `the command's end` : 'a prompt');
    const onClose = (): void => finish(new CliError(`the guest stopped before ${waitingFor()} came`));
    const onQuiet = (): void => {
      if (!prompt.test(tail.replace(ESCAPES, ''))) {
        nudge = setTimeout(() => serial.write('\r'), NUDGE_MS);
      } else if (typed) finish();
      else {
        typed = true;
        tail = '';
        serial.write(`${command}\r`);
      }
    };
    const onData = (chunk: Buffer): void => {
      tail = (tail + chunk.toString('latin1')).slice(-TAIL_BYTES);
      clearTimeout(quiet);
      clearTimeout(nudge);
      // What is echoed of the command must not be taken for the prompt after it.
      if (!typed || tail.includes('\n')) quiet = setTimeout(onQuiet, QUIET_MS);
    };
    const deadline = setTimeout(() => {
      finish(
        new CliError(`${waitingFor()} did not come within ${timeoutMs / 1000} s`, {
          remedy: 'Raise --timeout, or give the form of the prompt with --prompt REGEX.',
        }),
      );
    }, timeoutMs);
    serial.on('data', onData).on('close', onClose);
  });
