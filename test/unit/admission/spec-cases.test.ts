import assert from 'node:assert/strict';
import { describeDiscrepancy, explanations } from '../../corpus/compare.js';
import { answerTo, discrepanciesOf, SPEC_CASES } from '../../corpus/spec-cases/index.js';

/* What the specification says of the reference's admission, change by change; held like the corpus (corpus.test.ts). */

describe('cases of the specification', () => {
  it('are many, and each has its own name', () => {
    assert.ok(SPEC_CASES.length >= 150, String(SPEC_CASES.length));
    const names = SPEC_CASES.map(({ name, kind = '' }) => `${kind} ${name}`);
    assert.deepEqual(
      names.filter((name, i) => names.indexOf(name) !== i),
      [],
    );
  });

  it('are judged and defaulted alike, but for the differences on purpose', () => {
    const unexplained = SPEC_CASES.flatMap((one) =>
      discrepanciesOf(one)
        .filter((discrepancy) => explanations(discrepancy).length === 0)
        .map((discrepancy) => `${one.name}: ${describeDiscrepancy(discrepancy)}`),
    );
    assert.deepEqual(unexplained, []);
  });

  it('that the reference refuses without a field get exactly the causes that they should', () => {
    for (const one of SPEC_CASES.filter(({ here }) => here !== undefined)) {
      const fields = answerTo(one).causes.map(({ field }) => field);
      assert.deepEqual(fields, one.here, one.name);
    }
  });

  it('have no cause twice', () => {
    const doubled = SPEC_CASES.flatMap((one) => {
      const causes = answerTo(one).causes.map(({ field, rule = '' }) => `${field} (${rule})`);
      return causes.filter((cause, i) => causes.indexOf(cause) !== i).map((cause) => `${one.name}: ${cause}`);
    });
    assert.deepEqual(doubled, []);
  });
});
