import assert from 'node:assert/strict';
import { defineCommand, inHelpOrder, usageOf, type Command } from '../../../../cmd/kubectl-virt/command.js';
import { COMMANDS } from '../../../../cmd/kubectl-virt/commands/index.js';
import { isCliError } from '../../../../cmd/kubectl-virt/errors.js';
import { completionOf, writtenName, type Argument, type Flag } from '../../../../cmd/kubectl-virt/flag.js';
import { GLOBAL_FLAGS } from '../../../../cmd/kubectl-virt/global-flags.js';
import { main } from '../../../../cmd/kubectl-virt/program.js';
import { commandsPage } from '../../../../scripts/commands-page.js';
import { loadCommands } from '../../../../scripts/commands.js';
import { fakeApiServer, type FakeApiServer } from '../fake-api-server.js';
import { fakeIo } from '../fake-io.js';

/*
 * Each command of the list is held to what the list promises: help, parser, completion and the page are made from it.
 */

let server: FakeApiServer;
before(async () => {
  const body = { items: [{ metadata: { name: 'listed' } }] };
  server = await fakeApiServer({ answer: () => ({ code: 200, body }) });
});
beforeEach(() => (server.seen.length = 0));
after(() => server.close());

const help = async (args: readonly string[], commands: readonly Command[] = COMMANDS): Promise<string> => {
  const io = fakeIo();
  assert.equal(await main([...args, '--help'], io, commands), 0);
  return io.out();
};

/** Parses the words; the command is not run. @returns its name and what it would get */
const parse = async (
  words: readonly string[],
  commands: readonly Command[] = COMMANDS,
): Promise<[string, Readonly<Record<string, unknown>>]> => {
  let seen: [string, Readonly<Record<string, unknown>>] | undefined;
  const watched = commands.map((command): Command => ({
    ...command,
    run: (_io, flags) => {
      seen = [command.name, flags];
      return Promise.resolve(0);
    },
  }));
  await main(words, fakeIo(), watched);
  assert.ok(seen, words.join(' '));
  return seen;
};

const complete = async (words: readonly string[], commands: readonly Command[] = COMMANDS): Promise<string[]> => {
  const io = fakeIo();
  await main(['__complete', ...words], io, commands);
  return io.out().trimEnd().split('\n');
};

const wordsOf = ({ name }: Command): string[] => name.split(' ');

/** A value that the flag or argument takes. */
const sample = (value: Flag | Argument): string =>
  'choices' in value ? value.choices[0]! : value.type === 'number' ? '1' : 'web';

/** The words that the command cannot do without. */
const requiredWords = ({ arguments: words }: Command): string[] =>
  Object.values(words)
    .filter(({ required }) => required === true)
    .map(sample);

/** What stands in front of flags, and behind them. */
const placedWords = ({ arguments: words }: Command): { readonly before: string[]; readonly behind: string[] } => {
  const [behind, before] = [true, false].map((is) =>
    Object.values(words)
      .filter(({ behindDashes = false }) => behindDashes === is)
      .map(sample),
  );
  return { before: before!, behind: behind!.length === 0 ? [] : ['--', ...behind!] };
};

/** What must be completed, by how it is declared. */
const assertCompleted = async (command: Command, value: Flag | Argument, words: readonly string[]): Promise<void> => {
  const completion = completionOf(value)!;
  const found = await complete([...wordsOf(command), ...server.flags, ...words, '']);
  const what = `${command.name} ${words.join(' ')}: ${found.join(' ')}`;
  if (typeof completion === 'function' || completion === 'command') assert.ok(found.length > 10, what);
  else if (completion === 'file') assert.deepEqual(found, [':0'], what);
  else if (typeof completion !== 'string') assert.deepEqual(found, [...completion, ':4'], what);
  else {
    assert.ok(['vm', 'vmi'].includes(completion), what);
    assert.deepEqual(found, ['listed', ':4'], what);
    const plural = completion === 'vm' ? 'virtualmachines' : 'virtualmachineinstances';
    assert.match(server.seen.at(-1)!.path, new RegExp(`/${plural}\\?`), what);
  }
};

const assertKept = (command: Command): void => {
  const { name, describe: about, arguments: words, flags, examples } = command;

  it('has a help with its description, arguments, flags and examples', async () => {
    const text = await help(wordsOf(command));
    // Long lines are wrapped, in two columns.
    const seen = new Set(text.split(/\s+/));
    const assertSaid = (what: string): void =>
      assert.ok(
        what.split(/\s+/).every((word) => seen.has(word)),
        what,
      );
    assert.ok(text.startsWith(`kubectl virt ${usageOf(command)}\n\n${about}\n`), text);
    for (const [flag, value] of Object.entries(flags)) {
      assert.match(text, new RegExp(`--${flag}\\b`));
      assertSaid(value.describe);
    }
    assert.ok(examples.length > 0, 'no example');
    for (const [line, what] of examples) assertSaid(`kubectl virt ${line} ${what}`);
  });

  it('has examples that the parser understands', async () => {
    for (const [line] of examples) {
      const [called] = await parse(line.split(' < ')[0]!.split(' '));
      assert.equal(called, name, line);
    }
  });

  it('gets its arguments and flags by their names', async () => {
    const { before, behind } = placedWords(command);
    const given = Object.entries(flags).map(([flag, value]): [string, string] =>
      value.type === 'boolean' ? [flag, writtenName(flag, value)] : [flag, `--${flag}=${sample(value)}`],
    );
    const [, values] = await parse([...wordsOf(command), ...before, ...given.map(([, word]) => word), ...behind]);
    for (const each of [...Object.keys(words), ...Object.keys(flags)]) {
      const value = { ...words, ...flags }[each]!;
      const one = value.type === 'boolean' ? value.default !== true : sample(value);
      const wanted = value.type === 'number' ? Number(one) : one;
      assert.deepEqual(values[each], 'array' in value ? [wanted] : wanted, each);
    }
  });

  it('refuses a flag that it has not, and what is too much or missing', async () => {
    const wrong = [[...requiredWords(command), '--no-such-flag']];
    if (requiredWords(command).length > 0) wrong.push([]);
    if (!Object.values(words).some(({ array }) => array === true)) {
      wrong.push([...Object.values(words).map(sample), 'too-much']);
    }
    for (const args of wrong) {
      await assert.rejects(
        parse([...wordsOf(command), ...args]),
        (error) => isCliError(error),
        `${name} ${args.join(' ')}`,
      );
    }
  });

  it('has its flags and their values completed', async () => {
    const offered = await complete([...wordsOf(command), '--']);
    for (const [flag, value] of Object.entries(flags)) {
      assert.ok(offered.includes(`${writtenName(flag, value)}\t${value.describe}`), flag);
      if (value.type === 'boolean') continue;
      if (value.alone === undefined) await assertCompleted(command, value, [`--${flag}`]);
      const inline = await complete([...wordsOf(command), `--${flag}=`]);
      const list = completionOf(value);
      if (Array.isArray(list)) assert.deepEqual(inline, [...list.map((each) => `--${flag}=${each}`), ':4']);
    }
  });

  it('has its arguments completed', async () => {
    const before: string[] = [];
    for (const [word, argument] of Object.entries(words)) {
      await assertCompleted(command, argument, before);
      before.push(word === 'target' ? 'vmi' : sample(argument));
    }
    const last = Object.values(words).at(-1);
    const completion = last?.array === true ? completionOf(last) : [];
    const again = Array.isArray(completion)
      ? [...(completion as string[]), ':4']
      : completion === 'file'
        ? [':0']
        : ['listed', ':4'];
    assert.deepEqual(await complete([...wordsOf(command), ...server.flags, ...before, '']), again);
  });
};

describe('kubectl virt: the list of commands', function () {
  // The first that asks for the rules' ids loads them all.
  this.timeout(60_000);

  it('has every file of commands/', async () => {
    const names = (await loadCommands()).map(({ name }) => name);
    assert.deepEqual(
      COMMANDS.map(({ name }) => name),
      names,
      'run npm run generate',
    );
  });

  it('is grouped in help, by name within a group', () => {
    const ordered = inHelpOrder(COMMANDS).map(({ name }) => name);
    assert.equal(ordered.length, COMMANDS.length);
    assert.ok(ordered.indexOf('start') < ordered.indexOf('lint'));
    assert.ok(ordered.indexOf('lint') < ordered.indexOf('completion'));
  });

  for (const command of COMMANDS) {
    // `help` as the last word is yargs's own.
    if (command.name !== 'help') describe(command.name, () => assertKept(command));
  }

  it('has a help that shows the help of others, and all commands without a name', async () => {
    const [one, all] = [fakeIo(), fakeIo()];
    assert.equal(await main(['help', 'start'], one), 0);
    assert.equal(one.out(), await help(['start']));
    assert.equal(await main(['help'], all), 0);
    assert.equal(all.out(), await help([]));
    assert.ok((await complete(['help', 'sta'])).includes('start\tStart a virtual machine'));
  });
});

describe('kubectl virt: a new command', () => {
  const added = defineCommand({
    name: 'salute',
    group: 'The plugin',
    describe: 'Greet somebody',
    arguments: {
      who: {
        type: 'string',
        required: true,
        describe: 'Whom',
        complete: () => Promise.resolve([['ada', 'a name'] as const]),
      },
    },
    flags: {
      word: { type: 'string', describe: 'How to greet', default: 'hello', complete: ['hello', 'welcome'] },
      times: { type: 'number', describe: 'How often', complete: [] },
      loud: { type: 'boolean', describe: 'In capitals' },
    },
    examples: [['salute ada --loud', 'Greet Ada, loudly']],
    run: (io, { who, word, times = 1, loud }) => {
      const text = `${word} ${who}\n`.repeat(times);
      io.stdout.write(loud === true ? text.toUpperCase() : text);
      return Promise.resolve(7);
    },
  });
  const commands = [...COMMANDS, added];

  it('is run with its flags', async () => {
    const io = fakeIo();
    assert.equal(await main(['salute', 'ada', '--times=2', '--loud'], io, commands), 7);
    assert.equal(io.out(), 'HELLO ADA\nHELLO ADA\n');
  });

  it('is in the help, of its own and of all', async () => {
    assert.match(await help([], commands), /^ {2}kubectl virt salute <who> +Greet somebody$/m);
    assert.match(await help(['salute'], commands), /--loud +In capitals[^]*kubectl virt salute ada --loud/);
    const io = fakeIo();
    assert.equal(await main(['help', 'salute'], io, commands), 0);
    assert.match(io.out(), /^kubectl virt salute <who>/);
    assert.doesNotMatch(await help([]), /salute/);
  });

  it('is completed', async () => {
    assert.deepEqual(await complete(['sal'], commands), ['salute\tGreet somebody', ':4']);
    assert.deepEqual(await complete(['salute', ''], commands), ['ada\ta name', ':4']);
    assert.deepEqual(await complete(['salute', '--word', 'w'], commands), ['welcome', ':4']);
    assert.deepEqual(await complete(['salute', '--lo'], commands), ['--loud\tIn capitals', ':4']);
  });

  it('is on the page of commands', () => {
    const page = commandsPage(commands);
    assert.match(page, /^### salute$/m);
    assert.match(page, /^\| `--word` \| string \| `hello` \| How to greet \|$/m);
  });

  it('has to name what its values are completed with: the compiler refuses it otherwise', () => {
    // @ts-expect-error -- neither choices nor complete
    const flag: Flag = { type: 'string', describe: 'nothing more' };
    assert.equal(completionOf(flag), undefined);
  });
});

describe('kubectl virt: a command of two words', () => {
  it('is listed below the first, by itself, with --help and by help', async () => {
    for (const args of [['policy'], ['policy', '--help'], ['help', 'policy'], ['--help', 'policy']]) {
      const io = fakeIo();
      assert.equal(await main(args, io), 0);
      assert.match(
        io.out(),
        /^kubectl virt policy COMMAND\n[^]*^ {2}kubectl virt policy test \[paths\.\.\] +Run tests/m,
      );
      assert.doesNotMatch(io.out(), /virt lint|\+/);
    }
    const io = fakeIo();
    assert.equal(await main(['help', 'policy', 'test'], io), 0);
    assert.match(io.out(), /^kubectl virt policy test \[paths\.\.\]\n/);
  });

  it('is named whole where it is misspelt', async () => {
    await assert.rejects(main(['policy', 'tset'], fakeIo()), (error: Error & { remedy?: string }) => {
      assert.equal(error.message, 'unknown command "policy tset"');
      assert.equal(error.remedy, 'Did you mean "policy test"? See: kubectl virt policy --help');
      return true;
    });
    await assert.rejects(main(['polcy', 'test'], fakeIo()), /unknown command "polcy"/);
  });

  it('is completed word by word, and flags of kubectl may stand in front', async () => {
    assert.deepEqual(await complete(['pol']), ['policy\tPolicies for virtual machines', ':4']);
    assert.deepEqual(await complete(['-n', 'shop', 'policy', 're']), ['resume\tEnd the pause of policies', ':4']);
    assert.deepEqual(await parse(['-n', 'shop', 'policy', 'resume', 'a']).then(([name]) => name), 'policy resume');
  });

  it('is not seen in the names of others', async () => {
    const [name, { targets }] = await parse(['start', 'policy', 'test']);
    assert.deepEqual([name, targets], ['start', ['policy', 'test']]);
  });
});

describe('kubectl virt: flags of every command', () => {
  it('are completed by what they name', async () => {
    const kinds: Record<string, string[]> = { file: [':0'], namespace: ['listed', ':4'] };
    for (const [name, flag] of Object.entries<Flag>(GLOBAL_FLAGS)) {
      const completion = completionOf(flag);
      if (typeof completion !== 'string' || kinds[completion] === undefined) continue;
      assert.deepEqual(await complete(['start', ...server.flags, `--${name}`, '']), kinds[completion], name);
    }
  });
});
