import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { closeReason } from '../../agent-api/forward-end.js';
import { StatusError } from '../../agent-api/status-error.js';
import { CloseCode, PING_INTERVAL_MS, SILENCE_LIMIT_MS } from '../../agent-api/stream.js';
import { VMI_SUBRESOURCES, type AgentStream } from '../../agent-api/vmi-subresources.js';
import { RfbClient } from './rfb-client.js';

/** Bytes in flight to a slow client before the guest's output waits for it. */
const HIGH_WATER = 64 * 1024;
/**
 * The guest's output is sent to the client in one message per turn of the event loop; above this size it waits for the
 * client.
 */
const MOST_IN_HAND = HIGH_WATER;
/** Messages in flight to a slow side: each costs hundreds of bytes, whatever it holds. */
const MOST_MESSAGES = 64;

/**
 * Who looks on at screens. Each costs QEMU an encoder, within the VM's own CPU, and everybody a connection of those
 * that the webhook's replicas have to a node (server.ts).
 */
export const MOST_WATCHERS = { ofVm: 8, ofNamespace: 32, ofNode: 64 } as const;

/** The open streams of this node's guests: one of each kind per VM, a newcomer takes over; and those who look on. */
export class Consoles {
  private readonly sessions = new Map<string, { readonly key: string; readonly session: ConsoleSession }>();
  private readonly watchers = new Map<ConsoleSession, string>();

  /** Whether somebody has a stream of a VM. */
  isTaken(stream: AgentStream, key: string): boolean {
    return this.sessions.has(`${stream} ${key}`);
  }

  /** Joins a client and a socket of a VM until either ends. */
  attach(stream: AgentStream, key: string, socket: Socket, client: WebSocket): void {
    const id = `${stream} ${key}`;
    const reason = `another user connected to the ${VMI_SUBRESOURCES[stream].what} of ${key.split('/')[1] ?? key}`;
    this.sessions.get(id)?.session.close(CloseCode.takenOver, reason);
    const viewer = stream === 'vnc' ? new RfbClient(true) : undefined;
    const session = new ConsoleSession({ socket, client, viewer }, () => {
      if (this.sessions.get(id)?.session === session) this.sessions.delete(id);
    });
    this.sessions.set(id, { key, session });
  }

  /**
   * Whether one more may look on at a VM's screen. @throws StatusError 409 for that VM, 429 for its neighbours' sake
   */
  requireRoomToWatch(key: string): void {
    const all = [...this.watchers.values()];
    const namespaceOf = (of: string): string => of.split('/')[0] ?? '';
    const namespace = namespaceOf(key);
    if (all.filter((each) => each === key).length >= MOST_WATCHERS.ofVm)
      throw new StatusError(
        'Conflict',
        `${MOST_WATCHERS.ofVm} look on at the screen of ${key} already, which is as many as may`,
      );
    const tooMany = (where: string, most: number): StatusError =>
      new StatusError(
        'TooManyRequests',
        `${most} look on at screens of ${where}, which is as many as may at a time: close some`,
      );
    if (all.filter((each) => namespaceOf(each) === namespace).length >= MOST_WATCHERS.ofNamespace)
      throw tooMany(`the namespace ${namespace} on this node`, MOST_WATCHERS.ofNamespace);
    if (all.length >= MOST_WATCHERS.ofNode) throw tooMany('the node', MOST_WATCHERS.ofNode);
  }

  /** The same for one who looks on at the screen, and takes it from nobody. */
  watch(key: string, socket: Socket, client: WebSocket): void {
    const session = new ConsoleSession({ socket, client, viewer: new RfbClient(false) }, () =>
      this.watchers.delete(session),
    );
    this.watchers.set(session, key);
  }

  /** Ends a VM's streams. */
  close(key: string, code: number, reason: string): void {
    for (const each of [...this.sessions.values()]) if (each.key === key) each.session.close(code, reason);
    for (const [session, watched] of [...this.watchers]) if (watched === key) session.close(code, reason);
  }

  closeAll(code: number, reason: string): void {
    for (const { session } of [...this.sessions.values()]) session.close(code, reason);
    for (const session of [...this.watchers.keys()]) session.close(code, reason);
  }

  get size(): number {
    return this.sessions.size + this.watchers.size;
  }
}

interface Ends {
  readonly socket: Socket;
  readonly client: WebSocket;
  /** What of the client's bytes the guest may have; absent: all. */
  readonly viewer?: RfbClient | undefined;
}

/** Copies bytes both ways; neither side is read faster than the other takes them. */
class ConsoleSession {
  private closed = false;
  private heardAt = Date.now();
  /** Bytes of the guest's output that have not been sent to the client yet. */
  private inHand: Buffer[] = [];
  private inHandBytes = 0;
  private toClientUnderWay = 0;
  private toGuestUnderWay = 0;
  private readonly ping: NodeJS.Timeout;
  private readonly socket: Socket;
  private readonly client: WebSocket;
  private readonly viewer: RfbClient | undefined;

  constructor(
    { socket, client, viewer }: Ends,
    private readonly ended: () => void,
  ) {
    this.socket = socket;
    this.client = client;
    this.viewer = viewer;
    this.ping = setInterval(() => this.keepAlive(), PING_INTERVAL_MS);
    socket.on('data', (chunk) => this.toClient(chunk));
    socket.on('error', (error) => this.close(CloseCode.relayError, error.message));
    // QEMU closes its end when it ends, which is when the guest does.
    socket.on('close', () => this.close(CloseCode.guestStopped, 'the guest was powered off'));
    client.on('message', (data, isBinary) => this.toGuest(data as Buffer, isBinary));
    client.on('pong', () => (this.heardAt = Date.now()));
    client.on('error', () => this.close(CloseCode.relayError, 'the client broke the protocol'));
    client.on('close', () => this.close(CloseCode.ended, ''));
  }

  /** A guest may write byte by byte: what comes in one turn is one message. */
  private toClient(chunk: Buffer): void {
    if (this.inHand.length === 0) setImmediate(() => this.flush());
    this.inHand.push(chunk);
    this.inHandBytes += chunk.length;
    if (this.inHandBytes >= MOST_IN_HAND) this.socket.pause();
  }

  private flush(): void {
    const [first] = this.inHand;
    if (this.closed || first === undefined) return;
    const data = this.inHand.length === 1 ? first : Buffer.concat(this.inHand, this.inHandBytes);
    this.inHand = [];
    this.inHandBytes = 0;
    this.toClientUnderWay += 1;
    this.client.send(data, { binary: true }, () => {
      this.toClientUnderWay -= 1;
      if (this.client.bufferedAmount < HIGH_WATER / 2 && this.toClientUnderWay < MOST_MESSAGES / 2)
        this.socket.resume();
    });
    const full = this.client.bufferedAmount > HIGH_WATER || this.toClientUnderWay >= MOST_MESSAGES;
    if (full) this.socket.pause();
  }

  private toGuest(data: Buffer, isBinary: boolean): void {
    this.heardAt = Date.now();
    // Text messages are read and dropped; an empty one would wait in a queue that counts bytes.
    if (!isBinary || data.length === 0 || this.closed) return;
    const allowed = this.allowed(data);
    if (allowed.length === 0) return;
    this.toGuestUnderWay += 1;
    const taken = this.socket.write(allowed, () => {
      this.toGuestUnderWay -= 1;
      if (this.client.isPaused && !this.socket.writableNeedDrain && this.toGuestUnderWay < MOST_MESSAGES / 2)
        this.client.resume();
    });
    if (!taken || this.toGuestUnderWay >= MOST_MESSAGES) this.client.pause();
  }

  private allowed(data: Buffer): Buffer {
    if (this.viewer === undefined) return data;
    try {
      return this.viewer.take(data);
    } catch (error) {
      this.close(CloseCode.relayError, `the viewer sent ${(error as Error).message}`);
      return Buffer.alloc(0);
    }
  }

  private keepAlive(): void {
    if (Date.now() - this.heardAt > SILENCE_LIMIT_MS) {
      this.close(CloseCode.relayError, 'the client did not answer for 60 s');
      // It will not answer the close frame either.
      this.client.terminate();
    } else this.client.ping();
  }

  close(code: number, reason: string): void {
    if (this.closed) return;
    // The guest's last output came in the same turn.
    this.flush();
    this.closed = true;
    clearInterval(this.ping);
    this.socket.destroy();
    // A paused client would never read the answer to the close frame.
    this.client.resume();
    this.client.close(code, closeReason(reason));
    this.ended();
  }
}
