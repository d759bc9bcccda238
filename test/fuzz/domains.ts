/**
 * `npm run fuzz:domains`: what admission accepts, the launcher image's libvirt defines and its QEMU starts, paused.
 * Every edge value by itself, then generated specs; as root. A failure is printed, and the next spec tried.
 *
 *     npm run fuzz:domains
 *     FUZZ_CASES=500 FUZZ_SEED=42 npm run fuzz:domains    so many generated specs, of that seed
 *     FUZZ_START=0 npm run fuzz:domains                   defines them all and starts none: 20 times as fast
 */
import fc from 'fast-check';
import { edgeChange, singleChanges } from '../integration/domain/edge-specs.js';
import { LauncherMachine } from '../integration/domain/launcher-machine.js';

const number = (name: string, otherwise: number): number => {
  const value = Number(process.env[name] ?? otherwise);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new Error(`${name}: write a whole number`);
};

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const REPORT_EVERY = 100;
const cases = number('FUZZ_CASES', 3000);
const seed = number('FUZZ_SEED', Math.floor(Math.random() * 2 ** 30));
const start = number('FUZZ_START', 1) > 0;
print(`seed ${seed}`);
const machine = await LauncherMachine.start();
const counts = { refused: 0, defined: 0, started: 0, failed: 0 };
try {
  const all = [...singleChanges(), ...fc.sample(edgeChange, { numRuns: Math.max(cases, 1), seed }).slice(0, cases)];
  for (const [index, change] of all.entries()) {
    try {
      counts[await machine.check(change, start)] += 1;
    } catch (error) {
      counts.failed += 1;
      print(`FAILED: ${error instanceof Error ? error.message : String(error)}`);
    }
    if ((index + 1) % REPORT_EVERY === 0) print(`${index + 1} of ${all.length}: ${JSON.stringify(counts)}`);
  }
} finally {
  await machine.stop();
}
print(JSON.stringify(counts));
if (counts.failed > 0) process.exitCode = 1;
