import { readFileSync } from 'node:fs';
import { errorMessage } from '../client/api-error.js';
import { KubeconfigError } from './error.js';

/** Reads a file that a setting names. @throws KubeconfigError that names both */
export const readNamed = (setting: string, file: string): Buffer => {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new KubeconfigError(`cannot read ${setting} ${file}: ${errorMessage(error)}`, {
      remedy: `Correct the path, or make the file readable for you.`,
      cause: error,
    });
  }
};

/** Inline base64 data wins over a path, as in kubectl. */
export const dataOrFile = (setting: string, data: string | undefined, file: string | undefined): Buffer | undefined => {
  if (data !== undefined && data !== '') return Buffer.from(data, 'base64');
  return file === undefined || file === '' ? undefined : readNamed(setting, file);
};
