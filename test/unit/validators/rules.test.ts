import assert from 'node:assert/strict';
import { SCHEMA_RULES } from '../../../src/api/schema-check/schema-rules.js';
import { admitExample } from '../../../src/explain/run-example.js';
import { EARLIER_EXAMPLES, EXAMPLES, WITHOUT_EXAMPLE } from '../../../src/validators/examples.js';
import { notActedOnRule } from '../../../src/validators/not-acted-on.js';
import { MAX_MESSAGE } from '../../../src/validators/rule/rule.js';
import { RULES } from '../../../src/validators/rules.js';

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
    assert.deepEqual([...ids].sort(), [...explained].sort(), 'write examples in the file NAME.examples.ts beside the rule');
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
      assert.doesNotMatch(source, /spec\/admission\.md (?!§)/, id);
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
