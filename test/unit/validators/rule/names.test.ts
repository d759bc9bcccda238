import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isDnsLabel, isDnsSubdomain, isLabelValue, isQualifiedName } from '../../../../src/validators/rule/names.js';

/*
 * The same rules once more, letter by letter and from Kubernetes' own description (docs: "Labels and Selectors",
 * "Object Names and IDs"), so that a slip in a regular expression shows.
 */

const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const LETTERS = LOWER + LOWER.toUpperCase();
const DIGITS = '0123456789';

const consistsOf = (text: string, ends: string, middle: string, longest: number): boolean =>
  text.length >= 1 &&
  text.length <= longest &&
  Array.from(text).every((character, i, all) => (i === 0 || i === all.length - 1 ? ends : middle).includes(character));
const label = (text: string) => consistsOf(text, LOWER + DIGITS, `${LOWER}${DIGITS}-`, 63);
const subdomain = (text: string) =>
  text.length <= 253 && text.split('.').every((part) => consistsOf(part, LOWER + DIGITS, `${LOWER}${DIGITS}-`, 253));
const name = (text: string) => consistsOf(text, LETTERS + DIGITS, `${LETTERS}${DIGITS}-_.`, 63);
const qualified = (text: string) => {
  const slash = text.indexOf('/');
  return slash === -1 ? name(text) : subdomain(text.slice(0, slash)) && name(text.slice(slash + 1));
};

/** Mostly characters that are allowed somewhere, some that are nowhere. */
const character = fc.constantFrom(...Array.from('abzABZ019'), '-', '_', '.', '/', ' ', '\n', 'é', '\u0130', '');
const nearly = fc.oneof(
  fc.string({ unit: character, maxLength: 12 }),
  fc.string({ unit: character, minLength: 60, maxLength: 66 }),
  fc.string({ unit: fc.constantFrom(...Array.from('ab0-')), minLength: 60, maxLength: 66 }),
  fc.string({ unit: fc.constantFrom(...Array.from('ab0-.')), minLength: 250, maxLength: 256 }),
  fc
    .tuple(fc.string({ unit: fc.constantFrom(...Array.from('ab0-.')) }), fc.string({ unit: character }))
    .map(([a, b]) => `${a}/${b}`),
  fc.string(),
);

describe('names', () => {
  for (const [what, ours, theirs] of [
    ['DNS labels', isDnsLabel, label],
    ['DNS subdomains', isDnsSubdomain, subdomain],
    ['qualified names', isQualifiedName, qualified],
    ['label values', isLabelValue, (text: string) => text === '' || name(text)],
  ] as const) {
    it(`are ${what} exactly when each character says so`, () => {
      fc.assert(
        fc.property(nearly, (text) => assert.equal(ours(text), theirs(text))),
        { numRuns: 3000 },
      );
    });
    it(`of ${what} take no time, however long`, () => {
      for (const text of ['a'.repeat(1_000_000), '-'.repeat(1_000_000), 'a.'.repeat(500_000), 'a/'.repeat(500_000)]) {
        assert.equal(ours(text), false);
      }
    });
  }
  it('have the limits of Kubernetes', () => {
    const longest = `${'a'.repeat(251)}.b/${'C'.repeat(63)}`;
    assert.ok(isQualifiedName(longest));
    assert.ok(!isQualifiedName(`a${longest}`));
    assert.ok(!isQualifiedName(`${longest}C`));
    for (const text of ['', '/', 'a/', '/a', 'a/b/c', 'A.b/c', '-a', 'a-', 'a_', 'a\n'])
      assert.ok(!isQualifiedName(text));
  });
});
