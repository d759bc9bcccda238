import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

export interface ServedPage {
  readonly link: URL;
  readonly pid: number;
  readonly stop: () => Promise<void>;
}

/** `kubectl virt ui` as users run it, from its bundle. */
export const spawnPage = async (...args: readonly string[]): Promise<ServedPage> => {
  const child: ChildProcess = spawn(process.execPath, ['bin/kubectl-virt', 'ui', '--no-browser', ...args]);
  let out = '';
  let err = '';
  child.stdout?.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const ended = once(child, 'close').then(() => {
    if (!out.includes('\n')) throw new Error(`kubectl virt ui has ended: ${err}`);
  });
  while (!out.includes('\n') && child.stdout !== null) await Promise.race([once(child.stdout, 'data'), ended]);
  return {
    link: new URL(out.trim()),
    pid: child.pid ?? 0,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
};
