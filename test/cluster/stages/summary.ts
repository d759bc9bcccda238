/**
 * The end of `npm test`: what each stage cost, what was slow, and once more what failed, for whoever keeps only the
 * end.
 */
import type { Entry } from './record.js';

export interface Outcome {
  readonly stage: string;
  /** From its first process to its last, whatever ran beside it. */
  readonly seconds: number;
  /**
   * CPU seconds of the whole machine meanwhile, of what ran beside it too: near `seconds` × cores, waiting is no part.
   */
  readonly cpuSeconds: number;
  readonly ok: boolean;
  readonly entries: readonly Entry[];
  /** Why it failed, where no test says it. */
  readonly error?: string;
}

interface Sums {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const SLOWEST = 10;
const ERROR_LINES = 15;

const sumsOf = ({ entries, ok }: Outcome): Sums => {
  const count = (state: Entry['state']): number =>
    entries.filter((entry) => entry.state === state && (entry.kind === 'test' || state === 'failed')).length;
  const failed = count('failed');
  // A stage that failed without a failing test (a type error, a crash, no cluster) counts as one failure.
  return { passed: count('passed'), failed: failed === 0 && !ok ? 1 : failed, skipped: count('skipped') };
};

const row = (...cells: readonly (string | number)[]): string =>
  cells.map((cell, index) => (index === 0 ? String(cell).padEnd(18) : String(cell).padStart(9))).join('');

const table = (outcomes: readonly Outcome[]): string[] => [
  row('stage', 'seconds', 'CPU s', 'passed', 'failed', 'skipped'),
  ...outcomes.map((outcome) => {
    const { passed, failed, skipped } = sumsOf(outcome);
    return row(outcome.stage, outcome.seconds.toFixed(1), outcome.cpuSeconds.toFixed(0), passed, failed, skipped);
  }),
];

const slowest = (outcomes: readonly Outcome[]): string[] => {
  const entries = outcomes.flatMap(({ stage, entries }) => entries.map((entry) => ({ stage, ...entry })));
  const slow = entries.toSorted((a, b) => b.ms - a.ms).slice(0, SLOWEST);
  if (slow.length === 0) return [];
  const lines = slow.map(({ stage, title, ms }) => `${(ms / 1000).toFixed(1).padStart(8)} s  ${stage}: ${title}`);
  return ['', `the slowest ${slow.length} tests and hooks`, ...lines];
};

/** The beginning of an error's text: what a diagnosis of the cluster adds stands where the test ran. */
const shortened = (text: string): string[] => {
  const lines = text.split('\n');
  const rest = lines.length - ERROR_LINES;
  return rest > 1 ? [...lines.slice(0, ERROR_LINES), `… ${rest} more lines above`] : lines;
};

const failures = (outcomes: readonly Outcome[]): string[] => {
  const all = outcomes.flatMap((outcome) => {
    const failed = outcome.entries
      .filter(({ state }) => state === 'failed')
      .map(({ title, error, file }) => ({ title: `${title}${file ? ` (${file})` : ''}`, error: error ?? '' }));
    const ofStage = failed.length === 0 && !outcome.ok ? [{ title: 'the stage', error: outcome.error ?? '' }] : failed;
    return ofStage.map((failure) => ({ stage: outcome.stage, ...failure }));
  });
  if (all.length === 0) return [];
  const lines = all.flatMap(({ stage, title, error }, index) => [
    `${index + 1}) ${stage}: ${title}`,
    ...shortened(error).map((line) => `     ${line}`),
  ]);
  return ['', 'failures', ...lines];
};

const minutes = (seconds: number): string => `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;

/** @param seconds of the whole run: stages run side by side, so it is less than their sum */
export const summary = (outcomes: readonly Outcome[], seconds: number): { text: string; failed: number } => {
  const sums = outcomes.map(sumsOf);
  const total = (key: keyof Sums): number => sums.reduce((sum, each) => sum + each[key], 0);
  const lines = [
    ...['', ...table(outcomes), ...slowest(outcomes), ...failures(outcomes)],
    '',
    `${total('passed')} passed, ${total('failed')} failed, ${total('skipped')} skipped, in ${minutes(seconds)}`,
  ];
  return { text: `${lines.join('\n')}\n`, failed: total('failed') };
};
