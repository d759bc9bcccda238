import { visibleJson, visibleLine } from '../../../src/api/visible-text.js';
import { age } from '../age.js';
import { print, type Io } from '../io.js';
import { yamlText } from '../yaml-text.js';
import type { Row } from './rows.js';

export interface Printing {
  readonly output: string | undefined;
  /** Of all namespaces, which is a column then. */
  readonly all: boolean;
  readonly headers: boolean;
  /** Begin at the top of the screen. */
  readonly clear: boolean;
}

/** Rows that are held before they are printed: as many as one page of a list has. */
const BATCH = 500;

const batches = async function* (rows: AsyncIterable<Row>): AsyncGenerator<Row[]> {
  let batch: Row[] = [];
  for await (const row of rows) {
    batch.push(row);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
};

const HEADER = ['NAME', 'STATUS', 'AGE', 'IP', 'NODE', 'RESTART', 'ENDED', 'REASON'];
const NONE = '<none>';

const endedOf = ({ lastTermination }: Row, now: number): string => {
  if (lastTermination?.reason === undefined) return '';
  const when = age(lastTermination.time, now);
  return `${lastTermination.reason}${when === undefined ? '' : ` ${when} ago`}`;
};

/** An end that nobody needs explained. */
const PLAIN_ENDS = ['Stopped', 'PoweredOff'];

const reasonOf = ({ reason, lastTermination, status }: Row): string =>
  reason ??
  (status !== 'Running' && !PLAIN_ENDS.includes(lastTermination?.reason ?? '') ? (lastTermination?.message ?? '') : '');

const cells = (row: Row, { all, output }: Printing, now: number): string[] =>
  [
    ...(all ? [row.namespace] : []),
    row.kind === 'VirtualMachine' ? row.name : `vmi/${row.name}`,
    row.status,
    age(row.created, now) ?? '<unknown>',
    (output === 'wide' ? row.ips?.join(',') : row.ip) ?? NONE,
    row.node ?? NONE,
    row.pendingRestart ? 'pending' : '',
    endedOf(row, now),
    reasonOf(row),
  ].map(visibleLine);

/** A column that grows beyond it does not push the others off the screen. */
const MAX_WIDTH = 60;

/** Lines of columns; widths only grow from one batch to the next. The last column is cut at the terminal's edge. */
const tableWriter = (io: Io, isCut: boolean) => {
  let widths: number[] = [];
  return (rows: readonly (readonly string[])[]): void => {
    for (const row of rows)
      widths = row.map((cell, index) => Math.min(MAX_WIDTH, Math.max(widths[index] ?? 0, cell.length)));
    for (const row of rows) {
      const line = row
        .map((cell, index) => (index === row.length - 1 ? cell : cell.padEnd(widths[index] ?? 0)))
        .join('   ')
        .trimEnd();
      const { columns, isTTY } = io.stdout;
      const fits = !isCut || !isTTY || columns === 0 || line.length <= columns;
      print(io, fits ? line : `${line.slice(0, Math.max(1, columns - 1))}…`);
    }
  };
};

const printTable = async (io: Io, rows: AsyncIterable<Row>, printing: Printing): Promise<number> => {
  const write = tableWriter(io, printing.output !== 'wide');
  let shown = 0;
  const begin = (): void => {
    if (printing.clear && io.stdout.isTTY) io.stdout.clearScreen();
  };
  for await (const batch of batches(rows)) {
    if (shown === 0) begin();
    const now = Date.now();
    const head = shown === 0 && printing.headers ? [printing.all ? ['NAMESPACE', ...HEADER] : HEADER] : [];
    write([...head, ...batch.map((row) => cells(row, printing, now))]);
    shown += batch.length;
  }
  // The last one has gone, and would be looked at on.
  if (shown === 0) begin();
  return shown;
};

/** As one document, an item after the other. */
const printJson = async (io: Io, rows: AsyncIterable<Row>): Promise<number> => {
  let shown = 0;
  for await (const row of rows) {
    const text = visibleJson(JSON.stringify(row, null, 2)).replaceAll('\n', '\n    ');
    io.stdout.write(`${shown === 0 ? '{\n  "items": [' : ','}\n    ${text}`);
    shown += 1;
  }
  io.stdout.write(shown === 0 ? '{\n  "items": []\n}\n' : '\n  ]\n}\n');
  return shown;
};

const printYaml = async (io: Io, rows: AsyncIterable<Row>): Promise<number> => {
  let shown = 0;
  for await (const row of rows) {
    if (shown === 0) print(io, 'items:');
    io.stdout.write(yamlText([row]));
    shown += 1;
  }
  if (shown === 0) print(io, 'items: []');
  return shown;
};

const printNames = async (io: Io, rows: AsyncIterable<Row>): Promise<number> => {
  let shown = 0;
  for await (const { kind, name } of rows) {
    print(io, `${kind.toLowerCase()}.kubevirt.io/${visibleLine(name)}`);
    shown += 1;
  }
  return shown;
};

/** @returns how many there were */
export const printRows = (io: Io, rows: AsyncIterable<Row>, printing: Printing): Promise<number> => {
  switch (printing.output) {
    case 'json':
      return printJson(io, rows);
    case 'yaml':
      return printYaml(io, rows);
    case 'name':
      return printNames(io, rows);
    default:
      return printTable(io, rows, printing);
  }
};
