import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** What opens a file in the user's browser. */
const OPENERS: Readonly<Record<string, readonly [program: string, ...args: string[]]>> = {
  darwin: ['open'],
  win32: ['explorer.exe'],
  linux: ['xdg-open'],
};

export interface Opened {
  /** Whether a program was found that opens it. */
  readonly started: Promise<boolean>;
  readonly cleanUp: () => void;
}

/**
 * Opens a link that nobody else may see. On the command line of a program every user of the machine could read it, and
 * be faster: so the browser gets a file that only this user reads, and that leads there.
 */
export const openLink = (link: string, platform: string = process.platform): Opened => {
  const directory = mkdtempSync(join(tmpdir(), 'kubectl-virt-ui-'));
  const cleanUp = (): void => rmSync(directory, { recursive: true, force: true });
  const file = join(directory, 'open.html');
  writeFileSync(
    file,
    `<!doctype html><title>kubectl virt</title><meta http-equiv="refresh" content="0; url=${link}">`,
    {
      mode: 0o600,
    },
  );
  const [program, ...args] = OPENERS[platform] ?? ['xdg-open'];
  const child = spawn(program, [...args, pathToFileURL(file).href], { stdio: 'ignore', detached: true });
  child.unref();
  const started = new Promise<boolean>((resolve) => {
    child.once('error', () => resolve(false));
    child.once('exit', (code) => resolve(code === 0));
    // One that stays is the browser itself.
    setTimeout(() => resolve(true), 3_000).unref();
  });
  return { started, cleanUp };
};
