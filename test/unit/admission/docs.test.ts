import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { generate } from '../../../scripts/generate.js';
import { INDEX } from '../../../src/explain/listing.js';

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

describe('the pages of rules and defaults', () => {
  it('are current: npm run generate', async () => {
    const generated = await generate();
    for (const path of ['docs/rules.md', 'docs/defaults.md']) {
      assert.ok(generated.get(path) === read(path), `${path} is not current; run npm run generate`);
    }
  });

  it('have every id once, with an anchor, and link to nothing that is not there', () => {
    for (const [path, type] of [
      ['docs/rules.md', 'rule'],
      ['docs/defaults.md', 'default'],
    ] as const) {
      const text = read(path);
      const anchors = [...text.matchAll(/<a id="([^"]+)"><\/a>/g)].map(([, id]) => id!);
      const ids = INDEX.filter((entry) => entry.type === type).map(({ id }) => id);
      assert.deepEqual([...anchors].sort(), [...ids].sort());
      const links = [...text.matchAll(/\]\(#([^)]+)\)/g)].map(([, id]) => id!);
      assert.ok(links.length >= ids.length);
      assert.deepEqual(
        links.filter((id) => !anchors.includes(id)),
        [],
      );
    }
  });

  it('are linked from docs/admission.md', () => {
    const text = read('docs/admission.md');
    for (const page of ['rules.md', 'defaults.md']) assert.ok(text.includes(`](${page})`), page);
  });
});
