import { readFile } from 'node:fs/promises';
import { CliError, messageOf } from '../errors.js';
import type { Io } from '../io.js';

/** Far more than a key or a password has. */
const MAX_BYTES = 64 * 1024;

/** A short file, or stdin for `-`. @throws CliError */
export const readText = async (io: Io, file: string): Promise<string> => {
  if (file !== '-') {
    try {
      return (await readFile(file)).subarray(0, MAX_BYTES).toString('utf8');
    } catch (error) {
      throw new CliError(`cannot read ${file}: ${messageOf(error)}`, { remedy: 'Name a file that can be read.' });
    }
  }
  let text = '';
  for await (const chunk of io.stdin) {
    text += String(chunk);
    if (text.length > MAX_BYTES) break;
  }
  return text;
};
