import yargs from 'yargs';
import type { Argv, Options } from 'yargs';
import { behindDashes, commandsBelow, epilogueOf, inHelpOrder, usageOf } from './command.js';
import type { Command, RunLine } from './command.js';
import { ExitCode } from './errors.js';
import type { Argument, Flag, Flags } from './flag.js';
import { GLOBAL_FLAGS } from './global-flags.js';
import type { Io } from './io.js';
import { checkWords } from './check-words.js';
import { wrapHelp } from './help-text.js';
import { usageError } from './usage-error.js';

/** A flag given twice is an array to yargs; for a single value the last one counts, as in kubectl. */
const lastValues = (argv: Record<string, unknown>, arrays: ReadonlySet<string>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(argv).map(([key, value]) => [key, Array.isArray(value) && !arrays.has(key) ? value.at(-1) : value]),
  );

const arraysOf = ({ arguments: words, flags }: Command): ReadonlySet<string> =>
  new Set([
    '_',
    ...Object.entries({ ...GLOBAL_FLAGS, ...words, ...flags })
      .filter(([, value]: [string, Flag | Argument]) => 'array' in value)
      .map(([name]) => name),
  ]);

/**
 * A flag that may stand alone must not swallow the next word; a lone `-` (stdin) is dropped by yargs where it is not a
 * flag's value.
 */
const normalise = (args: readonly string[], commands: readonly Command[]): string[] => {
  const alone = new Map<string, string>();
  const readsStdin = new Map<string, string>();
  const dashes = new Map<string, string>();
  for (const [name, flag] of commands.flatMap(({ flags }) => Object.entries(flags))) {
    if (flag.type === 'boolean') continue;
    if (flag.alone !== undefined) alone.set(`--${name}`, `--${name}=${flag.alone}`);
    if (flag.dashes === true)
      for (const written of [`--${name}`, `-${flag.alias ?? '-'}`]) dashes.set(written, `--${name}`);
    if (flag.stdin !== true) continue;
    for (const written of [`--${name}`, `-${flag.alias ?? '-'}`]) readsStdin.set(written, `--${name}`);
  }
  const end = args.indexOf('--');
  return args.flatMap((arg, index) => {
    if (end >= 0 && index >= end) return arg;
    const joins = dashes.get(arg);
    if (joins !== undefined && args[index + 1] !== undefined) return `${joins}=${args[index + 1] ?? ''}`;
    if (dashes.has(args[index - 1] ?? '')) return [];
    const long = readsStdin.get(arg);
    if (long !== undefined && args[index + 1] === '-') return `${long}=-`;
    if (arg !== '-') return alone.get(arg) ?? arg;
    return readsStdin.has(args[index - 1] ?? '') ? [] : '--filename=-';
  });
};

/** `-nprod` and `-lapp=web` as `--namespace=prod` and `--selector=app=web`: yargs takes them for many letters. */
const withoutJoined = (args: readonly string[], { flags }: Pick<Command, 'flags'>): string[] => {
  const letters = new Map<string, string>();
  const takesNext = new Set<string>();
  for (const [name, flag] of Object.entries<Flag>({ ...GLOBAL_FLAGS, ...flags })) {
    if (flag.type === 'boolean') continue;
    const letter = flag.alias ?? name;
    if (letter.length === 1) letters.set(letter, name);
    if (flag.alone === undefined) takesNext.add(`--${name}`).add(`-${letter}`);
  }
  const end = args.indexOf('--');
  return args.map((word, index) => {
    const [, letter = '', value = ''] = /^-([a-z])=?([^]*)$/i.exec(word) ?? [];
    const name = letters.get(letter);
    const isValue = (end >= 0 && index >= end) || takesNext.has(args[index - 1] ?? '');
    return name === undefined || word.length === 2 || isValue ? word : `--${name}=${value}`;
  });
};

/** What stands behind `--`, for a command that takes it as it is, and what stands before. */
const wordsBehindDashes = (
  command: Command,
  given: readonly string[],
): { readonly before: readonly string[]; readonly words: Readonly<Record<string, string[]>> } | undefined => {
  const [name, end] = [behindDashes(command), given.indexOf('--')];
  if (name === undefined || end < 0) return undefined;
  return { before: given.slice(0, end), words: { [name]: given.slice(end + 1) } };
};

/** Wider help is hard to read. */
const HELP_COLUMNS = 110;

/** yargs knows commands of one word: a second is joined to the first, and parted again in what it prints. */
const joined = (name: string): string => name.replace(' ', '+');
const parted = (commands: readonly Command[], text: string): string =>
  commands.reduce((all, { name }) => (name.includes(' ') ? all.replaceAll(joined(name), name) : all), text);

/** A choice as it is declared; what is none is refused as it was written. */
const asDeclared =
  (choices: readonly string[]) =>
  (written: unknown): unknown =>
    Array.isArray(written)
      ? written.map(asDeclared(choices))
      : (choices.find((choice) => choice.toLowerCase() === String(written).toLowerCase()) ?? written);

const optionsOf = (flags: Flags): Record<string, Options> =>
  Object.fromEntries(
    Object.entries<Flag>(flags).map(([name, flag]): [string, Options] => [
      name,
      flag.type !== 'boolean' && flag.anyCase === true && 'choices' in flag
        ? { ...(flag as Options), coerce: asDeclared(flag.choices) }
        : (flag as Options),
    ]),
  );

/** yargs without a command, with kubectl's manners. @param above the first word of the commands that are listed */
const plainParser = (io: Io, above: string | undefined, own: Flags = {}): Argv => {
  const parser = yargs([])
    .scriptName(io.program)
    .parserConfiguration({
      'camel-case-expansion': false,
      'dot-notation': false,
      'parse-positional-numbers': false,
      'greedy-arrays': false,
    })
    // Without it yargs reads the locale and looks for a translation.
    .locale('en')
    .usage(`$0 ${above === undefined ? '' : `${above} `}COMMAND\n\nControls virtual machines on Kubernetes.`)
    .version(false)
    .help('help', 'Show help')
    .alias('h', 'help')
    // It would break words; see wrapHelp.
    .wrap(null)
    .exitProcess(false)
    .strict()
    .epilogue(`Flags of kubectl such as -n, --context and --kubeconfig work with every command: ${io.program} options`);
  for (const [name, flag] of Object.entries(GLOBAL_FLAGS)) {
    // `create vm --user` is not kubectl's.
    if (Object.hasOwn(own, name)) continue;
    parser.option(name, { ...flag, hidden: true, requiresArg: flag.type === 'string' });
  }
  return parser;
};

/**
 * Parses one command line and runs its command.
 * @returns the command's exit code
 * @throws UsageError when it is wrong; what the command throws
 */
export const parseAndRun = async (
  io: Io,
  args: readonly string[],
  all: readonly Command[],
  runLine: RunLine,
): Promise<number> => {
  let exitCode: number = ExitCode.ok;
  const { command: meant, above, words: given } = checkWords(io, args, all);
  const named = meant?.name;
  const rest = meant && wordsBehindDashes(meant, given);
  const commands = above === undefined ? all : commandsBelow(all, above);
  const optionsHint = `"${io.program} options" lists the flags that every command takes.`;
  const parser = plainParser(io, above, meant?.flags);
  for (const command of inHelpOrder(commands)) {
    const usage = usageOf(command);
    parser.command(
      usage.replace(command.name, joined(command.name)).replace(/ -- .*$/, ''),
      // The types know no `false`, which hides a command.
      (command.hidden === true ? false : command.describe) as string,
      (own) => {
        for (const [name, argument] of Object.entries(command.arguments))
          if (argument.behindDashes !== true) own.positional(name, argument);
        own.options(optionsOf(command.flags));
        for (const [line, about] of command.examples) own.example(`$0 ${line}`, about);
        return own
          .usage(`$0 ${usage}\n\n${command.describe}`)
          .epilogue(`${epilogueOf(command) ?? ''}\n\n${optionsHint}`.trim());
      },
      async (argv) => {
        const values = { ...argv, ...(rest === undefined ? {} : rest.words) };
        exitCode = await command.run(io, lastValues(values, arraysOf(command)), runLine);
      },
    );
  }
  parser.fail((message: string | null, error: Error | undefined) => {
    // yargs's own complaints come as a message or as a YError; everything else is a command's.
    if (error !== undefined && error.name !== 'YError') throw error;
    throw usageError(io, args, named, message ?? error?.message ?? '');
  });
  // With a callback yargs hands over what it would print, so that help ends up on our stdout.
  let output = '';
  const line = (rest?.before ?? given).map((word) => (word === named ? joined(word) : word));
  const asksHelp = args.length === 0 || above !== undefined;
  const words = normalise(
    asksHelp ? ['--help'] : meant === undefined ? line : withoutJoined(line, meant),
    meant ? [meant] : commands,
  );
  await parser.parseAsync(words, {}, (_error: unknown, _argv: unknown, text: string) => {
    output = parted(commands, text);
  });
  if (output !== '') io.stdout.write(`${wrapHelp(output, Math.min(HELP_COLUMNS, io.stdout.columns))}\n`);
  return exitCode;
};
