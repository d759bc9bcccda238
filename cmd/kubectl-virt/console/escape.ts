import { UsageError } from '../errors.js';

/** `^]`: what telnet, virsh and virtctl use. */
const CONTROL_FIRST = 0x40;

/**
 * The byte that leaves the console: `^X` in caret notation, one ASCII character, or `none`.
 * @returns undefined for `none`
 */
export const parseEscape = (text: string): number | undefined => {
  if (text === 'none') return undefined;
  const caret = /^\^([@-_a-z])$/.exec(text)?.[1];
  if (caret !== undefined) return caret.toUpperCase().charCodeAt(0) - CONTROL_FIRST;
  const code = text.charCodeAt(0);
  if (text.length === 1 && code < 0x80) return code;
  throw new UsageError(`invalid --escape "${text}"`, {
    remedy: 'Use ^X in caret notation, one ASCII character, or none.',
  });
};

/** How an escape byte is shown to the user. */
export const describeEscape = (byte: number): string =>
  byte < 0x20 ? `Ctrl+${String.fromCharCode(byte + CONTROL_FIRST)}` : String.fromCharCode(byte);

/**
 * Splits typed input at the escape byte, wherever in the chunk it is: what precedes it is still meant for the guest
 * (docs/reference/control.md §1.5, ours).
 */
export const splitAtEscape = (chunk: Buffer, escape: number | undefined): { send: Buffer; leave: boolean } => {
  const at = escape === undefined ? -1 : chunk.indexOf(escape);
  return at < 0 ? { send: chunk, leave: false } : { send: chunk.subarray(0, at), leave: true };
};
