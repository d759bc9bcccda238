import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isCliError } from '../../../cmd/kubectl-virt/errors.js';
import { main } from '../../../cmd/kubectl-virt/program.js';
import { readYaml } from '../../../src/api/yaml/read-yaml.js';
import { fakeIo } from '../../unit/kubectl-virt/fake-io.js';

/** Nothing here may take long, and nothing may end in a stack trace. */
const MEGABYTE = 1024 * 1024;

const laughs = (levels: number): string =>
  ['a0: &a0 [x]', ...Array.from({ length: levels }, (_, n) => `a${n + 1}: &a${n + 1} [${`*a${n}, `.repeat(10)}]`)].join(
    '\n',
  );
const merges = (levels: number): string =>
  [
    'a0: &a0 {}',
    ...Array.from({ length: levels }, (_, n) => `a${n + 1}: &a${n + 1} {<<: [${`*a${n}, `.repeat(10)}]}`),
  ].join('\n');

const ATTACKS: Readonly<Record<string, string>> = {
  brackets: '['.repeat(MEGABYTE),
  'brackets, closed': `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
  braces: '{a: '.repeat(20_000),
  'JSON, deep': `{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}`,
  dashes: '- '.repeat(MEGABYTE / 2),
  'question marks': '? '.repeat(MEGABYTE / 2),
  indentation: Array.from({ length: 1000 }, (_, n) => `${' '.repeat(n)}a:`).join('\n'),
  'a billion laughs': laughs(9),
  'a billion merges': merges(9),
  'an anchor in itself': 'a: &a [*a, *a]\n',
  'a merge in itself': 'a: &a {<<: *a}\n',
  'keys twice': 'a: 1\n'.repeat(20_000),
  'a long line': `a: ${'x'.repeat(4 * MEGABYTE)}\n`,
  quotes: `a: ${'"'.repeat(MEGABYTE)}\n`,
  'open quotes': `a: "${'\'"\\'.repeat(20_000)}\n`,
  'marks of documents': '---\n'.repeat(20_000),
  'bad marks of documents': '---x\n'.repeat(20_000),
  'braces of templates': `${'{{ '.repeat(20_000)}\n`.repeat(3),
  'lines of templates': 'a: {{ b\n'.repeat(20_000),
  'characters that cannot be seen': '\u00a0a: b\n'.repeat(20_000),
  tabs: '\ta\n'.repeat(20_000),
  colons: 'a: '.repeat(20_000),
  digits: `a: ${'9'.repeat(MEGABYTE)}\nb: 0x${'f'.repeat(MEGABYTE)}\n`,
  tags: `a: ${'!'.repeat(MEGABYTE)}\n`,
};

/** Those that end in each way that there is: refused, left out, told many times. */
const COMMANDS = ['brackets', 'JSON, deep', 'a billion laughs', 'an anchor in itself', 'keys twice', 'a long line'];

describe('attack: files of manifests', () => {
  for (const [what, text] of Object.entries(ATTACKS)) {
    it(`${what}: a short answer in a short time`, function () {
      this.timeout(60_000);
      const { problems } = readYaml(text);
      assert.ok(problems.length <= 20, `${problems.length} problems`);
      for (const { message } of problems) assert.ok(message.length < 300, message.slice(0, 400));
    });
  }

  it('many documents: at most as much as they are', function () {
    this.timeout(60_000);
    assert.equal(readYaml('a: 1\n---\n'.repeat(20_000)).documents.length, 20_000);
  });

  it('what never ends is not read to the end', async function () {
    this.timeout(60_000);
    await assert.rejects(main(['lint', '-f', '/dev/zero'], fakeIo()), (error: unknown) => {
      assert.ok(isCliError(error) && error.exitCode === 2);
      assert.match(error.message, /\/dev\/zero is larger than 64 MiB/);
      return true;
    });
  });

  it('commands answer without a stack trace', async function () {
    this.timeout(300_000);
    const directory = mkdtempSync(join(tmpdir(), 'attack-'));
    try {
      for (const what of COMMANDS) {
        const text = ATTACKS[what] ?? '';
        const file = join(directory, 'a.yaml');
        writeFileSync(file, text);
        for (const args of [['lint'], ['render'], ['lint', '--config', file]]) {
          const io = fakeIo();
          const ended = await main([...args, '-f', file], io).catch((error: unknown) => error);
          assert.ok(typeof ended === 'number' || isCliError(ended), `${what}: ${String(ended)}`);
          assert.doesNotMatch(io.out() + io.err(), /^ +at /m);
          assert.ok(io.out().length < 10_000, what);
        }
      }
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
