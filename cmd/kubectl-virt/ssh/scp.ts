import { UsageError } from '../errors.js';
import type { Io } from '../io.js';
import type { SshFlags } from './flags.js';
import { parseRemote } from './remote.js';
import { runLocal, wayTo } from './run.js';

type CopyFlags = SshFlags & {
  source: string;
  destination: string;
  recursive?: boolean | undefined;
  preserve?: boolean | undefined;
};

/** `C:\file` is a file of this machine. */
const isRemote = (text: string): boolean =>
  text.includes(':') && !(process.platform === 'win32' && /^[A-Za-z]:/.test(text));

/** A file of this machine whose name scp could read as a flag, or as one of another machine. */
const local = (file: string): string => (/^-|:/.test(file) ? `./${file}` : file);

/** `scp SOURCE DESTINATION`. Source: docs/reference/control.md §1.7. */
export const copyFiles = async (io: Io, flags: CopyFlags): Promise<number> => {
  const { source, destination } = flags;
  const [fromGuest, toGuest] = [isRemote(source), isRemote(destination)];
  if (fromGuest && toGuest)
    throw new UsageError('copying from a remote location to another remote location is not supported', {
      remedy: 'Copy to this machine first.',
    });
  if (!fromGuest && !toGuest)
    throw new UsageError('none of the two provided locations seems to be a remote location', {
      remedy: 'Write that of the guest as [USER@]vm/NAME[/NAMESPACE]:FILE.',
    });
  const remote = fromGuest ? source : destination;
  const colon = remote.indexOf(':');
  const way = await wayTo(io, flags, parseRemote(remote.slice(0, colon)));
  const place = `${way.host}:${remote.slice(colon + 1)}`;
  return runLocal(io, 'scp', [
    ...way.flags,
    ...(flags.recursive === true ? ['-r'] : []),
    ...(flags.preserve === true ? ['-p'] : []),
    '--',
    ...(fromGuest ? [place, local(destination)] : [local(source), place]),
  ]);
};
