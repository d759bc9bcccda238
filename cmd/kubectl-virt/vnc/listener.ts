import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { CliError, messageOf } from '../errors.js';

/** Connections that wait to be taken; a viewer makes one. */
const MOST_WAITING = 16;

/** A port of this machine whose connections are taken one by one. */
export class Listener {
  private readonly waiting: Socket[] = [];
  private readonly open = new Set<Socket>();
  private taken: ((socket: Socket) => void) | undefined;

  private constructor(private readonly server: Server) {
    server.on('connection', (socket) => {
      this.open.add(socket);
      // 'close' follows; without a listener an error would end the process.
      socket.on('error', () => undefined).on('close', () => this.open.delete(socket));
      if (this.taken !== undefined) this.taken(socket);
      else if (this.waiting.length < MOST_WAITING) this.waiting.push(socket.pause());
      else socket.destroy();
    });
  }

  /** @throws CliError when the address cannot be had */
  static open(address: string, port: number): Promise<Listener> {
    const server = createServer({ pauseOnConnect: true });
    return new Promise((resolve, reject) => {
      server.once('error', (error) =>
        reject(
          new CliError(`cannot listen at ${address} port ${port}: ${messageOf(error)}`, {
            remedy: 'Choose another --port, or 0 for a free one, and an --address of this machine.',
          }),
        ),
      );
      server.listen(port, address, () => resolve(new Listener(server)));
    });
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /**
   * The next connection.
   * @param timeoutMs default: waits for ever
   * @throws CliError after that time; the signal's reason
   */
  next(timeoutMs?: number, signal?: AbortSignal): Promise<Socket> {
    const [first] = this.waiting.splice(0, 1);
    if (first !== undefined) return Promise.resolve(first);
    return new Promise((resolve, reject) => {
      const timer =
        timeoutMs === undefined
          ? undefined
          : setTimeout(
              () => end(() => reject(new CliError(`no viewer has connected within ${timeoutMs / 1000} s`))),
              timeoutMs,
            );
      const aborted = (): void => end(() => reject(signal?.reason as Error));
      const end = (settle: () => void): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', aborted);
        this.taken = undefined;
        settle();
      };
      signal?.addEventListener('abort', aborted);
      this.taken = (socket) => end(() => resolve(socket));
    });
  }

  close(): void {
    this.server.close();
    for (const socket of this.open) socket.destroy();
  }
}
