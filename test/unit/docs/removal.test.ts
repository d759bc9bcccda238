import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { labelsOf } from '../../../src/agent-api/node-report.js';

describe('docs/install.md, on removing', () => {
  const page = readFileSync(new URL('../../../docs/install.md', import.meta.url), 'utf8');
  const removal = page.slice(page.indexOf('## Removing it'));

  it('takes every label off the nodes that virt-controller writes, and no other', () => {
    const [, command = ''] = /kubectl label nodes --all ([^`#]*)#/.exec(removal) ?? [];
    const named = command.split(/[\s\\]+/).filter((word) => word !== '');
    const [, pattern = 'none'] = /grep -oE '([^"]+)\[\^"\]\+'/.exec(removal) ?? [];
    const byPattern = new RegExp(`^${pattern}`);
    const labels = Object.keys(labelsOf({}));
    assert.deepEqual(
      named.toSorted(),
      labels
        .filter((label) => !byPattern.test(label))
        .map((label) => `${label}-`)
        .toSorted(),
    );
    assert.ok(labels.filter((label) => byPattern.test(label)).length > 500, 'models and features');
  });

  it('says what goes with the CRDs', () => {
    assert.match(removal, /With the CRDs goes\s+every VM/);
  });
});
