/** Opening a connection: the socket, authentication, keep-alive, and the driver behind the URI. */
import { createConnection, type Socket } from 'node:net';
import { Connection } from './connection.js';
import { ConnectFlag } from './flags.js';
import { ConnectionClosedError, LibvirtError } from './errors.js';
import type { KeepAliveOptions } from './keep-alive.js';
import { withDefaults, type ConnectionLimits } from './limits.js';
import { procedures } from './procedures.js';

/** VIR_DRV_FEATURE_PROGRAM_KEEPALIVE, from libvirt's `libvirt_internal.h`. */
const FEATURE_KEEP_ALIVE = 10;
/** remote_auth_type */
const Auth = { NONE: 0, SASL: 1, POLKIT: 2 } as const;

/** How to connect. One of `socketPath` and `socket` is needed. */
export interface ConnectOptions {
  /** The daemon's unix socket; at most 107 bytes (a limit of the kernel), connect longer ones through `socket`. */
  readonly socketPath?: string;
  /** A connected socket, or what makes one. The connection owns it from here on. */
  readonly socket?: Socket | (() => Socket | Promise<Socket>);
  /** Which driver: `qemu:///session` (default), `qemu:///system`, `test:///default`; `null` lets the daemon choose. */
  readonly uri?: string | null;
  readonly readOnly?: boolean;
  /** `false` for none. Default: as libvirt's own, a ping after 5 s of silence, dead after 5. */
  readonly keepAlive?: KeepAliveOptions | false;
  /** Seconds for socket, authentication and opening together. Default 30. */
  readonly connectTimeout?: number;
  /** Seconds after which a call is given up with CallTimeoutError. Default 0: only the connection's end gives up. */
  readonly callTimeoutSeconds?: number;
  /**
   * Calls sent at a time; others wait in line. Default 4: at 5 (its `max_client_requests`) libvirtd stops reading from
   * the client, keep-alives included.
   */
  readonly maxConcurrentCalls?: number;
  /** What the daemon may cost us; what is left out has the defaults of ConnectionLimits. */
  readonly limits?: Partial<ConnectionLimits>;
}

/**
 * Connects to a libvirt daemon.
 *
 * Rejects with ConnectionClosedError when there is no daemon or it does not answer, with LibvirtError when it refuses
 * (authentication, unknown driver). The socket is closed then.
 */
export async function connect(options: ConnectOptions): Promise<Connection> {
  const limits = withDefaults(options.limits);
  const deadline = AbortSignal.timeout((options.connectTimeout ?? 30) * 1000);
  const socket = await openSocket(options, deadline);
  const connection = new Connection(socket, {
    callTimeout: options.callTimeoutSeconds ?? 0,
    maxConcurrentCalls: options.maxConcurrentCalls ?? 4,
    limits,
  });
  const giveUp = (): void => connection.destroy();
  deadline.addEventListener('abort', giveUp, { once: true });
  try {
    await authenticate(connection);
    await agreeOnKeepAlive(connection, options.keepAlive ?? { interval: 5, count: 5 });
    const flags = options.readOnly ? ConnectFlag.READ_ONLY : 0;
    const name = options.uri === null ? undefined : (options.uri ?? 'qemu:///session');
    await connection.call(procedures.connectOpen, { name, flags });
    return connection;
  } catch (error) {
    connection.destroy();
    if (deadline.aborted) throw tooSlow(options);
    throw error;
  } finally {
    deadline.removeEventListener('abort', giveUp);
  }
}

async function openSocket(options: ConnectOptions, deadline: AbortSignal): Promise<Socket> {
  const { socketPath, socket } = options;
  if (socket !== undefined) return typeof socket === 'function' ? socket() : socket;
  if (socketPath === undefined) throw new TypeError('connect() needs socketPath or socket');
  return new Promise((resolve, reject) => {
    const opening = createConnection(socketPath);
    const giveUp = (): void => {
      opening.destroy();
      reject(tooSlow(options));
    };
    const fail = (error: NodeJS.ErrnoException): void => {
      deadline.removeEventListener('abort', giveUp);
      const message = `cannot connect to libvirt at ${socketPath}: ${error.message}. ${remedy(error.code)}`;
      reject(new ConnectionClosedError('refused', message, { cause: error }));
    };
    deadline.addEventListener('abort', giveUp, { once: true });
    opening.once('error', fail);
    opening.once('connect', () => {
      deadline.removeEventListener('abort', giveUp);
      opening.removeListener('error', fail);
      resolve(opening);
    });
  });
}

function remedy(code: string | undefined): string {
  if (code === 'ENOENT' || code === 'ECONNREFUSED') return 'Is libvirtd running?';
  if (code === 'EACCES') return 'This user may not use the socket.';
  return 'Check the path.';
}

/** Does what the daemon asks for: nothing, or polkit, which decides by the socket's peer. */
async function authenticate(connection: Connection): Promise<void> {
  const { types } = await connection.call(procedures.authList, undefined);
  if (types.length === 0 || types.includes(Auth.NONE)) return;
  if (types.includes(Auth.POLKIT)) {
    await connection.call(procedures.authPolkit, undefined);
    return;
  }
  const asked = types.includes(Auth.SASL) ? 'SASL' : `an unknown kind of authentication (${types.join(', ')})`;
  throw new ConnectionClosedError(
    'refused',
    `the daemon wants ${asked}, which is not supported; set auth_unix_rw = "none" or "polkit" in libvirtd.conf`,
  );
}

/** Announces to the daemon that we answer pings, and sends our own if the daemon answers them too. */
async function agreeOnKeepAlive(connection: Connection, options: KeepAliveOptions | false): Promise<void> {
  if (options === false) return;
  try {
    const args = { feature: FEATURE_KEEP_ALIVE };
    const { supported } = await connection.call(procedures.connectSupportsFeature, args);
    if (supported) connection.startKeepAlive(options);
  } catch (error) {
    // A daemon with keepalive_interval = -1 refuses; it can be worked with, only without the watch.
    if (!(error instanceof LibvirtError)) throw error;
  }
}

const tooSlow = (options: ConnectOptions): ConnectionClosedError =>
  new ConnectionClosedError('refused', `libvirt did not open the connection within ${options.connectTimeout ?? 30} s`);
