import { visibleLine } from '../../../src/api/visible-text.js';
import { ExitCode, UsageError } from '../errors.js';
import { note } from '../io.js';
import type { Io } from '../io.js';
import { TEXT_FORMATS } from '../shared-flags.js';
import type { AdmittedSet } from './admission.js';
import type { Finding } from './findings.js';
import { ALL } from './explained-ids.js';

/** What `lint` and `explain-admission` say alike. */

/** @throws UsageError for a format that is none of these */
export const checkFormat = (format: string): void => {
  if ((TEXT_FORMATS as readonly string[]).includes(format)) return;
  throw new UsageError(`unsupported output format "${format}"`, { remedy: 'Use -o text, -o json or -o yaml.' });
};

/** In the order of the files and their lines. */
export const sorted = (findings: readonly Finding[]): Finding[] =>
  [...findings].sort((a, b) => a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column);

export const errorsIn = (findings: readonly Finding[]): number =>
  findings.filter(({ severity }) => severity === 'error').length;

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`;

/**
 * 0 without errors, 1 with, 2 where nothing was checked, or not everything that looks as if.
 */
export const exitCodeOf = (findings: readonly Finding[], unchecked: boolean): number => {
  if (errorsIn(findings) > 0) return ExitCode.failure;
  return unchecked ? ExitCode.usage : ExitCode.ok;
};

/** What was left out, which nobody should think checked. Where there are errors, they are what counts. */
export const noteUnchecked = (
  io: Io,
  { notes, unchecked, admitted }: Pick<AdmittedSet, 'notes' | 'unchecked' | 'admitted'>,
  findings: readonly Finding[],
): void => {
  for (const each of notes) note(io, visibleLine(each));
  if (!unchecked || errorsIn(findings) > 0) return;
  const which = admitted.length === 0 ? 'No' : 'Not every';
  note(io, `${which} virtual machine was checked: exit code ${ExitCode.usage}.`);
};

/** `disk.floppy 2, W-CPU-3 33`: errors first, then the most frequent. */
const byRule = (findings: readonly Finding[]): string => {
  const counts = new Map<string, { errors: number; all: number }>();
  for (const { rule, severity } of findings) {
    const { errors, all } = counts.get(rule) ?? { errors: 0, all: 0 };
    counts.set(rule, { errors: errors + (severity === 'error' ? 1 : 0), all: all + 1 });
  }
  return [...counts]
    .sort(([, one], [, other]) => Math.sign(other.errors) - Math.sign(one.errors) || other.all - one.all)
    .map(([rule, { all }]) => `${rule} ${all}`)
    .join(', ');
};

/** How many there are, by rule, and where to read on about the first. */
export const noteSummary = (io: Io, checked: number, findings: readonly Finding[]): void => {
  const errors = errorsIn(findings);
  const warnings = findings.length - errors;
  note(io, `${count(checked, 'object')} checked, ${count(errors, 'error')}, ${count(warnings, 'warning')}`);
  if (findings.length > 1) note(io, `By rule: ${byRule(findings)}`);
  const known = new Set(ALL.map(({ id }) => id));
  const first = findings.find(({ rule }) => known.has(rule));
  if (first !== undefined) note(io, `More about a rule in brackets: ${io.program} explain ${first.rule}`);
};
