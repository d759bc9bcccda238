import { visibleLine } from '../../../src/api/visible-text.js';
import type { Io } from '../io.js';
import { renderFinding } from './admission.js';
import type { Finding } from './findings.js';

/** Of a warning that repeats, as many places are named; the rest are counted. */
const NAMED_PLACES = 3;

const COLOUR = { error: 'red', warning: 'yellow' } as const;

const placeOf = ({ file, line, column }: Finding): string => `${file}:${line}:${column}`;

/** The word `error` or `warning` in its colour. */
const printFinding = (io: Io, finding: Finding): void => {
  const text = renderFinding(finding);
  const begin = visibleLine(`${placeOf(finding)}: `);
  const word = `${finding.severity}:`;
  io.stdout.write(begin);
  io.stdout.paint(COLOUR[finding.severity], word);
  io.stdout.write(`${text.slice(begin.length + word.length)}\n`);
  for (const line of finding.excerpt?.split('\n') ?? []) io.stdout.write(`    ${visibleLine(line)}\n`);
};

/**
 * A line for each, as editors read them. A warning that is the same at several places is one, at the first of them,
 * with a line below that counts the others: each error has to be put right, a warning is read once.
 */
export const printFindings = (io: Io, findings: readonly Finding[]): void => {
  const repeated = new Map<string, Finding[]>();
  const keyOf = ({ rule, message }: Finding): string => `${rule} ${message}`;
  for (const finding of findings) {
    if (finding.severity === 'error') continue;
    const same = repeated.get(keyOf(finding));
    if (same === undefined) repeated.set(keyOf(finding), [finding]);
    else same.push(finding);
  }
  for (const finding of findings) {
    if (finding.severity === 'error') {
      printFinding(io, finding);
      continue;
    }
    const [first, ...others] = repeated.get(keyOf(finding)) ?? [];
    if (first !== finding) continue;
    printFinding(io, finding);
    if (others.length === 0) continue;
    const named = others.slice(0, NAMED_PLACES).map(placeOf).join(', ');
    const rest = others.length > NAMED_PLACES ? ', …' : '';
    const places = others.length === 1 ? '1 more place' : `${others.length} more places`;
    io.stdout.write(`${visibleLine(`  and at ${places}: ${named}${rest}`)}\n`);
  }
};
