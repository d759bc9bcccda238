import { readFileSync } from 'node:fs';

/**
 * The tables of docs/troubleshooting.md as data for `kubectl virt doctor`: the page is the one home of what a status,
 * phase, condition or end means and what to do.
 */

const page = new URL('../docs/troubleshooting.md', import.meta.url);

type Row = readonly string[];

/** Without links and code marks, as a terminal shows it. */
const plain = (text: string): string =>
  text
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll('`', '')
    .trim();

const codes = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word);

/** Rows of the tables below a heading, their heads left out. */
const rowsBelow = (text: string, heading: string): Row[] => {
  const [, rest = ''] = text.split(`\n## ${heading}\n`);
  if (rest === '') throw new Error(`docs/troubleshooting.md has no section "${heading}"`);
  const lines = (rest.split('\n## ')[0] ?? '').split('\n').filter((line) => line.startsWith('|'));
  return lines
    .filter((line, index) => !/^\|[ |-]+\|$/.test(line) && !/^\|[ |-]+\|$/.test(lines[index + 1] ?? ''))
    .map((line) => line.split('|').slice(1, -1));
};

interface Told {
  readonly meaning: string;
  readonly remedy: string;
}

const byFirst = (rows: readonly Row[]): Record<string, Told> =>
  Object.fromEntries(
    rows.flatMap(([words = '', meaning = '', remedy = '']) =>
      codes(words).map((word) => [word, { meaning: plain(meaning), remedy: plain(remedy) }] as const),
    ),
  );

/** `Synchronized/ClaimInUse`. */
const byCondition = (rows: readonly Row[]): Record<string, Told> =>
  Object.fromEntries(
    rows.flatMap(([condition = '', reasons = '', meaning = '', remedy = '']) =>
      codes(condition).flatMap((type) =>
        codes(reasons).map(
          (reason) => [`${type}/${reason}`, { meaning: plain(meaning), remedy: plain(remedy) }] as const,
        ),
      ),
    ),
  );

export const troubleshootingReasons = (): string => {
  const text = readFileSync(page, 'utf8');
  const tables = {
    status: byFirst(rowsBelow(text, 'Status of a VM')),
    phase: byFirst(rowsBelow(text, 'Phase of an instance')),
    condition: {
      ...byCondition(rowsBelow(text, 'Conditions of a VM and a replica set')),
      ...byCondition(rowsBelow(text, 'The installation')),
      ...byCondition(rowsBelow(text, 'Conditions of an instance')),
    },
    end: byFirst(rowsBelow(text, 'Reasons of an end')),
  };
  return `${JSON.stringify(tables, null, 2)}\n`;
};
