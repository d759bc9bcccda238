import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import fc from 'fast-check';
import { readYaml } from '../../../src/api/yaml/read-yaml.js';
import { kubernetesBinary } from '../support/api-server.js';

/*
 * The reader of YAML against kubectl itself, which reads a file and prints it without a cluster (`label --local`): the
 * test bed's, and a newer one where the machine has it.
 */

const isThere = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

const kubectls = (): string[] => [kubernetesBinary('kubectl'), '/usr/bin/kubectl'].filter(isThere);

const HEAD = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n';

interface Said {
  readonly values: readonly unknown[];
  readonly error: string;
}

/** What kubectl makes of a file: `data` of its objects. */
const ask = (kubectl: string, text: string): Said => {
  const arguments_ = ['label', '--local', '-f', '-', '-o', 'json', 'checked=x'];
  const env = { ...process.env, KUBECONFIG: '/dev/null' };
  const { stdout, stderr } = spawnSync(kubectl, arguments_, { input: text, encoding: 'utf8', env, timeout: 60_000 });
  const objects =
    stdout.trim() === '' ? [] : (JSON.parse(`[${stdout.trim().replaceAll(/^\}\n\{/gm, '},\n{')}]`) as object[]);
  return { values: objects.map((object) => (object as { data?: unknown }).data), error: stderr };
};

const word = fc.constantFrom(
  ...['a', 'yes', 'No', 'on', 'y', 'N', '~', 'null', '1', '0123', '0x1F', '1_000', '1e3', '.5', '1:20', '"q"', "'s'"],
  ...[
    '"a\\nb"',
    '-1',
    '+3',
    '0o17',
    '089',
    '2001-01-01',
    '*x',
    '&x',
    '!!str 1',
    '!!int "3"',
    '|',
    '>',
    '|-',
    '#c',
    '# c',
  ],
  ...[
    'a#b',
    'a: b',
    'a:b',
    ':',
    '- ',
    '-',
    '-x',
    ', ',
    '[',
    ']',
    '{',
    '}',
    '{a: 1}',
    '[1, 2]',
    '{<<: {a: 1}, b: 2}',
    '@',
  ],
  ...[
    '"',
    "'",
    'http://x',
    'x y',
    '\t',
    '\n',
    '\n  ',
    '\n    ',
    "''",
    '.',
    '1.',
    '0b11',
    '12e03',
    'true',
    'False',
    '1.50',
  ],
);
const line = fc
  .tuple(fc.nat(3), fc.boolean(), fc.option(word, { freq: 3 }), fc.array(word, { maxLength: 3 }))
  .map(([depth, item, key, words]) => {
    const start = ' '.repeat(2 * depth + 2) + (item ? '- ' : '');
    return `${start}${key === null ? '' : `${key}: `}${words.join(' ')}`;
  });
const body = fc.array(line, { minLength: 1, maxLength: 6 }).map((lines) => `${HEAD}data:\n${lines.join('\n')}\n`);

describe('YAML as kubectl reads it', function () {
  this.timeout(300_000);

  it('generated documents have the same values, or are refused by both', () => {
    const programs = kubectls();
    fc.assert(
      fc.property(fc.array(body, { minLength: 150, maxLength: 150 }), (texts) => {
        const read = texts.map((text) => ({ text, reading: readYaml(text) }));
        const taken = read.filter(
          ({ reading: { problems, documents } }) => problems.length === 0 && documents.length === 1,
        );
        assert.ok(taken.length > 10, 'enough of them are YAML');
        const refused = read
          .filter(({ reading }) => reading.problems.some(({ kind }) => kind === 'syntax'))
          .slice(0, 2);
        for (const kubectl of programs) {
          const { values, error } = ask(kubectl, taken.map(({ text }) => text).join('---\n'));
          assert.equal(error, '');
          assert.deepEqual(
            values,
            taken.map(
              ({ reading }) =>
                JSON.parse(JSON.stringify((reading.documents[0]?.value as { data: unknown }).data)) as unknown,
            ),
          );
          for (const { text } of refused) assert.notEqual(ask(kubectl, text).error, '', text);
        }
      }),
      { numRuns: 3, endOnFailure: true },
    );
  });

  it('merge keys, files of several documents, and JSON', () => {
    for (const kubectl of kubectls()) {
      for (const text of [
        `${HEAD}data:\n  b: &b {p: 1, q: 2}\n  c: {p: 3, <<: *b}\n  d: {<<: *b, p: 3}\n  e: {<<: [{p: 9}, *b]}\n`,
        `---\n${HEAD}data: {a: 1, a: 2}\n---   \n\n---\n# nothing\n---\n${HEAD}data: {1.50: x, yes: y, 0x10: z}\n`,
        '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"},"data":{"a":"\\ud83d\\ude00"}}'.repeat(2),
        `${HEAD}data:\n  a: 'x\ny'\n  b: "z\n w"\n  c: {\nd: 1\n}\n  e: !!binary aGVsbG8=\n`,
        `${HEAD}data: {a: 1}\n...\n${HEAD}data: {b: 1}\n`,
      ]) {
        const own = readYaml(text).documents.map(({ value }) => (value as { data: unknown }).data);
        assert.deepEqual(ask(kubectl, text).values, own, text);
      }
    }
  });
});
