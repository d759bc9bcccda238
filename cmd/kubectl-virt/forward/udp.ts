import { createSocket, type RemoteInfo } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { WebSocket } from 'ws';
import { keepAlive } from '../../../src/agent-api/forward-end.js';
import { CloseCode } from '../../../src/agent-api/stream.js';
import { endingOf } from '../console/close-codes.js';
import { cannotListen, type ListenOptions, type LocalListener } from './tcp.js';

/** A flow in which nothing was sent for so long is over: UDP has no end of its own. */
const IDLE_MS = 60_000;
/** Flows at a time; the oldest makes room. */
const MOST_FLOWS = 60;
/** Datagrams that wait for the WebSocket; what is beyond them is lost, as in any network. */
const MOST_WAITING = 64;
const HIGH_WATER_BYTES = 1024 * 1024;

/** What one local client sends and gets. */
class Flow {
  private waiting: Buffer[] = [];
  private peer: WebSocket | undefined;
  private over = false;
  private idle: NodeJS.Timeout;

  constructor(
    private readonly options: ListenOptions,
    private readonly answer: (data: Buffer) => void,
    private readonly ended: () => void,
  ) {
    this.idle = setTimeout(() => this.close(), IDLE_MS);
    this.open().catch((error: unknown) => {
      this.close();
      options.failed(error);
    });
  }

  private async open(): Promise<void> {
    const { open, port, name, failed } = this.options;
    const peer = await open(port);
    if (this.over) {
      peer.close(CloseCode.ended);
      return;
    }
    this.peer = peer;
    peer.on('message', (data: Buffer) => {
      this.idle.refresh();
      this.answer(data);
    });
    peer.on('error', () => undefined);
    peer.on('close', (code: number, reason: Buffer) => {
      const { error } = endingOf(code, reason.toString('utf8'), name, `UDP port ${port.port}`);
      if (!this.over && error !== undefined) failed(error);
      this.close();
    });
    keepAlive(peer);
    peer.resume();
    for (const data of this.waiting.splice(0)) peer.send(data, { binary: true });
  }

  send(data: Buffer): void {
    this.idle.refresh();
    if (this.peer === undefined) {
      if (this.waiting.length < MOST_WAITING) this.waiting.push(data);
    } else if (this.peer.bufferedAmount <= HIGH_WATER_BYTES) this.peer.send(data, { binary: true }, () => undefined);
  }

  close(): void {
    if (this.over) return;
    this.over = true;
    clearTimeout(this.idle);
    this.peer?.close(CloseCode.ended);
    this.ended();
  }
}

/** Takes datagrams and forwards those of each client by a WebSocket of its own. @throws CliError */
export const listenUdp = (options: ListenOptions): Promise<LocalListener> => {
  const { address, port, failed } = options;
  const flows = new Map<string, Flow>();
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  const flowOf = (from: RemoteInfo): Flow => {
    const key = `${from.address} ${from.port}`;
    const known = flows.get(key);
    if (known !== undefined) return known;
    if (flows.size >= MOST_FLOWS) flows.values().next().value?.close();
    const flow: Flow = new Flow(
      options,
      (data) => socket.send(data, from.port, from.address, () => undefined),
      () => {
        if (flows.get(key) === flow) flows.delete(key);
      },
    );
    flows.set(key, flow);
    return flow;
  };
  socket.on('message', (data, from) => flowOf(from).send(data));
  return new Promise((resolve, reject) => {
    socket.once('error', (error) => reject(cannotListen(address, port.local, error)));
    socket.bind(port.local, address, () => {
      socket.on('error', failed);
      resolve({
        port: socket.address().port,
        close: () => {
          for (const flow of [...flows.values()]) flow.close();
          socket.close();
        },
      });
    });
  });
};
