/** Which test files a stage has, and in which order they are begun. */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CACHE_DIR } from '../settings.js';
import type { Entry } from './record.js';

export type Layer = 'unit' | 'integration' | 'e2e';

/** Attacks (test/security) run with the layer whose means they need. */
export const testFiles = (layer: Layer): string[] =>
  [`test/${layer}`, `test/security/${layer}`].flatMap((directory) =>
    readdirSync(directory, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.test.ts'))
      .map((file) => path.join(directory, file))
      .sort(),
  );

/** Tests that change the cluster's settings or break its parts: nothing else may run beside them. */
const ALONE = 'test/e2e/alone/';
/** What must be true when all others are done. */
const LAST = 'test/e2e/last/';

export const endToEndFiles = (): { readonly shared: readonly string[]; readonly alone: readonly string[] } => {
  const files = testFiles('e2e');
  const below = (directory: string): string[] => files.filter((file) => file.startsWith(directory));
  const apart = [...below(ALONE), ...below(LAST)];
  return { shared: files.filter((file) => !apart.includes(file)), alone: apart };
};

type Seconds = Readonly<Record<string, number>>;

/** The longest first, so that none is left to run alone at the end; one that was never seen counts as long. */
export const longestFirst = (
  files: readonly string[],
  seconds: Seconds,
  size: (file: string) => number,
): readonly string[] =>
  files
    .map((file) => ({ file, seconds: seconds[file] ?? Infinity, size: size(file) }))
    .toSorted((a, b) => (a.seconds === b.seconds ? b.size - a.size : b.seconds > a.seconds ? 1 : -1))
    .map(({ file }) => file);

/** How long each file took in the last run on this machine. */
const KEPT = path.join(CACHE_DIR, 'test-seconds.json');
const kept = (): Seconds => (existsSync(KEPT) ? (JSON.parse(readFileSync(KEPT, 'utf8')) as Seconds) : {});

export const inOrder = (files: readonly string[]): readonly string[] =>
  longestFirst(files, kept(), (file) => statSync(file).size);

export const secondsByFile = (entries: readonly Entry[]): Seconds => {
  const sums: Record<string, number> = {};
  for (const { file, ms } of entries) if (file !== undefined) sums[file] = (sums[file] ?? 0) + ms / 1000;
  return sums;
};

/** Where the cache may be written: a run of unit tests by an ordinary user does without. */
export const keepSeconds = (entries: readonly Entry[]): void => {
  try {
    mkdirSync(CACHE_DIR, { recursive: true });
    writeFileSync(KEPT, JSON.stringify({ ...kept(), ...secondsByFile(entries) }));
  } catch {
    // The order of the next run is a matter of speed only.
  }
};
