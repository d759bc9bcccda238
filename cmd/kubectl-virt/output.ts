import { visibleJson } from '../../src/api/visible-text.js';
import { UsageError } from './errors.js';
import { print } from './io.js';
import type { Io } from './io.js';

/**
 * Prints a value as `-o` asks: the same data when it is read again. `name` is for objects only. @throws UsageError for
 * another format
 */
export const printAs = async (io: Io, format: string, value: unknown): Promise<void> => {
  if (format === 'json') {
    print(io, visibleJson(JSON.stringify(value, null, 2)));
  } else if (format === 'yaml') {
    io.stdout.write((await import('./yaml-text.js')).yamlText(value));
  } else {
    throw new UsageError(`unsupported output format "${format}"`, { remedy: 'Use -o json or -o yaml.' });
  }
};
