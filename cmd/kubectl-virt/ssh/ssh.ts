import { UsageError } from '../errors.js';
import type { Io } from '../io.js';
import type { SshFlags } from './flags.js';
import { parseRemote } from './remote.js';
import { runLocal, wayTo } from './run.js';

type ShellFlags = SshFlags & {
  target: string;
  words?: string[] | undefined;
  command?: string | undefined;
};

/** `ssh [USER@]TARGET`. Source: docs/reference/control.md §1.7. */
export const openShell = async (io: Io, flags: ShellFlags): Promise<number> => {
  const { command, words = [] } = flags;
  if (command !== undefined && words.length > 0)
    throw new UsageError('--command stands beside the words of a command', { remedy: 'Keep one of them.' });
  const way = await wayTo(io, flags, parseRemote(flags.target));
  return runLocal(io, 'ssh', [...way.flags, '--', way.host, ...(command === undefined ? words : [command])]);
};
