import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { isWithin } from '../../../src/api/cause.js';
import type { Discrepancy } from '../../../scripts/difference.js';
import { DIFFERENCES } from '../../../scripts/differences.js';
import { describeDiscrepancy, discrepancies, explanations, isNotActedOn } from '../../corpus/compare.js';
import { admitObject, readCorpus, type Case } from '../../corpus/corpus.js';
import { discrepanciesOf as specDiscrepancies, SPEC_CASES } from '../../corpus/spec-cases/index.js';

/*
 * The reference's verdicts (KubeVirt v1.9), strictly: verdict, fields and defaults are equal in every case, but for the
 * differences on purpose (scripts/differences.ts, docs/differences.md).
 */

/**
 * Fields of causes whose rules are being written; a rule that lands takes its line along. Empty: the corpus is met.
 */
const RULES_TO_COME: readonly RegExp[] = [];
const isToCome = (one: Discrepancy): boolean =>
  one.kind === 'less' && RULES_TO_COME.some((pattern) => pattern.test(one.field));

/** The object after our defaults as the corpus writes it: without status, and JSON. */
const comparable = (object: unknown): unknown => {
  const written = JSON.parse(JSON.stringify(object)) as Record<string, unknown>;
  delete written['status'];
  return written;
};

const discrepanciesOf = ({ name, object, gates, allowed, causes, mutated }: Case): Discrepancy[] => {
  const outcome = admitObject(object, gates, { allowNotActedOn: true });
  return discrepancies(
    { causes: outcome.causes, defaulted: comparable(outcome.object) },
    { name, allowed, fields: causes.map(([, field]) => field), defaulted: mutated ?? undefined },
  );
};

describe('the reference’s corpus', () => {
  const cases = readCorpus();

  it('has the cases that it came with', () => {
    assert.equal(cases.length, 275);
    assert.equal(new Set(cases.map(({ name }) => name)).size, cases.length);
  });

  it('is judged and defaulted alike, but for the differences on purpose', () => {
    const unexplained = cases.flatMap((one) =>
      discrepanciesOf(one)
        .filter((discrepancy) => !isToCome(discrepancy) && explanations(discrepancy).length === 0)
        .map((discrepancy) => `${one.name}: ${describeDiscrepancy(discrepancy)}`),
    );
    assert.deepEqual(unexplained, []);
  });

  it('shows every difference on purpose, together with the cases of the specification', () => {
    const all = [...cases.flatMap(discrepanciesOf), ...SPEC_CASES.flatMap(specDiscrepancies)];
    const shown = new Set(all.flatMap(explanations));
    assert.deepEqual(
      DIFFERENCES.filter(({ id, test }) => test === undefined && !shown.has(id)).map(({ id }) => id),
      [],
    );
  });

  it('cannot show some differences, which name a test that does', () => {
    for (const { id, test } of DIFFERENCES) {
      if (test === undefined) continue;
      const [file, title] = test;
      assert.ok(readFileSync(file, 'utf8').includes(`'${title}'`), `${id}: ${file} has no "${title}"`);
    }
  });

  it('is refused further only for fields that are not acted on, by name', () => {
    const wrong = cases.flatMap(({ name, object, gates }) => {
      const lenient = new Set(admitObject(object, gates, { allowNotActedOn: true }).causes.map(({ field }) => field));
      return admitObject(object, gates)
        .causes.filter(({ field }) => !lenient.has(field))
        .filter(({ field, rule }) => rule !== 'field.not-acted-on' || !isNotActedOn(field))
        .map(({ field, rule = '' }) => `${name}: ${field} (${rule})`);
    });
    assert.deepEqual(wrong, []);
  });

  it('loses a cause to fields that are not acted on only below such a field, or where one asks for it', () => {
    const lost = cases.flatMap(({ name, object, gates }) => {
      const real = admitObject(object, gates).causes.map(({ field }) => field);
      const isRemoved = (field: string) => real.some((outer) => isWithin(field, outer) && isNotActedOn(outer));
      return admitObject(object, gates, { allowNotActedOn: true })
        .causes.filter(({ field }) => !real.includes(field))
        .filter(({ field, because = field }) => !isRemoved(field) && !isRemoved(because))
        .map(({ field }) => `${name}: ${field}`);
    });
    assert.deepEqual(lost, []);
  });
});
