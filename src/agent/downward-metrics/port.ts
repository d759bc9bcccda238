import { once } from 'node:events';
import type { Socket } from 'node:net';
import { sleep, type Clock } from '../../kube/clock.js';
import { RequestReader } from './request.js';

/** Answers begin at least this far apart; requests beyond wait in the guest's own queue. */
const ANSWER_EVERY_MS = 1_000;
/** What is read of a guest that asks for nothing in particular; a request has 18 bytes. */
const BYTES_PER_SECOND = 65_536;
/** However small the pieces are: at most a hundred a second. */
const READ_EVERY_MS = 10;
const INVALID = 'INVALID REQUEST\n\n';
const NOT_AVAILABLE = '<metrics><!-- host metrics not available --><!-- VM metrics not available --></metrics>\n\n';

/**
 * Answers a guest at its virtio-serial port until the connection ends: one request at a time, one a second, and nothing
 * is read meanwhile, so that a guest can neither fill the agent's memory nor take its time. Never rejects.
 * @param report makes the document of now; it ends in one newline
 */
export const servePort = async (
  socket: Socket,
  report: () => Promise<string>,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> => {
  const reader = new RequestReader();
  const stop = (): void => void socket.destroy();
  signal.addEventListener('abort', stop);
  const closed = new AbortController();
  socket.once('close', () => closed.abort());
  let next = 0;
  try {
    // Iterating holds the socket until the last chunk is dealt with.
    for await (const chunk of socket) {
      for (const request of reader.read(chunk as Buffer)) {
        const wait = next - clock.now();
        if (wait > 0) await sleep(clock, wait, closed.signal);
        next = clock.now() + ANSWER_EVERY_MS;
        const answer =
          request === 'invalid'
            ? INVALID
            : await report().then(
                (text) => `${text}\n`,
                () => NOT_AVAILABLE,
              );
        if (!socket.write(answer)) await once(socket, 'drain', { signal: closed.signal });
      }
      const pause = Math.max(READ_EVERY_MS, ((chunk as Buffer).length / BYTES_PER_SECOND) * 1_000);
      await sleep(clock, pause, closed.signal);
    }
  } catch {
    // QEMU has ended, or this program is stopping: the next pass checks again.
  } finally {
    signal.removeEventListener('abort', stop);
    socket.destroy();
  }
};
