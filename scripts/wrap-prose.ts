import { readFileSync, writeFileSync } from 'node:fs';
import { proseFiles } from './prose-files.js';

/**
 * Wraps Markdown pages and comments at 120 columns: `npx tsx scripts/wrap-prose.ts [FILE…]`; without names, every file.
 */
const named = new Set(process.argv.slice(2));
for (const { path, wrap } of proseFiles()) {
  if (named.size > 0 && !named.has(path)) continue;
  const before = readFileSync(path, 'utf8');
  const { page } = wrap(before);
  if (page !== before) writeFileSync(path, page);
}
