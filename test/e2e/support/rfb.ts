import { createConnection, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/*
 * As much of a VNC client as a test needs: RFC 6143, version 3.8, no security, raw pixels.
 */

const SECURITY_NONE = 1;
const Message = { updateRequest: 3, key: 4 } as const;
const RAW = 0;
const BYTES_PER_PIXEL = 4;
const ENTER = 0xff0d;
const KEY_MS = 30;

/** A screen as it was when it was asked for: 32 bits a pixel. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint32Array;
}

export class RfbClient {
  private received = Buffer.alloc(0);
  private wake: () => void = () => undefined;
  private ended = false;

  private constructor(
    private readonly socket: Socket,
    private size: { width: number; height: number },
  ) {
    socket.on('data', (chunk: Buffer) => {
      this.received = Buffer.concat([this.received, chunk]);
      this.wake();
    });
    socket.on('close', () => {
      this.ended = true;
      this.wake();
    });
    socket.on('error', () => undefined);
  }

  /** @throws Error when the server ends the connection, or offers no open one */
  static async connect(port: number): Promise<RfbClient> {
    const client = new RfbClient(createConnection(port, '127.0.0.1'), { width: 0, height: 0 });
    const version = (await client.read(12)).toString('latin1');
    if (!version.startsWith('RFB 003.')) throw new Error(`no RFB server: ${JSON.stringify(version)}`);
    client.socket.write('RFB 003.008\n');
    const [types = 0] = await client.read(1);
    if (!(await client.read(types)).includes(SECURITY_NONE)) throw new Error('the server wants a password');
    client.socket.write(Buffer.from([SECURITY_NONE]));
    if ((await client.read(4)).readUInt32BE() !== 0) throw new Error('the server has refused the connection');
    // Shared: QEMU need not put out others.
    client.socket.write(Buffer.from([1]));
    const init = await client.read(24);
    client.size = { width: init.readUInt16BE(0), height: init.readUInt16BE(2) };
    await client.read(init.readUInt32BE(20));
    return client;
  }

  /** The whole screen. */
  async picture(): Promise<Picture> {
    const { width, height } = this.size;
    const request = Buffer.alloc(10);
    request.writeUInt8(Message.updateRequest, 0);
    request.writeUInt16BE(width, 6);
    request.writeUInt16BE(height, 8);
    this.socket.write(request);
    const pixels = new Uint32Array(width * height);
    const head = await this.read(4);
    if (head[0] !== 0) throw new Error(`an update was asked for, and message ${head[0] ?? ''} came`);
    for (let left = head.readUInt16BE(2); left > 0; left -= 1) await this.rectangle(pixels);
    return { width, height, pixels };
  }

  private async rectangle(pixels: Uint32Array): Promise<void> {
    const box = await this.read(12);
    const [x = 0, y = 0, width = 0, height = 0] = [0, 2, 4, 6].map((at) => box.readUInt16BE(at));
    if (box.readInt32BE(8) !== RAW) throw new Error(`encoding ${box.readInt32BE(8)} was not offered`);
    const data = await this.read(width * height * BYTES_PER_PIXEL);
    for (let row = 0; row < height; row += 1)
      for (let column = 0; column < width; column += 1)
        pixels[(y + row) * this.size.width + x + column] = data.readUInt32LE((row * width + column) * BYTES_PER_PIXEL);
  }

  /**
   * Presses and releases a key for each character, and Enter at the end, as fast as a hand: a PS/2 keyboard holds few
   * keys.
   * @param text what a keyboard types without Shift
   */
  async type(text: string): Promise<void> {
    for (const keysym of [...Buffer.from(text, 'latin1'), ENTER])
      for (const down of [1, 0]) {
        const event = Buffer.alloc(8);
        event.writeUInt8(Message.key, 0);
        event.writeUInt8(down, 1);
        event.writeUInt32BE(keysym, 4);
        this.socket.write(event);
        await sleep(KEY_MS);
      }
  }

  close(): void {
    this.socket.destroy();
  }

  private async read(bytes: number): Promise<Buffer> {
    while (this.received.length < bytes) {
      if (this.ended) throw new Error('the server has ended the connection');
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
    const part = this.received.subarray(0, bytes);
    this.received = this.received.subarray(bytes);
    return part;
  }
}
