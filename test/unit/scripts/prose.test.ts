import assert from 'node:assert/strict';
import fc from 'fast-check';
import { MAX_COLUMNS, wrapComments, wrapMarkdown } from '../../../scripts/prose.js';

const long = 'word '.repeat(40).trim();
const wrapped = (page: string): string[] => wrapMarkdown(page).page.split('\n');

describe('prose', () => {
  it('is wrapped at 120 columns, with the rest of its paragraph', () => {
    const lines = wrapped(`${long}\nand more\n\nanother paragraph`);
    assert.ok(lines.every((line) => line.length <= MAX_COLUMNS));
    assert.match(lines[1] ?? '', /word and more$/);
    assert.deepEqual(lines.slice(2), ['', 'another paragraph']);
  });

  it('keeps the indent of list items and quotations', () => {
    assert.match(wrapped(`1. ${long}`)[1] ?? '', /^ {3}word/);
    assert.match(wrapped(`  - ${long}`)[1] ?? '', /^ {4}word/);
    assert.match(wrapped(`> ${long}`)[1] ?? '', /^> word/);
    assert.equal(wrapped(`- ${long}\n- next`).at(-1), '- next');
  });

  it('leaves tables, code, headings and what cannot be broken as they are', () => {
    const address = `[text](https://example.com/${'a'.repeat(120)})`;
    for (const page of [
      `| ${long} |`,
      `\`\`\`\n${long}\n\`\`\``,
      `# ${long}`,
      address,
      `\`${long}\``,
      `[a]: ${long}`,
    ]) {
      assert.deepEqual(wrapMarkdown(page), { page, tooLong: [] });
    }
  });

  it('never begins a line with what would be a list', () => {
    const page = `${'x'.repeat(118)} - ${'y'.repeat(50)}`;
    assert.deepEqual(wrapped(page), [`${'x'.repeat(118)} -`, 'y'.repeat(50)]);
  });

  it('is wrapped in comments too', () => {
    const { page, tooLong } = wrapComments(`  /** ${long} */\n  const x = 1;\n  // ${long}\n  // and more`);
    assert.ok(page.split('\n').every((line) => line.length <= MAX_COLUMNS));
    assert.match(page, /^ {2}\/\*\*\n {3}\* word[\s\S]* {3}\*\/\n {2}const x = 1;\n {2}\/\/ word[\s\S]*and more$/);
    assert.deepEqual(
      tooLong.map(({ line }) => line),
      [1, 3],
    );
  });

  it('is no list in a text, which only looks like a comment', () => {
    const code = `const page = \`\n* ${long}\n\`;`;
    assert.deepEqual(wrapComments(code), { page: code, tooLong: [] });
  });

  it('keeps its words, and is not wrapped twice', () => {
    const text = fc.array(fc.stringMatching(/^[a-z`[\]().>|#*-]{1,30}$/), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(fc.array(text, { maxLength: 5 }), (paragraphs) => {
        const page = paragraphs.map((words) => words.join(' ')).join('\n\n');
        const once = wrapMarkdown(page).page;
        assert.deepEqual(
          once.split(/\s+/).filter((word) => word !== '>'),
          page.split(/\s+/).filter((word) => word !== '>'),
        );
        assert.equal(wrapMarkdown(once).page, once);
      }),
      { numRuns: 200 },
    );
  });
});
