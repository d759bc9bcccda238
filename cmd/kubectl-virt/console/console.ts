import type { WebSocket } from 'ws';
import { parseDuration } from '../duration.js';
import { ExitCode, Interrupted } from '../errors.js';
import { connectTo } from '../connect.js';
import { note } from '../io.js';
import type { Io } from '../io.js';
import { subresourcePath } from '../paths.js';
import { parseTarget } from '../target.js';
import { openWebSocket } from './connect.js';
import { describeEscape, parseEscape } from './escape.js';
import type { ConsoleFlags } from './flags.js';
import { runSession } from './session.js';
import { spinner } from '../spinner.js';
import { guardTerminal } from './terminal.js';
import { openWhenRunning } from './wait.js';

const hintOf = (name: string, escape: number | undefined): string => {
  const leave = escape === undefined ? '' : ` ${describeEscape(escape)} leaves it.`;
  return `Connected to the console of ${name}.${leave} Press Enter if the guest is silent.`;
};

/** `console TARGET`. Source: docs/reference/control.md §1.5. */
export const openConsole = async (io: Io, flags: ConsoleFlags): Promise<number> => {
  const target = parseTarget(flags.target);
  const escape = parseEscape(flags.escape);
  const timeout = parseDuration('timeout', flags.timeout, 'm');
  const drainTimeout = parseDuration('drain-timeout', flags['drain-timeout'], 's');
  const client = await connectTo(io, flags, target.namespace);
  const abort = new AbortController();
  let signalCode: number | undefined;
  const terminal = guardTerminal({
    stdin: io.stdin,
    onSignal: (code) => {
      signalCode = code;
      abort.abort(new Interrupted(code));
    },
  });
  const progress = spinner(io.stderr);
  try {
    const path = subresourcePath('vmi', client.namespace, target.name, 'console');
    const open = (): ReturnType<typeof openWebSocket> => openWebSocket(client, path);
    const opened = openWhenRunning({
      client,
      name: target.name,
      open,
      timeout,
      say: progress.say,
      signal: abort.signal,
    });
    const socket = await raceAbort(opened, abort.signal);
    progress.stop();
    if (terminal.isTty) note(io, hintOf(target.name, escape));
    terminal.raw();
    const { stdin, guestScreen } = io;
    const ending = await runSession({
      ...{ socket, name: target.name, stdin, guestScreen, isTty: terminal.isTty, escape, drainTimeout },
      signal: abort.signal,
    });
    terminal.restore();
    if (terminal.isTty) note(io, '');
    if (ending.notice !== undefined) note(io, ending.notice);
    if (ending.error !== undefined) throw ending.error;
    return signalCode ?? ExitCode.ok;
  } finally {
    progress.stop();
    terminal.release();
    // An open stdin would keep the process alive.
    io.stdin.pause();
  }
};

/**
 * A hanging attempt must not outlive ^C, and what it yields later must not keep the process alive or the console taken.
 * Public for tests.
 */
export const raceAbort = (opened: Promise<WebSocket>, signal: AbortSignal): Promise<WebSocket> =>
  new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
    opened
      .then((socket) => {
        if (signal.aborted) socket.terminate();
        resolve(socket);
      }, reject)
      .finally(() => signal.removeEventListener('abort', stop));
  });
