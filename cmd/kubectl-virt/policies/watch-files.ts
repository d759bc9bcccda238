import { watch, type FSWatcher } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** Editors write a file in several steps. */
const QUIET_MS = 100;

/** Resolves when one of these files, or a file beside one, has changed, and nothing has for a moment. */
export const watchFiles = async (files: readonly string[]): Promise<void> => {
  const directories = new Set(files.filter((file) => file !== '-').map((file) => dirname(resolve(file))));
  const watchers: FSWatcher[] = [];
  try {
    await new Promise<void>((done, fail) => {
      let quiet: NodeJS.Timeout | undefined;
      const changed = (): void => {
        clearTimeout(quiet);
        quiet = setTimeout(done, QUIET_MS);
      };
      for (const directory of directories) watchers.push(watch(directory, changed).on('error', fail));
    });
  } finally {
    for (const watcher of watchers) watcher.close();
  }
};
