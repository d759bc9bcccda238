import { UsageError } from './errors.js';
import { print } from './io.js';
import type { Io } from './io.js';

/** Prints a value as `-o` asks. `name` is for objects only. @throws UsageError for another format */
export const printAs = async (io: Io, format: string, value: unknown): Promise<void> => {
  if (format === 'json') return print(io, JSON.stringify(value, null, 2));
  if (format === 'yaml') {
    const { stringify } = await import('yaml');
    return void io.stdout.write(stringify(value, { lineWidth: 0, aliasDuplicateObjects: false }));
  }
  throw new UsageError(`unsupported output format "${format}"`, { remedy: 'Use -o json or -o yaml.' });
};
