import { UsageError } from '../errors.js';
import { note } from '../io.js';
import type { Io } from '../io.js';
import { TEXT_FORMATS } from '../shared-flags.js';
import type { Finding } from './admission.js';
import { ALL } from './explained-ids.js';
import type { Manifest } from './manifests.js';

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

/** Objects of other APIs, which nobody should think checked. */
export const noteOthers = (io: Io, others: readonly Manifest[]): void => {
  for (const { file, object, positionOf } of others) {
    const { line } = positionOf('');
    note(io, `${file}:${line}: not checked: ${String(object.apiVersion)} ${String(object.kind)} is of another API`);
  }
};

/** How many there are, and where to read on about the first. */
export const noteSummary = (io: Io, checked: number, findings: readonly Finding[]): void => {
  const errors = errorsIn(findings);
  const warnings = findings.length - errors;
  note(io, `${count(checked, 'object')} checked, ${count(errors, 'error')}, ${count(warnings, 'warning')}`);
  const known = new Set(ALL.map(({ id }) => id));
  const first = findings.find(({ rule }) => known.has(rule));
  if (first !== undefined) note(io, `More about a rule in brackets: ${io.program} explain ${first.rule}`);
};
