import { closeSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, CreateFlag, isLibvirtError, LifecycleEvent, LibvirtError } from 'node-libvirt';
import type { Connection, Domain } from 'node-libvirt';
import { connectSocketPath, openSocketPath } from '../../../../src/agent/pod/sockets.js';
import { CliError } from '../../errors.js';
import { LIBVIRT_SOCKET } from './session-daemon.js';

const CALL_SECONDS = 60;
/** QEMU makes its sockets before libvirt's create call returns; on a busy machine a moment later. */
const SERIAL_ATTEMPTS = 50;
const SERIAL_POLL_MS = 100;

/** Through no link: where libvirtd's user could put one, it would lead root to the machine's own libvirtd. */
export const connectLibvirt = async (runtime: string): Promise<Connection> => {
  const descriptor = openSocketPath(runtime, LIBVIRT_SOCKET.split('/'));
  try {
    const socketPath = `/proc/self/fd/${descriptor}`;
    return await connect({ socketPath, uri: 'qemu:///session', callTimeoutSeconds: CALL_SECONDS });
  } finally {
    closeSync(descriptor);
  }
};

/** The guest of one `run`: a transient domain, which libvirt forgets when it ends. */
export class Guest {
  /** Resolves when the guest is off, or libvirtd has ended. */
  readonly stopped: Promise<void>;
  readonly #connection: Connection;
  readonly #domain: Domain;

  private constructor(connection: Connection, domain: Domain, stopped: Promise<void>) {
    this.#connection = connection;
    this.#domain = domain;
    this.stopped = stopped;
  }

  /** Starts it with its vCPUs stopped, so that nothing it says is lost before someone listens. @throws CliError */
  static async start(connection: Connection, xml: string): Promise<Guest> {
    let end: () => void = () => undefined;
    const stopped = new Promise<void>((resolve) => {
      end = resolve;
    });
    connection.on('close', () => end());
    await connection.events.subscribe('lifecycle', ({ event }) => {
      if (event === LifecycleEvent.STOPPED || event === LifecycleEvent.CRASHED) end();
    });
    try {
      // AUTODESTROY: if this process is killed, libvirtd ends the guest with its connection.
      const domain = await connection.domains.createXML(xml, CreateFlag.PAUSED | CreateFlag.AUTODESTROY);
      return new Guest(connection, domain, stopped);
    } catch (error) {
      if (!(error instanceof LibvirtError)) throw error;
      throw new CliError(`libvirt could not start the guest: ${error.message}`, {
        remedy: 'See the domain with: kubectl virt render -o domain -f FILE',
        cause: error,
      });
    }
  }

  async resume(): Promise<void> {
    await this.#connection.domains.resume(this.#domain);
  }

  /** The serial console. */
  async serial(path: string): Promise<Socket> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const socket = await connectSocketPath(dirname(path), [basename(path)]);
        // The guest's end closes it; there is nothing more to know.
        socket.on('error', () => undefined);
        return socket;
      } catch (error) {
        if (attempt >= SERIAL_ATTEMPTS) throw error;
        await sleep(SERIAL_POLL_MS);
      }
    }
  }

  /** Asks the guest to power off and destroys it when it has not after `graceMs`; 0 destroys it at once. */
  async stop(graceMs: number): Promise<void> {
    const ignoreGone = (error: unknown): void => {
      if (!isLibvirtError(error, 'NO_DOMAIN') && !isLibvirtError(error, 'OPERATION_INVALID')) throw error;
    };
    if (graceMs > 0) {
      await this.#connection.domains.shutdown(this.#domain).catch(ignoreGone);
      const over = new AbortController();
      await Promise.race([this.stopped, sleep(graceMs, undefined, { signal: over.signal }).catch(() => undefined)]);
      over.abort();
    }
    await this.#connection.domains.destroy(this.#domain).catch(ignoreGone);
  }
}
