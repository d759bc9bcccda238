import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import { parseFlags as agentFlags } from '../../../cmd/virt-agent/flags.js';
import { parseFlags as controllerFlags } from '../../../cmd/virt-controller/flags.js';
import { parseFlags as webhookFlags } from '../../../cmd/virt-webhook/flags.js';

interface Program {
  readonly parse: (argv: readonly string[]) => object;
  /** What it cannot do without. */
  readonly needed: readonly string[];
}

const PROGRAMS: Readonly<Record<string, Program>> = {
  'virt-webhook': { parse: webhookFlags, needed: [] },
  'virt-controller': { parse: controllerFlags, needed: ['--launcher-image=x'] },
  'virt-agent': { parse: agentFlags, needed: ['--node-name=x'] },
};

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Parses flags that end the process: with its exit code and what it says. */
const end = (parse: Program['parse'], argv: readonly string[]): Ended => {
  const exit = process.exit.bind(process);
  const { log, error } = console;
  const said = { out: '', err: '' };
  class Exit extends Error {
    constructor(readonly code: number) {
      super();
    }
  }
  process.exit = (code) => {
    throw new Exit(Number(code ?? 0));
  };
  console.log = (text: string) => (said.out += `${text}\n`);
  console.error = (text: string | undefined) => (said.err += `${text ?? ''}\n`);
  try {
    parse(argv);
  } catch (thrown) {
    if (thrown instanceof Exit) return { code: thrown.code, ...said };
    throw thrown;
  } finally {
    process.exit = exit;
    Object.assign(console, { log, error });
  }
  throw new assert.AssertionError({ message: `${argv.join(' ')} was accepted` });
};

/** What the manifest gives the program. */
const manifestArguments = (program: string): string[] => {
  const text = readFileSync(new URL(`../../../manifests/${program}.yaml`, import.meta.url), 'utf8');
  interface Workload {
    spec?: { template?: { spec?: { containers?: { name: string; args?: string[] }[] } } };
  }
  return parseAllDocuments(text)
    .map((document) => document.toJS() as Workload)
    .flatMap(({ spec }) => spec?.template?.spec?.containers ?? [])
    .filter(({ name }) => name === program)
    .flatMap(({ args }) => args ?? []);
};

for (const [name, { parse, needed }] of Object.entries(PROGRAMS)) {
  describe(`flags of ${name}`, () => {
    it('have namespace, kubeconfig and log level alike', () => {
      const { logLevel, kubeconfig } = parse(needed) as Record<string, unknown>;
      assert.deepEqual([logLevel, kubeconfig], ['info', undefined]);
      const set = parse([...needed, '--namespace=n', '--kubeconfig=k', '--log-level=trace']) as Record<string, unknown>;
      assert.deepEqual([set.namespace, set.kubeconfig, set.logLevel], ['n', 'k', 'trace']);
    });

    it('are each described in the help', () => {
      const { code, out } = end(parse, ['--help']);
      assert.equal(code, 0);
      assert.ok(out.startsWith(`${name} [flags]\n\n`), out);
      const lines = out.match(/^ +--.*$/gm) ?? [];
      assert.ok(lines.length > 5, out);
      for (const line of lines) assert.match(line, /^ +--[a-z-]+ +[A-Z]/);
    });

    it('end the process when one is not known', () => {
      for (const wrong of ['--no-such-flag', '--log-level=loud', '--passt', 'word']) {
        const { code, err } = end(parse, [...needed, wrong]);
        assert.equal(code, 1, wrong);
        assert.match(err, /Unknown argument|Invalid values/, wrong);
      }
    });

    it('know those of the manifest', () => {
      const given = manifestArguments(name);
      assert.ok(given.length > 1, given.join(' '));
      parse(given);
    });
  });
}

describe('flags of one program', () => {
  it('virt-controller has one name for where it listens, and needs a number of workers', () => {
    assert.equal(end(controllerFlags, ['--launcher-image=x', '--listen=:1']).code, 1);
    assert.match(
      end(controllerFlags, ['--launcher-image=x', '--workers=0']).err,
      /--workers 0: write a whole number of at least 1\./,
    );
    assert.match(end(controllerFlags, []).err, /Missing required argument: launcher-image/);
  });

  it('virt-webhook wants --standalone for what only that mode reads, and a short delay', () => {
    assert.match(end(webhookFlags, ['--config=x']).err, /--config and --cert-dir need --standalone/);
    assert.match(end(webhookFlags, ['--shutdown-delay=11']).err, /11 is not a number of seconds from 0 to 10\./);
    const { certDir, shutdownDelay } = webhookFlags(['--standalone', '--cert-dir=x', '--shutdown-delay=10']);
    assert.deepEqual([certDir, shutdownDelay], ['x', 10]);
  });
});
