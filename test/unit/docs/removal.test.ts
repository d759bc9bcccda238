import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { annotationsOf, labelsOf } from '../../../src/agent-api/node-report.js';

describe('docs/install.md, on removing', () => {
  const page = readFileSync(new URL('../../../docs/install.md', import.meta.url), 'utf8');
  const removal = page.slice(page.indexOf('## Removing it'));

  /** What a command of kubectl takes off all nodes. */
  const taken = (verb: string): string[] => {
    const [, command = ''] = new RegExp(`kubectl ${verb} nodes --all ((?:[^\n\\\\]|\\\\\n)*)`).exec(removal) ?? [];
    return command
      .split(/[\s\\]+/)
      .filter((word) => word !== '')
      .toSorted();
  };
  const written = (values: object): string[] =>
    Object.keys(values)
      .map((name) => `${name}-`)
      .toSorted();

  it('takes every label off the nodes that virt-controller writes, and no other', () => {
    const [, pattern = 'none'] = /grep -oE '([^"]+)\[\^"\]\+'/.exec(removal) ?? [];
    const byPattern = new RegExp(`^${pattern}`);
    const labels = Object.keys(labelsOf({}));
    const named = labels.filter((label) => !byPattern.test(label));
    assert.deepEqual(taken('label'), named.map((label) => `${label}-`).toSorted());
    assert.ok(labels.length - named.length > 500, 'models and features');
  });

  it('takes every annotation off the nodes that virt-controller writes, and no other', () => {
    assert.deepEqual(taken('annotate'), written(annotationsOf({})));
  });

  it('says what goes with the CRDs', () => {
    assert.match(removal, /With the CRDs goes\s+every VM/);
  });
});
