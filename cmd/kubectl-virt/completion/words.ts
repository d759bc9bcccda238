import type { Command } from '../command.js';
import type { Flag, Flags } from '../flag.js';
import { GLOBAL_FLAGS } from '../global-flags.js';
import type { GlobalFlagName, GlobalFlags } from '../global-flags.js';

/* Half-written command lines, read word by word. */

/** A flag whose value is being typed, and what of the word comes before the value. */
export interface FlagBeingTyped {
  readonly flag: Flag | undefined;
  readonly prefix: string;
}

const aliasOf = (flag: Flag): string | undefined => flag.alias;

/** The flags that may stand here; the command's own before those of kubectl. */
export const flagsOf = (command: Command | undefined): [string, Flag][] =>
  Object.entries<Flag>({ ...command?.flags, ...without(GLOBAL_FLAGS, command?.flags) });

const without = (flags: Flags, others: Flags = {}): Flags =>
  Object.fromEntries(Object.entries(flags).filter(([name]) => !Object.hasOwn(others, name)));

const findFlag = (command: Command | undefined, written: string): [string, Flag] | undefined => {
  const [, dashes, word = ''] = /^(--?)([a-z-]+)$/.exec(written) ?? [];
  if (dashes === undefined) return undefined;
  return flagsOf(command).find(([name, flag]) => (dashes === '--' ? name === word : aliasOf(flag) === word));
};

/** Whether the word after it is its value. Of flags that nobody knows it is taken to be. */
const takesNextWord = (command: Command | undefined, written: string): boolean => {
  if (!/^(--[a-z-]+|-[a-z])$/.test(written)) return false;
  const known = findFlag(command, written) ?? findFlag(command, written.replace(/^--no-/, '--'));
  if (known === undefined) return written.startsWith('--');
  const [, flag] = known;
  return flag.type !== 'boolean' && flag.alone === undefined;
};

/** Which flag's value is being typed: `--flag VALUE`, `--flag=VALUE` or `-f VALUE`. */
export const flagBeingTyped = (
  command: Command | undefined,
  previous: string,
  current: string,
): FlagBeingTyped | undefined => {
  const [, prefix, inline] = /^((--[a-z-]+)=)/.exec(current) ?? [];
  if (prefix !== undefined && inline !== undefined) return { flag: findFlag(command, inline)?.[1], prefix };
  return takesNextWord(command, previous) ? { flag: findFlag(command, previous)?.[1], prefix: '' } : undefined;
};

/** The words of the command line that are not flags or flags' values. */
export const plainWords = (command: Command | undefined, words: readonly string[]): string[] =>
  words.filter((word, index) => !word.startsWith('-') && !takesNextWord(command, words[index - 1] ?? ''));

/** kubectl's flags among the words so far, so that `-n prod start <TAB>` lists what is in prod. */
export const readGlobalFlags = (words: readonly string[], requestTimeout: string): GlobalFlags => {
  const values: { [Name in GlobalFlagName]?: unknown } = {};
  const groups: string[] = [];
  for (const [index, word] of words.entries()) {
    const [, letter, joined] = /^(-[a-z])([^=-].*)$/.exec(word) ?? [];
    const [written = '', ...rest] = letter === undefined ? word.split('=') : [letter, joined ?? ''];
    const [name, flag] = findFlag(undefined, written) ?? [];
    if (name === undefined || flag === undefined) continue;
    const value = rest.length > 0 ? rest.join('=') : words[index + 1];
    if (flag.type === 'boolean') values[name as GlobalFlagName] = rest.join('=') !== 'false';
    else if (name === 'as-group' && value !== undefined) groups.push(value);
    else if (flag.type === 'string') values[name as GlobalFlagName] = value;
  }
  const asGroup = groups.length > 0 ? groups : undefined;
  // By the declarations of the flags their values are what the parser would have made of them.
  return { ...values, 'request-timeout': requestTimeout, v: 0, 'as-group': asGroup } as GlobalFlags;
};
