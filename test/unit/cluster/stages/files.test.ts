import assert from 'node:assert/strict';
import { endToEndFiles, longestFirst, secondsByFile, testFiles } from '../../../cluster/stages/files.js';

describe('test files of a stage', () => {
  it('are those of the layer, and its attacks', () => {
    const files = testFiles('integration');
    assert.ok(files.includes('test/integration/agent/life.test.ts'));
    assert.ok(files.includes('test/security/integration/stolen-agent.test.ts'));
    assert.ok(files.every((file) => file.endsWith('.test.ts')));
  });

  it('run alone where they change the cluster, what must hold in the end last', () => {
    const { shared, alone } = endToEndFiles();
    assert.deepEqual([...shared, ...alone].sort(), testFiles('e2e').sort());
    assert.ok(shared.includes('test/e2e/main-job.test.ts') && alone.includes('test/e2e/alone/faults.test.ts'));
    assert.equal(alone.at(-1), 'test/e2e/last/nothing-left.test.ts');
  });

  it('begin with the longest; one that was never seen counts as longer, by its size', () => {
    const seconds = { short: 1, long: 60 };
    const size = (file: string): number => (file === 'new and large' ? 200 : 100);
    assert.deepEqual(longestFirst(['short', 'new', 'long', 'new and large'], seconds, size), [
      'new and large',
      'new',
      'long',
      'short',
    ]);
  });

  it('take as long as their tests and hooks together', () => {
    const common = { title: 't', state: 'passed', file: 'f' } as const;
    assert.deepEqual(
      secondsByFile([
        { kind: 'test', ms: 1500, ...common },
        { kind: 'hook', ms: 500, ...common },
      ]),
      { f: 2 },
    );
  });
});
