/**
 * `npm run fuzz:cel`: a million generated expressions over generated objects, by our evaluator and by @bufbuild/cel.
 * Every difference that nothing explains is printed with its seed, and fails.
 *
 *     npm run fuzz:cel
 *     FUZZ_CASES=20000 npm run fuzz:cel               how many
 *     FUZZ_SEED=4711 FUZZ_CASES=1 npm run fuzz:cel    that one again
 */
import { compareOn, explained } from '../unit/policies/cel/against-buf.js';

const number = (name: string, otherwise: number): number => {
  const value = Number(process.env[name] ?? otherwise);
  if (Number.isSafeInteger(value) && value > 0) return value;
  process.stderr.write(`${name}=${process.env[name] ?? ''}: write a whole number above 0\n`);
  process.exit(2);
};

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const [first, cases] = [number('FUZZ_SEED', 1), number('FUZZ_CASES', 1_000_000)];
const reasons = new Map<string, number>();
let [compared, errors, failed] = [0, 0, 0];
for (let seed = first; seed < first + cases; seed += 1) {
  const found = compareOn(seed);
  if ((seed - first + 1) % 20_000 === 0) print(`${seed - first + 1} of ${cases}`);
  if (found === undefined) continue;
  compared += 1;
  if (found.ours === 'error') errors += 1;
  if (found.ours === found.theirs) continue;
  const why = explained(found);
  if (why === undefined) {
    failed += 1;
    print(`DIFFERENT, FUZZ_SEED=${seed}: ${found.text} over ${JSON.stringify(found.object)}`);
    print(`  ours ${found.ours}, theirs ${found.theirs}`);
  } else reasons.set(why, (reasons.get(why) ?? 0) + 1);
}
print(`${compared} compared, ${errors} of them errors; ${failed} differences that nothing explains`);
for (const [why, times] of reasons) print(`${times} × ${why}`);
process.exitCode = failed === 0 ? 0 : 1;
