import { visibleLine } from '../../src/api/visible-text.js';

/** What is not known; what is nothing is 0. */
export const UNKNOWN = '<unknown>';

/** As `kubectl top` writes it: thousandths of a CPU. */
export const milliCpu = (cores: number | undefined): string =>
  cores === undefined ? UNKNOWN : `${Math.round(cores * 1000)}m`;

const MEBIBYTE = 2 ** 20;

export const mebibytes = (bytes: number | undefined): string =>
  bytes === undefined ? UNKNOWN : `${Math.round(bytes / MEBIBYTE)}Mi`;

export const percent = (part: number | undefined, whole: number | undefined): string =>
  part === undefined || whole === undefined || whole <= 0 ? UNKNOWN : `${Math.round((part / whole) * 100)}%`;

/** Lines of columns, three blanks apart, as kubectl's. */
export const aligned = (rows: readonly (readonly string[])[]): string[] => {
  const shown = rows.map((row) => row.map(visibleLine));
  const widths = (shown[0] ?? []).map((_, column) => Math.max(...shown.map((row) => row[column]?.length ?? 0)));
  return shown.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('   ')
      .trimEnd(),
  );
};
