import assert from 'node:assert/strict';
import fc from 'fast-check';
import { suggest } from '../../../../src/api/schema-check/suggest.js';

/** Insertions, deletions and replacements, as the definition says it. */
const distance = (a: string, b: string): number => {
  const table = Array.from({ length: a.length + 1 }, (_, i) => [i]);
  for (let j = 1; j <= b.length; j += 1) table[0]![j] = j;
  for (let i = 1; i <= a.length; i += 1) {
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = table[i - 1]![j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      table[i]![j] = Math.min(replaced, table[i - 1]![j]! + 1, table[i]![j - 1]! + 1);
    }
  }
  return areSwapped(a, b) ? 1 : table[a.length]![b.length]!;
};

/** Two neighbours that changed places. */
const areSwapped = (a: string, b: string): boolean =>
  a.split('').some((letter, i) => a !== b && b === `${a.slice(0, i)}${a[i + 1] ?? ''}${letter}${a.slice(i + 2)}`);

describe('did you mean', () => {
  it('is the word that was mistyped, whatever its case', () => {
    const known = ['autoattachGraphicsDevice', 'autoattachSerialConsole', 'disks', 'interfaces'];
    assert.equal(suggest('autottachGraphicsDevice', known), 'autoattachGraphicsDevice');
    assert.equal(suggest('DISK', known), 'disks');
    assert.equal(suggest('disk s', known), 'disks');
    assert.equal(suggest('modle', ['name', 'model', 'mode']), 'model');
    assert.equal(suggest('filesystems', known), undefined);
    assert.equal(suggest('', known), undefined);
    assert.equal(suggest('d'.repeat(1000), known), undefined);
  });

  it('is the nearest word within a third of the letters and four, the first of several', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(word, fc.array(word, { maxLength: 6 }), (wanted, known) => {
        const most = Math.min(Math.max(1, Math.floor(wanted.length / 3)), 4);
        const distances = known.map((one) => distance(wanted, one));
        const least = Math.min(...distances);
        const expected = least <= most ? known[distances.indexOf(least)] : undefined;
        assert.equal(suggest(wanted, known), expected);
      }),
      { numRuns: 2000 },
    );
  });
});
