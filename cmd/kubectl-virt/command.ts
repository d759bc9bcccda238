import type { Arguments, Flags, ValuesOf } from './flag.js';
import type { GlobalFlags } from './global-flags.js';
import type { Io } from './io.js';

/*
 * A command of the plugin, as data. One file of commands/ declares one; parser, help, completion, the page of commands,
 * the bundle's chunks and the tests are made from these declarations.
 */

/** Runs another command line in the same surroundings, as `help start` runs `start --help`. */
export type RunLine = (args: readonly string[]) => Promise<number>;

/**
 * What a command does with its flags; resolves to the exit code. It imports what does the work when it is called
 * (`await import('../folder/file.js')`): the bundle keeps each folder apart, so that other commands need not read it.
 */
type Run<F> = (io: Io, flags: F, runLine: RunLine) => Promise<number>;

/** Headings of the list of commands, in their order. */
export const COMMAND_GROUPS = [
  'Virtual machines in a cluster',
  'Manifests, without a cluster',
  'Policies for virtual machines',
  'The plugin',
] as const;

interface Declaration<A extends Arguments, F extends Flags> {
  /** The word, or two (`policy test`); also the name of the file, with a dash between them. */
  readonly name: string;
  readonly group: (typeof COMMAND_GROUPS)[number];
  readonly describe: string;
  /** Left out of the list of commands, as kubectl does with `options`. */
  readonly hidden?: true;
  readonly arguments: A;
  /** Besides those that every command takes (global-flags.ts). */
  readonly flags: F;
  /** Command lines without the program's name, each with what it does. */
  readonly examples: readonly (readonly [line: string, about: string])[];
  /** What else is worth knowing; the end of the help. */
  readonly epilogue?: string;
  /** Exit code 1 means findings, so that every other failure must be 2. */
  readonly finds?: true;
  readonly run: Run<ValuesOf<A> & ValuesOf<F> & GlobalFlags>;
}

/** A declared command, whatever its flags are. */
export interface Command extends Omit<Declaration<Arguments, Flags>, 'run'> {
  readonly run: Run<Readonly<Record<string, unknown>>>;
}

/** Declares a command. The types of what `run` gets follow from its arguments and flags. */
export const defineCommand = <const A extends Arguments, const F extends Flags>(
  declaration: Declaration<A, F>,
): Command => ({
  ...declaration,
  // The parser makes the values by this very declaration.
  run: (io, flags, runLine) =>
    declaration.run(io, flags as unknown as ValuesOf<A> & ValuesOf<F> & GlobalFlags, runLine),
});

/** `start <target>`, `explain [id]`, `lint [files..]`. */
export const usageOf = ({ name, arguments: words }: Command): string =>
  [
    name,
    ...Object.entries(words).map(([word, argument]) => {
      if (argument.behindDashes === true) return `-- <${word}..>`;
      const inside = argument.array === true ? `${word}..` : word;
      return argument.required === true ? `<${inside}>` : `[${inside}]`;
    }),
  ].join(' ');

/** The name of what stands behind `--`, where it has such. */
export const behindDashes = ({ arguments: words }: Command): string | undefined =>
  Object.keys(words).find((word) => words[word]?.behindDashes === true);

/** The command that these words begin with: one word, or two. */
export const commandOf = (commands: readonly Command[], first = '', second = ''): Command | undefined =>
  commands.find(({ name }) => name === `${first} ${second}`) ?? commands.find(({ name }) => name === first);

/** The commands whose first of two words it is. */
export const commandsBelow = (commands: readonly Command[], word: string): readonly Command[] =>
  commands.filter(({ name }) => name.startsWith(`${word} `));

/** By group, then by name. */
export const inHelpOrder = (commands: readonly Command[]): Command[] =>
  COMMAND_GROUPS.flatMap((group) =>
    commands.filter((command) => command.group === group).toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  );

const FINDINGS =
  'Exit code: 0 no errors (warnings are none), 1 errors, 2 wrong usage, unreadable files, or nothing (or not every virtual machine) checked.';

/** What stands at the end of the help. */
export const epilogueOf = ({ finds, epilogue }: Command): string | undefined =>
  epilogue ?? (finds === true ? FINDINGS : undefined);
