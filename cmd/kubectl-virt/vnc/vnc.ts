import type { Socket } from 'node:net';
import { writeStreamQuery, type StreamQuery } from '../../../src/agent-api/stream-query.js';
import { PRESERVE_SESSION, WATCH } from '../../../src/agent-api/vmi-subresources.js';
import { connectTo } from '../connect.js';
import { openWebSocket } from '../console/connect.js';
import { runSession } from '../console/session.js';
import { guardTerminal } from '../console/terminal.js';
import { CliError, ExitCode, UsageError } from '../errors.js';
import { note, noteError, print, type Io } from '../io.js';
import { subresourcePath } from '../paths.js';
import { parseTarget } from '../target.js';
import type { VncFlags } from './flags.js';
import { Listener } from './listener.js';
import { runViewer } from './run-viewer.js';
import { findViewer } from './viewer.js';

/** How long a viewer that has been started has to connect. */
const VIEWER_MS = 60_000;
const LOOPBACK = '127.0.0.1';
const PORTS = 65_535;

/** @throws UsageError */
const parsePort = (text: string): number => {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= PORTS) return port;
  throw new UsageError(`invalid --port "${text}"`, { remedy: `Write a number from 0 (a free one) to ${PORTS}.` });
};

/** @throws UsageError */
const streamQuery = (flags: VncFlags): StreamQuery => {
  const [preserves, watches] = [flags['preserve-session'] === true, flags['view-only'] === true];
  if (preserves && watches)
    throw new UsageError('--view-only and --preserve-session exclude each other', {
      remedy: 'Who looks on takes the screen from nobody: leave out --preserve-session.',
    });
  return { ...(preserves ? { [PRESERVE_SESSION]: true } : {}), ...(watches ? { [WATCH]: true } : {}) };
};

/** `vnc TARGET`. Source: docs/reference/control.md §1.6. */
export const openScreen = async (io: Io, flags: VncFlags): Promise<number> => {
  const { namespace, name } = parseTarget(flags.target);
  const port = parsePort(flags.port);
  const proxyOnly = flags['proxy-only'] === true;
  if (!proxyOnly && flags.address !== LOOPBACK)
    throw new UsageError('--address needs --proxy-only', { remedy: 'A viewer of ours looks at this machine itself.' });
  const asked = streamQuery(flags);
  const viewer = proxyOnly ? undefined : findViewer({ kind: flags['vnc-type'], path: flags['vnc-path'] });
  const client = await connectTo(io, flags, namespace);
  const query = writeStreamQuery(asked);
  const path = `${subresourcePath('vmi', client.namespace, name, 'vnc')}${query}`;

  const abort = new AbortController();
  const terminal = guardTerminal({ stdin: io.stdin, onSignal: () => abort.abort() });
  const listener = await Listener.open(flags.address, port);
  try {
    /** One viewer's connection until it ends. @throws CliError */
    const serve = async (screen: ReturnType<typeof openWebSocket>, connection: Promise<Socket>): Promise<void> => {
      const socket = await screen;
      const viewerEnd = await connection;
      const ending = await runSession({
        ...{ socket, name, what: 'screen', stdin: viewerEnd, guestScreen: viewerEnd },
        ...{ isTty: false, escape: undefined, drainTimeout: 0, signal: abort.signal },
      });
      viewerEnd.destroy();
      if (ending.notice !== undefined) note(io, ending.notice);
      if (ending.error !== undefined) throw ending.error;
    };
    if (viewer !== undefined) {
      // Before a window opens: what is refused is said here.
      const screen = await openWebSocket(client, path);
      note(io, `The screen of ${name} is at ${LOOPBACK}:${listener.port}; this ends with the viewer.`);
      const connection = listener.next(VIEWER_MS, abort.signal);
      try {
        await Promise.race([serve(Promise.resolve(screen), connection), runViewer(viewer(listener.port), connection)]);
      } finally {
        // Where no viewer has come: the next user is not to take it from nobody.
        screen.terminate();
      }
      return ExitCode.ok;
    }
    print(io, JSON.stringify({ port: listener.port }));
    // One after another, and a newcomer while another looks: the server gives it the screen.
    for (;;) {
      const connection = await listener.next(undefined, abort.signal);
      serve(openWebSocket(client, path), Promise.resolve(connection)).catch((error: unknown) => {
        noteError(io, error);
        connection.destroy();
      });
    }
  } catch (error) {
    // ^C is how a proxy ends.
    if (abort.signal.aborted) return ExitCode.ok;
    throw error instanceof Error ? error : new CliError(String(error));
  } finally {
    // What still waits for a viewer.
    abort.abort();
    listener.close();
    terminal.release();
    io.stdin.pause();
  }
};
