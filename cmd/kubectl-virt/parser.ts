import yargs from 'yargs';
import type { Argv, Options } from 'yargs';
import { ExitCode, UsageError } from './errors.js';
import { GLOBAL_FLAGS } from './global-flags.js';
import type { Io } from './io.js';

/** What a command does with its parsed flags; resolves to the exit code. Loaded only when the command is called. */
type Run<F> = (flags: F) => Promise<number>;

export interface CommandSpec<F> {
  readonly usage: string | readonly string[];
  readonly describe: string | false;
  readonly options?: Readonly<Record<string, Options>>;
  readonly positionals?: Readonly<Record<string, Options>>;
  readonly examples?: readonly (readonly [string, string])[];
  readonly epilogue?: string;
  readonly run: Run<F>;
}

/** A flag given twice is an array to yargs; for a single value the last one counts, as in kubectl. */
const lastValues = (argv: Record<string, unknown>, arrays: ReadonlySet<string>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(argv).map(([key, value]) => [key, Array.isArray(value) && !arrays.has(key) ? value.at(-1) : value]),
  );

/**
 * `--dry-run` may stand alone, and then must not swallow the next word; a lone `-` (stdin) is dropped by the parser where
 * it is not a flag's value.
 */
const normalise = (args: readonly string[]): string[] => {
  const end = args.indexOf('--');
  return args.flatMap((arg, index) => {
    if (end >= 0 && index >= end) return arg;
    if (arg === '--dry-run') return '--dry-run=server';
    const next = args[index + 1];
    if (next === '-' && /^(-f|--filename|--config)$/.test(arg)) return `${arg === '-f' ? '--filename' : arg}=-`;
    if (arg !== '-') return arg;
    return /^(-f|--filename|--config)$/.test(args[index - 1] ?? '') ? [] : '--filename=-';
  });
};

/** The command line parser: yargs with kubectl's manners. */
export class Program {
  exitCode: number = ExitCode.ok;
  readonly #io: Io;
  readonly #args: readonly string[];
  readonly #commands: string[] = [];
  readonly #yargs: Argv;

  constructor(io: Io, args: readonly string[]) {
    this.#io = io;
    this.#args = args;
    this.#yargs = yargs([])
      .scriptName(io.program)
      .parserConfiguration({
        'camel-case-expansion': false,
        'dot-notation': false,
        'parse-positional-numbers': false,
        'greedy-arrays': false,
      })
      // Without it yargs reads the locale and looks for a translation.
      .locale('en')
      .usage('$0 COMMAND\n\nControls virtual machines on Kubernetes.')
      .version(false)
      .help('help', 'Show help')
      .alias('h', 'help')
      .wrap(Math.min(110, io.stdout.columns || 110))
      .exitProcess(false)
      .strict()
      .epilogue(
        `Flags of kubectl such as -n, --context and --kubeconfig work with every command: ${io.program} options`,
      )
      .fail((message: string | null, error: Error | undefined) => {
        // yargs's own complaints come as a message or as a YError; everything else is a command's.
        throw error === undefined || error.name === 'YError'
          ? this.#usageError(message ?? error?.message ?? '')
          : error;
      });
    for (const [name, option] of Object.entries(GLOBAL_FLAGS)) {
      this.#yargs.option(name, { ...option, hidden: true, requiresArg: option.type === 'string' });
    }
  }

  /** The parser's complaint in words that say what to write. */
  #usageError(message: string): UsageError {
    const command = this.#commands.find((name) => name === this.#args[0]);
    const remedy = `See: ${this.#io.program} ${command === undefined ? '' : `${command} `}--help`;
    const unknown = /^Unknown arguments?: (.*)$/.exec(message)?.[1]?.split(', ')[0];
    if (unknown !== undefined && command === undefined && this.#args[0] === unknown) {
      return new UsageError(`unknown command "${unknown}"`, { remedy });
    }
    if (unknown !== undefined) {
      const isFlag = this.#args.some((arg) => arg.replace(/=.*$/, '') === `--${unknown}` || arg === `-${unknown}`);
      return new UsageError(`${command ?? ''}: unknown ${isFlag ? 'flag --' : 'argument '}${unknown}`, { remedy });
    }
    if (message.startsWith('Not enough non-option arguments')) {
      return new UsageError(command === undefined ? 'no command given' : `${command}: an argument is missing`, {
        remedy,
      });
    }
    const flag = /^Not enough arguments following: (.*)$/.exec(message)?.[1];
    if (flag !== undefined) {
      return new UsageError(`flag ${flag.length === 1 ? '-' : '--'}${flag} needs a value`, { remedy });
    }
    return new UsageError(message.replaceAll(/\n\s*/g, ' '), { remedy });
  }

  add<F>(spec: CommandSpec<F>): this {
    this.#commands.push([spec.usage].flat()[0]?.split(' ')[0] ?? '');
    const { options = {}, positionals = {}, examples = [] } = spec;
    const arrays = new Set(['_', 'as-group']);
    for (const [name, option] of [...Object.entries(options), ...Object.entries(positionals)]) {
      if (option.array === true) arrays.add(name);
    }
    this.#yargs.command(
      spec.usage,
      spec.describe as string,
      (command) => {
        for (const [name, option] of Object.entries(positionals)) command.positional(name, option as object);
        command.options(options);
        for (const [line, what] of examples) command.example(`$0 ${line}`, what);
        return command
          .usage(`$0 ${[spec.usage].flat()[0]}\n\n${spec.describe === false ? '' : spec.describe}`)
          .epilogue(
            `${spec.epilogue ?? ''}\n\n"${this.#io.program} options" lists the flags that every command takes.`.trim(),
          );
      },
      async (argv) => {
        this.exitCode = await spec.run(lastValues(argv, arrays) as F);
      },
    );
    return this;
  }

  showOptions(): number {
    const lines = Object.entries(GLOBAL_FLAGS).map(([name, option]) => {
      const alias = 'alias' in option ? `-${option.alias}, ` : '    ';
      return `  ${alias}--${name.padEnd(26)}${option.describe}`;
    });
    this.#io.stdout.write(`These flags can be passed to every command:\n${lines.join('\n')}\n`);
    return ExitCode.ok;
  }

  async parse(): Promise<number> {
    const args = this.#args.length === 0 ? ['--help'] : this.#args;
    // With a callback yargs hands over what it would print, so that help ends up on our stdout.
    let output = '';
    await this.#yargs.parseAsync(normalise(args), {}, (_error: unknown, _argv: unknown, text: string) => {
      output = text;
    });
    if (output !== '') this.#io.stdout.write(`${output}\n`);
    return this.exitCode;
  }
}
