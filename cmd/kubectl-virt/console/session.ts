import type { Readable, Writable } from 'node:stream';
import type { WebSocket } from 'ws';
import { CloseCode, PING_INTERVAL_MS, SILENCE_LIMIT_MS } from '../../../src/agent-api/stream.js';
import { CliError } from '../errors.js';
import { endingOf } from './close-codes.js';
import type { Ending } from './close-codes.js';
import { splitAtEscape } from './escape.js';

/** Above this much unsent input reading stdin stops until it has drained. */
const HIGH_WATER_BYTES = 1024 * 1024;
/** How long the server has to answer our close frame. */
const CLOSE_MS = 1000;

export interface SessionOptions {
  readonly socket: WebSocket;
  readonly name: string;
  /** What of the VM it is, for messages. Default: console. */
  readonly what?: string;
  readonly stdin: Readable;
  /** Where the guest's bytes go. */
  readonly guestScreen: Writable;
  readonly isTty: boolean;
  /** Byte that leaves a TTY's session. In a pipe nothing is interpreted. */
  readonly escape: number | undefined;
  /** Milliseconds to read on after the end of a piped stdin. */
  readonly drainTimeout: number;
  readonly signal: AbortSignal;
}

/** Copies bytes both ways until the user leaves, stdin has drained or the server closes. */
export const runSession = (options: SessionOptions): Promise<Ending> =>
  new Promise((resolve) => {
    const { socket, stdin, guestScreen, name, what, signal } = options;
    const timers = new Set<NodeJS.Timeout>();
    let lastHeard = Date.now();
    let serverPings = false;

    const finish = (ending: Ending): void => {
      for (const timer of timers) clearTimeout(timer);
      stdin.off('data', onInput).off('end', onInputEnd).pause();
      signal.removeEventListener('abort', leave);
      resolve(ending);
    };
    const leave = (): void => {
      socket.close(CloseCode.ended);
      // The user has exited the console; a server that does not answer the close must not keep the plugin running. Not
      // one of the session's timers, which end now.
      setTimeout(() => socket.terminate(), CLOSE_MS).unref();
      finish({});
    };
    const onInput = (chunk: Buffer): void => {
      const { send, leave: leaving } = options.isTty
        ? splitAtEscape(chunk, options.escape)
        : { send: chunk, leave: false };
      if (send.length > 0) {
        socket.send(send, { binary: true }, () => {
          if (socket.bufferedAmount < HIGH_WATER_BYTES / 2 && stdin.isPaused()) stdin.resume();
        });
      }
      if (leaving) leave();
      else if (socket.bufferedAmount > HIGH_WATER_BYTES) stdin.pause();
    };
    const onInputEnd = (): void => {
      timers.add(setTimeout(leave, options.drainTimeout));
    };
    const heard = (): void => {
      lastHeard = Date.now();
    };
    const checkAlive = (): void => {
      if (serverPings && Date.now() - lastHeard > SILENCE_LIMIT_MS) {
        socket.terminate();
        finish({
          error: new CliError(`the server has been silent for ${SILENCE_LIMIT_MS / 1000} s`, {
            remedy: 'Open it again.',
          }),
        });
      } else if (socket.readyState === socket.OPEN) socket.ping();
    };

    socket.on('message', (data: Buffer) => {
      heard();
      if (guestScreen.write(data)) return;
      socket.pause();
      guestScreen.once('drain', () => socket.resume());
    });
    socket.on('ping', () => {
      serverPings = true;
      heard();
    });
    socket.on('pong', heard);
    // 'close' follows with the code; without a listener the error would end the process.
    socket.on('error', () => undefined);
    socket.on('close', (code, reason) => finish(endingOf(code, reason.toString('utf8'), name, what)));
    timers.add(setInterval(checkAlive, PING_INTERVAL_MS));
    signal.addEventListener('abort', leave);
    stdin.on('data', onInput).on('end', onInputEnd);
    stdin.resume();
    socket.resume();
  });
