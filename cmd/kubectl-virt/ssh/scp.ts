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

/** `[USER@]vm/NAME`, `[USER@]vmi/NAME` and their long names. */
const KIND = /^([^/]*@)?(vmi?s?|virtualmachine(instance)?s?)\//i;

/**
 * As scp tells it: what has a slash before its first colon is a file of this machine, and so is `C:\file` where there
 * are drives. The slash of a target's kind is none of those.
 */
const isRemote = (text: string): boolean => {
  const [head = '', ...rest] = text.split(':');
  if (rest.length === 0 || (process.platform === 'win32' && /^[A-Za-z]$/.test(head))) return false;
  return !head.includes('/') || KIND.test(head);
};

/** A file of this machine whose name scp could read as a flag. */
const local = (file: string): string => (file.startsWith('-') ? `./${file}` : file);

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
