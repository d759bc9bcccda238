import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { LabelSelector } from '../../../../src/api/schema/meta.js';
import { joinedKeyFindings, selectorFindings } from '../../../../src/validators/rule/label-selector.js';

const key = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9][-A-Za-z0-9_.]{0,61}[A-Za-z0-9]$/),
  fc.stringMatching(/^([a-z0-9]{1,10}\.){0,3}[a-z]\/[A-Za-z0-9]{1,63}$/),
  // Members that every object inherits are keys like others.
  fc.constantFrom('constructor', 'valueOf', 'toString'),
);
const value = fc.oneof(fc.constant(''), fc.stringMatching(/^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/));
const requirement = fc.oneof(
  fc.record({ key, operator: fc.constantFrom('In', 'NotIn'), values: fc.array(value, { minLength: 1, maxLength: 4 }) }),
  fc.record({ key, operator: fc.constantFrom('Exists', 'DoesNotExist') }),
  fc.record({ key, operator: fc.constantFrom('Exists', 'DoesNotExist'), values: fc.constant<string[]>([]) }),
);
const selector: fc.Arbitrary<LabelSelector> = fc.record(
  { matchLabels: fc.dictionary(key, value), matchExpressions: fc.array(requirement, { maxLength: 4 }) },
  { requiredKeys: [] },
);

/** A wrong requirement, and the field below it that says so. */
const wrong = fc.constantFrom(
  [{ key: 'a b', operator: 'Exists' }, 'key'],
  [{ key: '', operator: 'Exists' }, 'key'],
  [{ key: 'a', operator: 'In' }, 'values'],
  [{ key: 'a', operator: 'NotIn', values: [] }, 'values'],
  [{ key: 'a', operator: 'Exists', values: ['b'] }, 'values'],
  [{ key: 'a', operator: 'DoesNotExist', values: [''] }, 'values'],
  [{ key: 'a', operator: 'in', values: ['b'] }, 'operator'],
  [{ key: 'a', operator: 'Gt', values: ['1'] }, 'operator'],
  [{ key: 'a', operator: 'In', values: ['b', '-c'] }, 'values[1]'],
  [{ key: 'a', operator: 'In', values: ['d'.repeat(64)] }, 'values[0]'],
) as fc.Arbitrary<[{ key: string; operator: string; values?: string[] }, string]>;

const fieldsOf = (one: LabelSelector) => selectorFindings(one, 's').map(({ field }) => field);

describe('label selectors', () => {
  it('that Kubernetes takes have no findings', () => {
    fc.assert(fc.property(selector, (one) => assert.deepEqual(fieldsOf(one), [])));
  });
  it('with one mistake have one finding, at its place', () => {
    fc.assert(
      fc.property(selector, wrong, fc.nat(), (one, [bad, place], at) => {
        const expressions = [...(one.matchExpressions ?? [])];
        const index = at % (expressions.length + 1);
        expressions.splice(index, 0, bad);
        assert.deepEqual(fieldsOf({ ...one, matchExpressions: expressions }), [
          `s.matchExpressions[${index}].${place}`,
        ]);
      }),
    );
  });
  it('name the wrong key or value of matchLabels', () => {
    assert.deepEqual(fieldsOf({ matchLabels: { a: 'b c', 'x.y/z': 'ok', 'd e': '' } }), [
      's.matchLabels.a',
      's.matchLabels[d e]',
    ]);
  });
  it('that are absent have no findings', () => {
    assert.deepEqual(selectorFindings(undefined, 's'), []);
  });
  it('take the keys that join them, unless they compare them already', () => {
    fc.assert(
      fc.property(selector, fc.uniqueArray(key, { maxLength: 4 }), (one, keys) => {
        const compared = new Set([
          ...Object.keys(one.matchLabels ?? {}),
          ...(one.matchExpressions ?? []).map((expression) => expression.key),
        ]);
        assert.deepEqual(
          joinedKeyFindings(keys, one, 'k').map(({ field }) => field),
          keys.flatMap((text, i) => (compared.has(text) ? [`k[${i}]`] : [])),
        );
      }),
    );
  });
});
