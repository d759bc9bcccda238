import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { proseFiles } from '../../../scripts/prose-files.js';
import { MAX_COLUMNS } from '../../../scripts/prose.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));

describe('pages and comments', () => {
  it(`have lines of at most ${MAX_COLUMNS} columns where they can be broken`, () => {
    const files = proseFiles();
    const tooLong = files.flatMap(({ path, wrap }) =>
      wrap(readFileSync(join(root, path), 'utf8')).tooLong.map(({ line }) => `${path}:${line}`),
    );
    assert.deepEqual(tooLong, [], 'npx tsx scripts/wrap-prose.ts');
    assert.ok(files.length > 500);
  });
});
