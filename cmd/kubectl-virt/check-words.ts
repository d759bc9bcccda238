import { suggest } from '../../src/api/schema-check/suggest.js';
import { commandOf, commandsBelow, type Command } from './command.js';
import { UsageError } from './errors.js';
import type { Flag } from './flag.js';
import { GLOBAL_FLAGS } from './global-flags.js';
import type { Io } from './io.js';
import { onlyInVirtctl } from './virtctl-commands.js';

/*
 * What is wrong with the words of a command line, said before the parser looks at them: it names the first flag that
 * nobody knows only where nothing else is wrong, and makes NaN of what is no number.
 */

type Table = readonly (readonly [name: string, flag: Flag])[];

const HELP: Table = [['help', { type: 'boolean', alias: 'h', describe: 'Show help' }]];

/** Before the command is known any command's flag may stand. */
const tableOf = (command: Command | undefined, commands: readonly Command[]): Table => [
  ...(command === undefined ? commands : [command]).flatMap(({ flags }) => Object.entries<Flag>(flags)),
  ...Object.entries<Flag>(GLOBAL_FLAGS),
  ...HELP,
];

interface Written {
  /** With its dashes. */
  readonly name: string;
  readonly flag: Flag | undefined;
  readonly value: string | undefined;
}

const readFlag = (word: string, table: Table): Written => {
  const [, dashes = '', name = '', inline] = /^(--?)([^=]*)(?:=([^]*))?$/.exec(word) ?? [];
  const byName = (wanted: string): Flag | undefined => table.find(([each]) => each === wanted)?.[1];
  if (dashes === '--') {
    const off = /^no-(.*)$/.exec(name)?.[1];
    const negated = off === undefined ? undefined : byName(off);
    const flag = byName(name) ?? (negated?.type === 'boolean' ? negated : undefined);
    return { name: `--${name}`, flag, value: inline };
  }
  const [letter = ''] = name;
  const flag = table.find(([each, { alias }]) => alias === letter || each === letter)?.[1];
  if (name.length === 1) return { name: `-${letter}`, flag, value: inline };
  // `-nprod`; of switches, each letter is one, which nobody writes here.
  return flag === undefined || flag.type === 'boolean'
    ? { name: `-${name}`, flag: undefined, value: inline }
    : { name: `-${letter}`, flag, value: word.slice(2) };
};

const unknownFlag = (io: Io, command: Command | undefined, name: string, table: Table): UsageError => {
  // Of a letter nobody can say which was meant.
  const near =
    name.length < 4
      ? undefined
      : suggest(
          name.replace(/^-+/, ''),
          table.map(([each]) => each),
        );
  const called = command === undefined ? '' : `${command.name}: `;
  return new UsageError(`${called}unknown flag ${name}`, {
    remedy: `${near === undefined ? '' : `Did you mean --${near}? `}See: ${io.program} ${command === undefined ? '' : `${command.name} `}--help`,
  });
};

const isNumber = (text: string): boolean => text.trim() !== '' && Number.isFinite(Number(text));

/** `policy tset`: one of two words is known. */
const unknownBelow = (io: Io, first: string, second: string, below: readonly Command[]): UsageError => {
  const elsewhere = onlyInVirtctl(`${first} ${second}`);
  if (elsewhere !== undefined) return new UsageError(elsewhere.message, { remedy: elsewhere.remedy });
  const near = suggest(
    second,
    below.map(({ name }) => name.slice(first.length + 1)),
  );
  return new UsageError(`unknown command "${first} ${second}"`, {
    remedy: `${near === undefined ? '' : `Did you mean "${first} ${near}"? `}See: ${io.program} ${first} --help`,
  });
};

const unknownCommand = (io: Io, word: string, next: string, commands: readonly Command[]): UsageError => {
  const below = commandsBelow(commands, word);
  if (below.length > 0) return unknownBelow(io, word, next, below);
  const elsewhere = onlyInVirtctl(word);
  if (elsewhere !== undefined) return new UsageError(elsewhere.message, { remedy: elsewhere.remedy });
  const near = suggest(
    word,
    commands.map(({ name }) => name.split(' ')[0] ?? name),
  );
  return new UsageError(`unknown command "${word}"`, {
    remedy: `${near === undefined ? '' : `Did you mean "${near}"? `}See: ${io.program} --help`,
  });
};

/** What the words of a command line name. */
interface Named {
  readonly command: Command | undefined;
  /** The first of two words, where the second is not there: what is below it is wanted. */
  readonly above: string | undefined;
  /** The words, those of the command in one. */
  readonly words: readonly string[];
}

/** What cannot be a command's second word: `policy --help`. */
const isWord = (word: string | undefined): word is string => word !== undefined && !word.startsWith('-');

/**
 * @returns the command that is named
 * @throws UsageError for a command or flag that nobody knows, and a number that is none
 */
export const checkWords = (io: Io, args: readonly string[], commands: readonly Command[]): Named => {
  let command: Command | undefined;
  let words = args;
  for (let index = 0; index < args.length; index += 1) {
    const word = args[index] ?? '';
    if (word === '--') break;
    const table = tableOf(command, commands);
    if (!word.startsWith('-') || word === '-') {
      if (command !== undefined) continue;
      const next = args[index + 1];
      command = commandOf(commands, word, next);
      if (command === undefined && !isWord(next) && commandsBelow(commands, word).length > 0)
        return { command, above: word, words };
      if (command === undefined) throw unknownCommand(io, word, next ?? '', commands);
      if (command.name !== word) {
        words = [...args.slice(0, index), command.name, ...args.slice(index + 2)];
        index += 1;
      }
      continue;
    }
    const { name, flag, value: inline } = readFlag(word, table);
    if (flag === undefined) throw unknownFlag(io, command, name, table);
    if (flag.type === 'boolean') continue;
    const takesNext = inline === undefined && flag.alone === undefined;
    const value = takesNext ? args[index + 1] : (inline ?? flag.alone);
    if (value === undefined || (takesNext && value.startsWith('--')))
      throw new UsageError(`flag ${name} needs a value`, { remedy: `${name}: ${flag.describe}` });
    if (takesNext) index += 1;
    if (flag.type === 'number' && !isNumber(value))
      throw new UsageError(`invalid ${name} "${value}"`, { remedy: `It is a number: ${flag.describe}` });
  }
  return { command, above: undefined, words };
};
