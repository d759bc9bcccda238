import { HIDDEN } from '../../api/visible-text.js';

/**
 * Text from a guest, or from a program that took the place of its libvirtd, before it is put into a status, an event, a
 * log or an answer: not longer than `maxBytes` of UTF-8, on one line, and without what would act on a reader's terminal
 * or hide in it. Halves of surrogate pairs are removed too: the API server would store something else for them, and
 * each comparison with what is stored would differ.
 */
export const foreignText = (text: string, maxBytes: number): string => {
  // Each character has a byte at least. Cut first: the text may be a megabyte, and the rest of it is not looked at.
  const printable = text
    .slice(0, maxBytes + 1)
    .replace(/\s+/g, ' ')
    .replace(HIDDEN, '\uFFFD');
  const bytes = Buffer.from(printable, 'utf8');
  // Through bytes in any case: a slice of a string keeps the whole of it in memory.
  if (bytes.length <= maxBytes && text.length <= maxBytes) return bytes.toString('utf8');
  let end = Math.max(0, maxBytes - ELLIPSIS_BYTES);
  while (end > 0 && isContinuation(bytes[end])) end -= 1;
  return `${bytes.subarray(0, end).toString('utf8')}…`;
};

const ELLIPSIS_BYTES = 3;
const isContinuation = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;
