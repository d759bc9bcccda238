import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';

/*
 * docs/traceability.tsv: id of a statement of the pages of docs/reference/user-guides.md, file, and the title of the
 * test or the heading that shows the row. A reference that nothing matches is a promise that nobody keeps.
 */

const rows = readFileSync('docs/traceability.tsv', 'utf8')
  .split('\n')
  .slice(1)
  .filter((line) => line !== '')
  .map((line) => line.split('\t'));

/** A test's title as its source may write it: quotes and template parts are not compared. */
const mentions = (file: string, title: string): boolean => {
  const text = readFileSync(file, 'utf8');
  return file.endsWith('.md')
    ? text.split('\n').some((line) => /^#+ /.test(line) && line.replace(/^#+ /, '') === title)
    : [`'${title}'`, `"${title}"`, `\`${title}\``].some(
        (quoted) => text.includes(`(${quoted}`) || text.includes(quoted),
      );
};

describe('docs/traceability.tsv', () => {
  it('has rows of four columns: id, kind, file, title', () => {
    assert.ok(rows.length > 0);
    for (const row of rows) {
      assert.equal(row.length, 4, row.join(' | '));
      assert.match(row[0]!, /^[DVS]-\d{3}$/);
      assert.ok(row[1] === 'test' || row[1] === 'docs', row.join(' | '));
    }
  });
  it('has no row twice', () => {
    const lines = rows.map((row) => row.join(' | '));
    assert.deepEqual(lines, [...new Set(lines)]);
  });
  it('names only tests and headings that exist', () => {
    const missing = rows.filter(([, , file, title]) => !existsSync(file!) || !mentions(file!, title!));
    assert.deepEqual(missing, []);
  });
});
