import { UsageError } from './errors.js';
import type { Io } from './io.js';

/** The parser's complaint about these words, in words that say what to write. `command`: the one that was named. */
export const usageError = (
  io: Io,
  args: readonly string[],
  command: string | undefined,
  message: string,
): UsageError => {
  const remedy = `See: ${io.program} ${command === undefined ? '' : `${command} `}--help`;
  const unknown = /^Unknown arguments?: (.*)$/.exec(message)?.[1]?.split(', ')[0];
  if (unknown !== undefined) {
    const isFlag = args.some((arg) => arg.replace(/=.*$/, '') === `--${unknown}` || arg === `-${unknown}`);
    return new UsageError(`${command ?? ''}: unknown ${isFlag ? 'flag --' : 'argument '}${unknown}`, { remedy });
  }
  if (message.startsWith('Not enough non-option arguments')) {
    const missing = command === undefined ? 'no command given' : `${command}: an argument is missing`;
    return new UsageError(missing, { remedy });
  }
  const flag = /^Not enough arguments following: (.*)$/.exec(message)?.[1];
  if (flag !== undefined) {
    return new UsageError(`flag ${flag.length === 1 ? '-' : '--'}${flag} needs a value`, { remedy });
  }
  return new UsageError(message.replaceAll(/\n\s*/g, ' '), { remedy });
};
