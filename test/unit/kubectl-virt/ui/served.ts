import { once } from 'node:events';
import { main } from '../../../../cmd/kubectl-virt/program.js';
import { fakeIo } from '../fake-io.js';

export interface Served {
  /** With the token, which works once. */
  readonly link: URL;
  readonly stop: () => Promise<number>;
  readonly err: () => string;
}

/** Runs `kubectl virt ui` in this process until `stop`, as ^C would end it. */
export const serveUi = async (args: readonly string[], command = ['ui', '--no-browser']): Promise<Served> => {
  const io = fakeIo();
  const running = main([...command, ...args], io);
  const failed = running.then(() => undefined);
  while (!io.out().includes('\n')) await Promise.race([once(io.guestScreen, 'data'), failed]);
  return {
    link: new URL(io.out().trim()),
    err: io.err,
    stop: async () => {
      process.emit('SIGTERM');
      return running;
    },
  };
};
