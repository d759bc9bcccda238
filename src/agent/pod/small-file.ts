import { closeSync, openSync, readdirSync, readSync } from 'node:fs';

/** What is longer is cut off: a process of very many groups, a cgroup of very many controllers. */
const MAX_BYTES = 64 * 1024;
const buffer = Buffer.alloc(MAX_BYTES);

/**
 * The text of a small file of /proc or of a cgroup; undefined where there is none: a process may end while we look.
 * Read at once: the kernel makes such a file in some microseconds, where a way through Node's threads takes a hundred
 * of processor time for each. Never for a file that a tenant made, which may take as long as he likes.
 */
export const kernelText = (path: string): string | undefined => {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch {
    return undefined;
  }
  try {
    let length = 0;
    while (length < MAX_BYTES) {
      const count = readSync(descriptor, buffer, length, MAX_BYTES - length, null);
      if (count === 0) break;
      length += count;
    }
    return buffer.toString('latin1', 0, length);
  } catch {
    return undefined;
  } finally {
    closeSync(descriptor);
  }
};

/** Names in a directory of the kernel's; none where it is gone. */
export const kernelNames = (path: string): string[] => {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
};

/** `name value` or `Name:   value kB`, one a line. What is no whole number is left out. */
export const kernelTable = (text: string | undefined): ReadonlyMap<string, number> => {
  const table = new Map<string, number>();
  for (const line of (text ?? '').split('\n')) {
    const [, name, value] = /^([\w.()]+):?[ \t]+(\d{1,20})(?: kB)?$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) table.set(name, Number(value));
  }
  return table;
};
