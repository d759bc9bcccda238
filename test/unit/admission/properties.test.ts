import assert from 'node:assert/strict';
import fc from 'fast-check';
import { schemaOf, CHECKED_KINDS } from '../../../src/api/schema-check/check-schema.js';
import { anyPlan, build, editCount, garbagePlan, nearlyPlan, optionCount, validPlan } from './generators.js';
import { measure, someLargeObjects } from './large-objects.js';
import { check } from './properties.js';

/*
 * Properties of admission on generated objects. FUZZ_CASES says how many; `npm test` has a stage that runs 100,000,
 * `npm run fuzz` a million. A failure prints the seed, and the case as small as it can be made.
 */

const CASES = Number(process.env['FUZZ_CASES'] ?? 2000);

/** A value and everything in it that could be shared. */
const partsOf = (value: unknown): object[] =>
  typeof value === 'object' && value !== null ? [value, ...Object.values(value).flatMap(partsOf)] : [];

describe('properties of admission', function () {
  this.timeout(0);

  const holds = (share: number, plan: typeof anyPlan): { cases: number; admitted: number } => {
    const numRuns = Math.ceil(CASES * share);
    let admitted = 0;
    const property = fc.property(plan, nearlyPlan, (one, old) => {
      if (check(one, old).admitted) admitted += 1;
    });
    fc.assert(property, { numRuns });
    return { cases: numRuns, admitted };
  };

  it('hold of valid objects, and nearly all of these are valid', () => {
    const { cases, admitted } = holds(0.3, validPlan);
    assert.ok(admitted >= cases * 0.98, `${admitted} of ${cases} were admitted`);
  });
  it('hold of nearly valid objects, of which some are valid and more are not', () => {
    const { cases, admitted } = holds(0.5, nearlyPlan);
    assert.ok(admitted >= cases * 0.03 && admitted <= cases * 0.5, `${admitted} of ${cases} were admitted`);
  });
  it('hold of garbage, which is refused', () => {
    const { cases, admitted } = holds(0.2, garbagePlan);
    assert.ok(admitted <= cases * 0.2, `${admitted} of ${cases} were admitted`);
  });

  it('hold of objects of 500 KB, which take no longer than they must', () => {
    for (const large of someLargeObjects()) {
      const milliseconds = Math.max(...Object.values(measure(large)));
      // Generous: 50 ms is the aim, which `npm run fuzz` reports; a test must not depend on the machine.
      assert.ok(milliseconds < 1000, `${large.name}: ${milliseconds} ms of CPU`);
    }
  });
});

describe('the generators of admission', () => {
  it('reach every field of every spec, and every change is one that somebody wrote or a schema allows', () => {
    for (const kind of CHECKED_KINDS) assert.ok(editCount(kind) > 10_000, `${kind}: ${editCount(kind)}`);
    assert.ok(optionCount > 200, String(optionCount));
    assert.ok(schemaOf('VirtualMachineInstance').properties);
  });
  it('make the same object of the same plan, and no object shares a part with another', () => {
    fc.assert(
      fc.property(anyPlan, (plan) => {
        const [one, other] = [build(plan), build(plan)];
        assert.deepEqual(one, other);
        const taken = new Set([...partsOf(one), ...partsOf(plan)]);
        assert.deepEqual(
          partsOf(other).filter((part) => taken.has(part)),
          [],
        );
      }),
    );
  });
});
