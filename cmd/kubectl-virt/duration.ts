import { UsageError } from './errors.js';

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/**
 * A duration in Go's notation (`30s`, `1m30s`) in milliseconds; a bare number counts in `bareUnit`.
 * @throws UsageError naming the flag
 */
export const parseDuration = (flag: string, text: string, bareUnit: 's' | 'm'): number => {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * (UNIT_MS[bareUnit] ?? 1);
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map(([whole]) => whole).join('') !== text) {
    throw new UsageError(`invalid --${flag} "${text}"`, { remedy: 'Write a duration such as 30s, 5m or 1h30m.' });
  }
  return parts.reduce((sum, [, number = '', unit = '']) => sum + Number(number) * (UNIT_MS[unit] ?? 1), 0);
};
