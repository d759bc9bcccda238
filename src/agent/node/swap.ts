import { readFileSync } from 'node:fs';

/** Whether the node has swap in use: the list's first line is its heading. Never throws; unknown counts as none. */
export const hasSwap = (path = '/proc/swaps'): boolean => {
  try {
    return readFileSync(path, 'utf8').trim().split('\n').length > 1;
  } catch {
    return false;
  }
};
