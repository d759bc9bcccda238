import assert from 'node:assert/strict';
import type { Entry } from '../../../cluster/stages/record.js';
import { summary, type Outcome } from '../../../cluster/stages/summary.js';

const entry = (title: string, more: Partial<Entry> = {}): Entry => ({
  kind: 'test',
  title,
  state: 'passed',
  ms: 10,
  ...more,
});
const outcome = (stage: string, entries: readonly Entry[], more: Partial<Outcome> = {}): Outcome => ({
  stage,
  seconds: 1.5,
  cpuSeconds: 2.9,
  ok: true,
  entries,
  ...more,
});

describe('the summary of npm test', () => {
  it('counts tests by stage, and hooks only where they fail', () => {
    const { text, failed } = summary(
      [
        outcome('unit', [entry('a'), entry('b', { state: 'skipped' }), entry('set-up', { kind: 'hook' })]),
        outcome('e2e', [entry('c', { state: 'failed' }), entry('tear-down', { kind: 'hook', state: 'failed' })], {
          ok: false,
        }),
      ],
      125,
    );
    assert.match(text, /^unit +1\.5 +3 +1 +0 +1$/m);
    assert.match(text, /^e2e +1\.5 +3 +0 +2 +0$/m);
    assert.match(text, /1 passed, 2 failed, 1 skipped, in 2 min 5 s\n$/);
    assert.equal(failed, 2);
  });

  it('says 0 passed of a stage in which no test matched', () => {
    const { text, failed } = summary([outcome('e2e', [])], 1);
    assert.match(text, /^e2e +1\.5 +3 +0 +0 +0$/m);
    assert.equal(failed, 0);
  });

  it('counts a stage that failed without a test as one failure, with its error', () => {
    const { text, failed } = summary([outcome('typecheck', [], { ok: false, error: 'TS2304: no such name' })], 1);
    assert.equal(failed, 1);
    assert.match(text, /1\) typecheck: the stage\n {5}TS2304: no such name/);
  });

  it('names the slowest ten tests and hooks, the slowest first', () => {
    const entries = Array.from({ length: 12 }, (_, n) => entry(`test ${n}.`, { ms: n * 1000 }));
    const { text } = summary([outcome('unit', [...entries, entry('boots', { kind: 'hook', ms: 60_000 })])], 1);
    const lines = text.slice(text.indexOf('slowest')).split('\n').slice(1, 11);
    assert.match(lines[0] ?? '', /60\.0 s {2}unit: boots/);
    assert.match(lines[1] ?? '', /11\.0 s {2}unit: test 11\./);
    assert.doesNotMatch(text, /test 2\./);
  });

  it('repeats failures at the end, with file and error, long ones by their beginning', () => {
    const error = Array.from({ length: 100 }, (_, n) => `line ${n}`).join('\n');
    const failing = entry('evictions › happen', { state: 'failed', error, file: 'test/e2e/eviction.test.ts' });
    const { text } = summary([outcome('e2e', [entry('fine'), failing], { ok: false })], 1);
    assert.match(text, /1\) e2e: evictions › happen \(test\/e2e\/eviction\.test\.ts\)\n {5}line 0\n/);
    assert.match(text, /line 14\n {5}… 85 more lines above\n/);
    assert.ok(text.indexOf('failures') > text.indexOf('slowest'));
  });
});
