/** A libvirt daemon made of canned packets: it answers each procedure as told and remembers what it was asked. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Frame } from '../../../src/libvirt/frame.js';
import { FrameSplitter } from '../../../src/libvirt/frame-splitter.js';
import { authListNone, closeDone, keepAliveSupported, openDone } from './packets.js';

type Answer = (call: Frame) => Buffer | readonly Buffer[] | undefined;

const SERIAL_OFFSET = 20;

/** The packet with the serial number of a call. */
export function withSerial(packet: Buffer, serial: number): Buffer {
  const copy = Buffer.from(packet);
  copy.writeUInt32BE(serial, SERIAL_OFFSET);
  return copy;
}

export class MockServer {
  readonly socketPath: string;
  /** Every frame that came, in order. */
  readonly received: Frame[] = [];
  /** The client's socket, once it has connected. */
  client: Socket | undefined;
  readonly #directory = mkdtempSync(join(tmpdir(), 'lvmock-'));
  readonly #server: Server;
  readonly #answers = new Map<number, Answer>();
  readonly #watchers = new Set<() => void>();

  constructor() {
    this.socketPath = join(this.#directory, 'sock');
    this.#server = createServer((socket) => this.#serve(socket));
    for (const [procedure, packet] of [
      [66, authListNone],
      [60, keepAliveSupported],
      [1, openDone],
      [2, closeDone],
    ] as const) {
      this.answer(procedure, packet);
    }
  }

  async start(): Promise<this> {
    this.#server.listen(this.socketPath);
    await once(this.#server, 'listening');
    return this;
  }

  /** From now on calls of this procedure are answered so; `undefined` leaves them without an answer. */
  answer(procedure: number, answer: Buffer | Answer | undefined): void {
    const give = typeof answer === 'function' ? answer : (call: Frame) => answer && withSerial(answer, call.serial);
    this.#answers.set(procedure, give);
  }

  /** Sends bytes to the client as they are. */
  send(...packets: readonly Buffer[]): void {
    this.client!.write(Buffer.concat(packets));
  }

  /** Waits for a frame that was received, or is going to be. */
  async frame(matches: (frame: Frame) => boolean): Promise<Frame> {
    for (;;) {
      const found = this.received.find(matches);
      if (found) return found;
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#watchers.delete(wake);
          resolve();
        };
        this.#watchers.add(wake);
      });
    }
  }

  async stop(): Promise<void> {
    this.client?.destroy();
    this.#server.close();
    await once(this.#server, 'close');
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #serve(socket: Socket): void {
    this.client = socket;
    const splitter = new FrameSplitter();
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      for (const frame of splitter.push(chunk)) {
        this.received.push(frame);
        for (const wake of [...this.#watchers]) wake();
        const answer = frame.type === 0 ? this.#answers.get(frame.procedure)?.(frame) : undefined;
        if (answer) socket.write(Buffer.isBuffer(answer) ? answer : Buffer.concat(answer));
      }
    });
  }
}
