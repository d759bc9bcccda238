import assert from 'node:assert/strict';
import { CONCERNS } from '../../../src/explain/concerns.js';
import { DEFAULT_EXAMPLES } from '../../../src/explain/default-examples.js';
import { entryOf } from '../../../src/explain/entries.js';
import { INDEX } from '../../../src/explain/listing.js';
import { INSTANCE_DEFAULTS } from '../../../src/mutators/instance.js';
import { notActedOnRule } from '../../../src/validators/not-acted-on.js';

describe('entries of rules and defaults', () => {
  it('belong to a concern each, and to one only', () => {
    const homeless = INDEX.filter(({ concern }) => concern === 'Others').map(({ id }) => id);
    assert.deepEqual(homeless, [], 'give the first part of the id a group in src/explain/concerns.ts');
    const prefixes = CONCERNS.flatMap((each) => each.prefixes);
    assert.equal(new Set(prefixes).size, prefixes.length);
  });

  it('are sentences', () => {
    for (const { id, summary } of INDEX) assert.match(summary, /^[A-Z`].*\.$/, id);
  });

  for (const { id, type } of INDEX.filter((each) => each.type === 'rule')) {
    it(`${id} shows what is refused and the same put right, or why not`, () => {
      const { example, withoutExample, source, kinds = [] } = entryOf(id)!;
      assert.equal(type, 'rule');
      assert.ok(source !== undefined && kinds.length > 0);
      if (example === undefined) {
        assert.ok(withoutExample !== undefined && withoutExample.length > 20);
        return;
      }
      assert.ok(example.causes.length >= 1);
      assert.notEqual(example.refused, example.accepted);
      for (const text of [example.refused, example.accepted, example.stored ?? '']) {
        assert.ok(text.length < 2000, `${id}: an example is read, so it is short`);
        assert.doesNotMatch(text, /^\{\}|undefined/);
      }
      // The accepted one is the refused one put right: they have most in common.
      const lines = (text: string) => new Set(text.split('\n').map((line) => line.replace(/^[ -]*| *#.*$/g, '')));
      const [wrong, right] = [lines(example.refused), lines(example.accepted)];
      const common = [...wrong].filter((line) => right.has(line)).length;
      assert.ok(common >= Math.min(wrong.size, right.size) / 2, `${id}: the first of accepts and refuses do not pair`);
      assert.ok(Math.abs(wrong.size - right.size) <= 12, `${id}: the first of accepts and refuses do not pair`);
    });
  }

  it('show each default doing something', () => {
    const ids = INSTANCE_DEFAULTS.map(({ id }) => id);
    assert.deepEqual(Object.keys(DEFAULT_EXAMPLES).sort(), [...ids].sort());
    ids.forEach((id, i) => {
      const { run, order } = entryOf(id)!;
      assert.equal(order, i + 1);
      assert.ok(run !== undefined && run.changes.length > 0, `${id} does nothing in its example`);
    });
  });

  it('tell of fields that are not acted on', () => {
    const { fields = [], example } = entryOf(notActedOnRule.id)!;
    assert.deepEqual(
      fields.map(({ kind }) => kind),
      ['VirtualMachineInstance', 'VirtualMachine', 'KubeVirt'],
    );
    assert.match(example!.causes[0]!, /does not act on this field yet/);
  });

  it('do not exist for other words', () => {
    for (const id of ['', 'disk', 'constructor', '__proto__', 'toString']) assert.equal(entryOf(id), undefined);
  });
});
