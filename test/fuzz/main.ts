/**
 * `npm run fuzz`: the properties of admission (test/unit/admission/properties.ts) on a million generated objects.
 *
 *     npm run fuzz
 *     FUZZ_CASES=20000 npm run fuzz               how many
 *     FUZZ_SEED=42 FUZZ_CASES=10000 npm run fuzz  those again: what a failure prints
 *     FUZZ_CASES=1 npm run fuzz                   the objects of 500 KB alone
 *
 * Prints how far it is, the seed, and on failure the smallest case that fails. Then the slowest of all objects of 500
 * KB.
 */
import fc from 'fast-check';
import { anyPlan, build, nearlyPlan, requestOf, type Plan } from '../unit/admission/generators.js';
import { largeObjects, measure } from '../unit/admission/large-objects.js';
import { check } from '../unit/admission/properties.js';

/** One seed each: a failure is run again with one batch, however far it was. */
const BATCH = 10_000;
/** No answer should take longer over an object of 500 KB (milliseconds of CPU). */
const AIM = 50;

const number = (name: string, otherwise: number): number => {
  const text = process.env[name];
  const value = text === undefined ? otherwise : Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  process.stderr.write(`${name}=${text ?? ''}: write a whole number above 0\n`);
  process.exit(2);
};

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

interface Tally {
  cases: number;
  admitted: number;
}

const property = (tally: Tally) =>
  fc.property(anyPlan, nearlyPlan, (plan, old) => {
    const { admitted } = check(plan, old);
    tally.cases += 1;
    if (admitted) tally.admitted += 1;
  });

const describeFailure = (details: fc.RunDetails<[Plan, Plan]>, seed: number): void => {
  const [plan, old] = details.counterexample ?? [];
  print(`\nFAILED after ${details.numRuns} cases of this batch, made smaller ${details.numShrinks} times:`);
  print(details.errorInstance instanceof Error ? (details.errorInstance.stack ?? '') : String(details.errorInstance));
  if (plan !== undefined && old !== undefined) {
    const { kind, operation, user, subResource } = requestOf(plan, old).request;
    print(
      `\n${operation} ${kind}${subResource === undefined ? '' : `/${subResource}`} by ${user?.username ?? 'nobody'}, setting ${plan.setting}`,
    );
    print(`plan: ${JSON.stringify(plan)}`);
    print(`object: ${JSON.stringify(build(plan), null, 1)}`);
    if (operation === 'UPDATE') print(`stored: ${JSON.stringify(build({ ...old, kind }), null, 1)}`);
  }
  print(`\nAgain: FUZZ_SEED=${seed} FUZZ_CASES=${BATCH} npm run fuzz`);
};

const fuzz = (cases: number, first: number): boolean => {
  const tally: Tally = { cases: 0, admitted: 0 };
  const began = Date.now();
  for (let batch = 0; tally.cases < cases; batch += 1) {
    const seed = first + batch;
    const details = fc.check(property(tally), { seed, numRuns: Math.min(BATCH, cases - tally.cases) });
    if (details.failed) {
      describeFailure(details, seed);
      return false;
    }
    const seconds = (Date.now() - began) / 1000;
    const share = ((100 * tally.admitted) / tally.cases).toFixed(0);
    print(`${tally.cases} of ${cases}, ${seconds.toFixed(0)} s, seed ${seed}, ${share} % admitted`);
  }
  return true;
};

/** How many of the slowest are named, above the aim or not. */
const SLOWEST = 10;

const reportLarge = (): void => {
  const slow: { name: string; milliseconds: number }[] = [];
  let count = 0;
  for (const large of largeObjects()) {
    count += 1;
    for (const [phase, milliseconds] of Object.entries(measure(large))) {
      slow.push({ name: `${phase} ${large.name}`, milliseconds });
    }
    slow.sort((a, b) => b.milliseconds - a.milliseconds);
    if (slow.length > SLOWEST) slow.length = Math.max(SLOWEST, slow.filter((one) => one.milliseconds > AIM).length);
  }
  print(`\n${count} objects of 500 KB; the slowest answers, in milliseconds of CPU (the aim is ${AIM}):`);
  for (const { name, milliseconds } of slow) {
    print(`  ${milliseconds.toFixed(1).padStart(6)}  ${name}${milliseconds > AIM ? '  above the aim' : ''}`);
  }
};

const seed = number('FUZZ_SEED', 1 + Math.floor(Math.random() * 2 ** 30));
print(`seed ${seed}`);
if (!fuzz(number('FUZZ_CASES', 1_000_000), seed)) process.exit(1);
reportLarge();
