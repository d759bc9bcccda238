import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { metricsPage } from '../../../scripts/metrics-page.js';

const ROOT = new URL('../../../', import.meta.url);

/** Every text in src and cmd that looks like a metric's name, with its file. */
const named = (): [string, string][] =>
  ['src', 'cmd'].flatMap((room) =>
    readdirSync(new URL(room, ROOT), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .flatMap((file) => {
        const text = readFileSync(new URL(`${room}/${file}`, ROOT), 'utf8');
        return [...text.matchAll(/'(kubevirt_[a-z_]+)'/g)].map(([, name = '']): [string, string] => [name, file]);
      }),
  );

describe('docs/metrics.md', () => {
  it('is current: npm run generate', () => {
    assert.equal(readFileSync(new URL('docs/metrics.md', ROOT), 'utf8'), metricsPage());
  });

  it('has every metric that a program registers: add what registers it to scripts/metrics-page.ts', () => {
    const page = metricsPage();
    const names = named();
    assert.ok(names.length > 20, `only ${names.length} names found`);
    assert.deepEqual(
      names.filter(([name]) => !page.includes(`| \`${name}\` |`)),
      [],
    );
  });
});
