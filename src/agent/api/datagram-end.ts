import type { Socket } from 'node:dgram';
import type { WebSocket } from 'ws';
import { closeReason, keepAlive, type ForwardEnding } from '../../agent-api/forward-end.js';
import { CloseCode } from '../../agent-api/stream.js';

/** Bytes on their way to a slow client; further datagrams are dropped, as any network would. */
const HIGH_WATER_BYTES = 256 * 1024;
/** The same of their number: each costs hundreds of bytes, whatever it holds, and an empty one holds nothing. */
const MOST_TO_PEER = 256;
/** Datagrams on their way to the guest. */
const MOST_UNDER_WAY = 64;

/** A UDP socket that is connected to a guest's port, and a WebSocket whose messages are datagrams. */
export class DatagramEnd {
  /** Never rejects. */
  readonly ended: Promise<ForwardEnding>;
  /** Nothing is left of it. */
  get gone(): Promise<unknown> {
    return this.ended;
  }
  private settle: (ending: ForwardEnding) => void = () => undefined;
  private over = false;
  private toPeer = 0;
  private toGuest = 0;

  /** @param refusal what is said where nobody has the port */
  constructor(
    private readonly socket: Socket,
    private readonly peer: WebSocket,
    refusal: string,
  ) {
    this.ended = new Promise((resolve) => (this.settle = resolve));
    socket.on('message', (data) => this.send(data));
    socket.on('error', (error: NodeJS.ErrnoException) =>
      this.close(CloseCode.relayError, error.code === 'ECONNREFUSED' ? refusal : error.message),
    );
    peer.on('message', (data: Buffer, isBinary: boolean) => this.take(data, isBinary));
    // 'close' follows, with 1006.
    peer.on('error', () => undefined);
    peer.on('close', (code: number, reason: Buffer) => {
      if (this.over) return;
      this.end({ code, reason: reason.toString('utf8'), byPeer: true });
    });
    keepAlive(peer);
    peer.resume();
  }

  private send(data: Buffer): void {
    if (this.over || this.toPeer >= MOST_TO_PEER || this.peer.bufferedAmount > HIGH_WATER_BYTES) return;
    this.toPeer += 1;
    this.peer.send(data, { binary: true }, () => (this.toPeer -= 1));
  }

  private take(data: Buffer, isBinary: boolean): void {
    if (this.over || !isBinary || this.toGuest >= MOST_UNDER_WAY) return;
    this.toGuest += 1;
    // One that is too large for the way is lost like any other.
    this.socket.send(data, (error: NodeJS.ErrnoException | null) => {
      this.toGuest -= 1;
      if (error?.code === 'ECONNREFUSED') this.socket.emit('error', error);
    });
  }

  close(code: number, reason: string): void {
    if (this.over) return;
    this.peer.close(code, closeReason(reason));
    this.end({ code, reason, byPeer: false });
  }

  private end(ending: ForwardEnding): void {
    this.over = true;
    this.socket.close();
    this.settle(ending);
  }
}
