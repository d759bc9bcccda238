import { commandOf, commandsBelow, type Command } from '../command.js';
import { completionOf, writtenName } from '../flag.js';
import type { Argument } from '../flag.js';
import type { Io } from '../io.js';
import { silentWriter } from '../text-writer.js';
import { Directive, NOTHING } from './candidates.js';
import type { Completion } from './candidates.js';
import { completeValue } from './values.js';
import { flagBeingTyped, flagsOf, plainWords, readGlobalFlags } from './words.js';

/** Completion is worth this much waiting and no more. */
const TIMEOUT = '2000ms';

const flagNames = (command: Command | undefined): Completion => ({
  candidates: flagsOf(command).map(([name, flag]) => `${writtenName(name, flag)}\t${flag.describe}`),
  directive: Directive.noFiles,
});

/** What completes the first of two words. */
const secondWords = (below: readonly Command[]): Completion => ({
  candidates: below.map(({ name, describe }) => `${name.replace(/^\S+ /, '')}\t${describe}`),
  directive: Directive.noFiles,
});

/** What the next word of the command is; the last one may be given again and again where it is a list. */
const argumentAt = (command: Command, index: number): Argument | undefined => {
  const all = Object.values(command.arguments);
  const last = all.at(-1);
  return all[index] ?? (last?.array === true ? last : undefined);
};

/** What could come next. `words` are those after the program's name; the last is the one being typed. */
const candidatesFor = async (io: Io, words: readonly string[], commands: readonly Command[]): Promise<Completion> => {
  const current = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const [name, second] = plainWords(undefined, before);
  const command = commandOf(commands, name, second);
  const earlier = plainWords(command, before).slice(command?.name.includes(' ') === true ? 2 : 1);
  const place = { io, commands, flags: readGlobalFlags(before, TIMEOUT), before: earlier };
  const typed = flagBeingTyped(command, before.at(-1) ?? '', current);
  if (typed !== undefined) {
    const completion = typed.flag === undefined ? undefined : completionOf(typed.flag);
    if (completion === undefined) return NOTHING;
    const value = await completeValue(completion, { ...place, current: current.slice(typed.prefix.length) });
    return { ...value, candidates: value.candidates.map((each) => typed.prefix + each) };
  }
  if (current.startsWith('-')) return flagNames(command);
  if (name === undefined) return completeValue('command', { ...place, current });
  if (command === undefined && second === undefined) return secondWords(commandsBelow(commands, name));
  const argument = command === undefined ? undefined : argumentAt(command, earlier.length);
  const completion = argument === undefined ? undefined : completionOf(argument);
  return completion === undefined ? NOTHING : completeValue(completion, { ...place, current });
};

/**
 * `__complete WORD…`: one candidate per line, then `:DIRECTIVE`. Never an error on the terminal: the user is in the
 * middle of a line.
 */
export const complete = async (io: Io, words: readonly string[], commands: readonly Command[]): Promise<number> => {
  const current = words.at(-1) ?? '';
  let result: Completion = { candidates: [], directive: Directive.error | Directive.noFiles };
  const quiet = { ...io, stderr: silentWriter };
  try {
    result = await candidatesFor(quiet, words, commands);
  } catch {
    // The directive says that there was an error.
  }
  const fitting = result.candidates.filter((candidate) => candidate.startsWith(current));
  io.stdout.write(`${[...fitting, `:${result.directive}`].join('\n')}\n`);
  return 0;
};
