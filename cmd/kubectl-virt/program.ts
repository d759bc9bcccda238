import { commandOf, type Command } from './command.js';
import { COMMANDS } from './commands/index.js';
import { CliError, ExitCode, isCliError } from './errors.js';
import type { Io } from './io.js';
import { parseAndRun } from './parser.js';

/** How the completion scripts and kubectl_complete-virt call the plugin. */
const COMPLETE = '__complete';

/**
 * Runs one command line. Errors come as exceptions (CliError and what is unforeseen); the caller prints them.
 * @returns the exit code
 */
export const main = async (
  args: readonly string[],
  io: Io,
  commands: readonly Command[] = COMMANDS,
): Promise<number> => {
  // Completion gets half-written command lines, which no parser can read: it has its own.
  if (args[0] === COMPLETE) {
    return (await import('./completion/complete.js')).complete(io, args.slice(1), commands);
  }
  // Of other programs one knows it so, behind whatever flags. With a value -v is the log level.
  const asksVersion = ['--version', '-v'].includes(args.at(-1) ?? '');
  if (asksVersion && !args.some((arg) => commands.some(({ name }) => name === arg || name.startsWith(`${arg} `))))
    return main(['version', '--client'], io, commands);
  try {
    return await parseAndRun(io, args, commands, (line) => main(line, io, commands));
  } catch (error) {
    const finds = commandOf(commands, args[0], args[1])?.finds === true;
    // For these 1 means findings, so everything else must be another code.
    if (finds && isCliError(error) && error.exitCode === ExitCode.failure) {
      throw new CliError(error.message, { remedy: error.remedy, exitCode: ExitCode.usage, cause: error });
    }
    throw error;
  }
};
