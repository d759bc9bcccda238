import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { errorsPage } from '../../../scripts/errors-page.js';

describe('docs/errors.md', () => {
  it('is current: npm run generate', () => {
    assert.equal(readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8'), errorsPage());
  });
});
