import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { MAX_MESSAGE } from '../../../src/api/cause.js';
import { SCHEMA_RULES } from '../../../src/api/schema-check/schema-rules.js';
import { admitExample } from '../../../src/explain/run-example.js';
import { EARLIER_EXAMPLES, EXAMPLES, WITHOUT_EXAMPLE } from '../../../src/validators/examples.js';
import { notActedOnRule } from '../../../src/validators/not-acted-on.js';

import { RULES } from '../../../src/validators/rules.js';

const VALIDATORS = new URL('../../../src/validators/', import.meta.url);

/** The ids of the rules that a file exports, or of the examples. */
const idsIn = async (file: string): Promise<string[]> => {
  const exported: unknown[] = Object.values((await import(new URL(file, VALIDATORS).href)) as object);
  if (file.endsWith('.examples.ts')) return exported.flatMap((table) => Object.keys(table as object));
  const isRule = (one: unknown): one is { id: string } =>
    typeof one === 'object' && one !== null && 'id' in one && 'check' in one;
  return exported.flatMap((list) => (Array.isArray(list) ? list.filter(isRule).map(({ id }) => id) : []));
};

const ruleFiles = (): string[] =>
  readdirSync(VALIDATORS, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'rule')
    .flatMap(({ name: room }) =>
      readdirSync(new URL(`${room}/`, VALIDATORS))
        .filter((name) => name.endsWith('.ts') && !name.endsWith('.examples.ts'))
        .map((name) => `${room}/${name}`),
    );

const TABLE = { ...EXAMPLES, ...EARLIER_EXAMPLES };

describe('the table of rules', () => {
  for (const kind of ['VirtualMachineInstance', 'VirtualMachine', 'VirtualMachineInstanceReplicaSet'] as const) {
    it(`accept the manifest on which the examples of ${kind} are built`, () => {
      assert.deepEqual(admitExample({}, { kind }, true).causes, []);
    });
  }

  it('each have examples, or a reason why not; ids are unique', () => {
    const ids = [...Object.keys(SCHEMA_RULES), ...RULES.map(({ id }) => id)];
    assert.equal(new Set(ids).size, ids.length);
    const explained = [...Object.keys(TABLE), ...Object.keys(WITHOUT_EXAMPLE)];
    assert.deepEqual(
      [...ids].sort(),
      [...explained].sort(),
      'write examples in the file NAME.examples.ts beside the rule',
    );
  });

  it('have their examples beside them, in NAME.examples.ts', async function () {
    // It loads every file of rules by itself.
    this.timeout(60_000);
    const seen = new Set<string>();
    for (const file of ruleFiles()) {
      const rules = await idsIn(file);
      if (rules.length === 0) continue;
      const examples = file.replace(/\.ts$/, '.examples.ts');
      assert.ok(existsSync(new URL(examples, VALIDATORS)), `${file} has rules: write ${examples}`);
      for (const id of await idsIn(examples)) {
        assert.ok(rules.includes(id), `${examples} has examples of ${id}, which is not a rule of ${file}`);
        assert.ok(!seen.has(id), `${id} has examples in two files`);
        seen.add(id);
      }
    }
    assert.ok(seen.size > 300, `${seen.size} rules with examples`);
  });

  it('each have a summary that goes on from "Refuses ", and data that documentation can print', () => {
    for (const { id, summary, field, source, since } of RULES) {
      assert.match(id, /^[a-z][a-z0-9]*\.[a-z0-9-]+$/);
      assert.match(
        summary,
        /^(?:[a-z`]|[A-Z]{2}|Hyper-V|ACPI|DataVolume)/,
        `${id}: a noun phrase, such as "a disk without a name"`,
      );
      assert.ok(summary.length >= 8 && summary.length <= 160 && !summary.endsWith('.'), `${id}: ${summary}`);
      assert.doesNotMatch(summary, /\ba [aeio]\w|\ban [bcdfgjkpqtvwz]\w/i, `${id}: ${summary}`);
      assert.notEqual(source, '', id);
      assert.match(since, /^\d+\.\d+$/, id);
      assert.notEqual(field, '', id);
    }
  });

  for (const [id, examples] of Object.entries(TABLE)) {
    const isNotActedOn = id === notActedOnRule.id;
    describe(id, () => {
      it('has one accepting and two refusing examples', () => {
        assert.ok(examples.accepts.length >= 1 && examples.refuses.length >= 2);
      });
      examples.accepts.forEach((change, i) => {
        it(`accepts ${i}, and so does every other rule`, () => {
          assert.deepEqual(admitExample(change, examples, !isNotActedOn).causes, []);
        });
      });
      examples.refuses.forEach(([change, field, others = []], i) => {
        it(`refuses ${i}: ${field}, with one cause for one mistake`, () => {
          const { causes } = admitExample(change, examples, !isNotActedOn);
          const found = causes.map(({ rule }) => rule);
          assert.deepEqual([...found].sort(), [id, ...others].sort(), JSON.stringify(causes, null, 1));
          const own = causes.find(({ rule }) => rule === id);
          assert.equal(own?.field, field);
          for (const { message } of causes) {
            // At the very limit it was cut.
            assert.ok(message.length > 10 && message.length < MAX_MESSAGE, message);
            assert.doesNotMatch(message, /undefined|\[object|NaN/);
          }
        });
      });
    });
  }
});
