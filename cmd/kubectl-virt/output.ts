import { UsageError } from './errors.js';
import { print } from './io.js';
import type { Io } from './io.js';

/** Prints a value as `-o` asks. `name` is for objects only. @throws UsageError for another format */
export const printAs = async (io: Io, format: string, value: unknown): Promise<void> => {
  if (format === 'json') {
    print(io, JSON.stringify(value, null, 2));
  } else if (format === 'yaml') {
    const { stringify } = await import('yaml');
    io.stdout.write(stringify(value, { lineWidth: 0, aliasDuplicateObjects: false }));
  } else {
    throw new UsageError(`unsupported output format "${format}"`, { remedy: 'Use -o json or -o yaml.' });
  }
};
