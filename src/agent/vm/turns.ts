import { setImmediate as nextTurn } from 'node:timers/promises';

/** Text up to this takes a fraction of a millisecond to read, and is read at once: an honest libvirtd's is. */
const SMALL = 32_768;
let last: Promise<void> = Promise.resolve();

/**
 * Waits for a turn of the event loop in which no other large text is read. Each takes milliseconds; those of ten VMs in
 * the same turn would make everybody else wait for all of them.
 */
export const turnFor = (text: string): Promise<void> => {
  if (text.length <= SMALL) return Promise.resolve();
  last = last.then(() => nextTurn());
  return last;
};
