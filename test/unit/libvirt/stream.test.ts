import assert from 'node:assert/strict';
import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { connect, ConnectionClosedError, isLibvirtError, type Connection } from 'node-libvirt';
import { STREAM_PACKET_MAX } from '../../../src/libvirt/frame.js';
import { DEFAULT_LIMITS } from '../../../src/libvirt/limits.js';
import { MockServer, withSerial } from './mock-server.js';
import {
  consoleConfirmed,
  consoleData,
  consoleEnd,
  consoleFailed,
  consoleOpened,
  lookupTest,
  noDomain,
} from './packets.js';

const CONSOLE = 201;
const DOMAIN = { name: 'test', uuid: '6695eb01-f6a4-8304-79aa-97f2502e193f', id: 1 };
const Status = { OK: 0, ERROR: 1, CONTINUE: 2 };

describe('libvirt: streams', () => {
  let server: MockServer;
  let connection: Connection;
  let serial = 0;

  /** Answers the opening of the console with these packets. */
  const onOpen = (...packets: Buffer[]): void =>
    server.answer(CONSOLE, (call) => {
      serial = call.serial;
      return [consoleOpened, ...packets].map((packet) => withSerial(packet, serial));
    });
  const send = (packet: Buffer): void => server.send(withSerial(packet, serial));
  /** Waits for a stream packet of ours. */
  const packet = (status: number): ReturnType<MockServer['frame']> =>
    server.frame((frame) => frame.type === 3 && frame.status === status);

  beforeEach(async () => {
    server = await new MockServer().start();
    connection = await connect({ socketPath: server.socketPath });
    onOpen();
  });
  afterEach(async () => {
    connection.destroy();
    await server.stop();
  });

  it('delivers what came together with the answer', async () => {
    onOpen(consoleData, consoleData);
    const stream = await connection.consoles.open(DOMAIN, 'serial0');
    let text = '';
    stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
    while (text.length < 10) await once(stream, 'data');
    assert.equal(text, 'hellohello');
  });

  it('writes in packets that every libvirt takes', async () => {
    const stream = await connection.consoles.open(DOMAIN);
    const data = Buffer.alloc(STREAM_PACKET_MAX * 2 + 5, 'x');
    await new Promise<void>((resolve, reject) => stream.write(data, (error) => (error ? reject(error) : resolve())));
    stream.end();
    const finish = await packet(Status.OK);
    assert.equal(finish.serial, serial);
    const sizes = server.received
      .filter((f) => f.type === 3 && f.status === Status.CONTINUE)
      .map((f) => f.payload.length);
    assert.deepEqual(sizes, [STREAM_PACKET_MAX, STREAM_PACKET_MAX, 5]);
  });

  it('is finished when the daemon has confirmed it', async () => {
    const stream = (await connection.consoles.open(DOMAIN)).resume();
    let finished = false;
    stream.on('finish', () => (finished = true));
    stream.end('bye');
    await packet(Status.OK);
    assert.equal(finished, false);
    send(consoleConfirmed);
    await once(stream, 'close');
    assert.equal(finished, true);
  });

  it('ends both sides when the guest ends', async () => {
    onOpen(consoleData, consoleEnd);
    const stream = await connection.consoles.open(DOMAIN);
    let text = '';
    stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
    const closed = once(stream, 'close');
    await packet(Status.OK);
    send(consoleConfirmed);
    await closed;
    assert.equal(text, 'hello');
  });

  it('is aborted when destroyed, and what still comes is let go', async () => {
    const stream = await connection.consoles.open(DOMAIN);
    stream.destroy();
    const abort = await packet(Status.ERROR);
    assert.equal(abort.payload.length, 0);
    for (const late of [consoleData, consoleEnd, consoleConfirmed]) send(late);
    server.answer(23, lookupTest);
    await connection.domains.lookupByName('test');
    assert.equal(connection.closed, undefined);
  });

  it('fails with the error of the daemon, even one that came before the caller could listen', async () => {
    onOpen(consoleData, consoleFailed);
    const stream = await connection.consoles.open(DOMAIN);
    const [error] = (await once(stream, 'error')) as [unknown];
    assert.ok(isLibvirtError(error, 'RPC'));
    assert.deepEqual([error.message, error.procedure], ['stream had I/O', 'domainOpenConsole']);
  });

  it('does not exist when opening it was refused', async () => {
    server.answer(CONSOLE, (call) => {
      const refusal = withSerial(noDomain, call.serial);
      refusal.writeUInt32BE(CONSOLE, 12);
      return refusal;
    });
    await assert.rejects(connection.consoles.open(DOMAIN), (error) => isLibvirtError(error, 'NO_DOMAIN'));
  });

  it('fails when the connection ends', async () => {
    const stream = await connection.consoles.open(DOMAIN);
    const failed = once(stream, 'error') as Promise<[Error]>;
    server.client!.destroy();
    assert.ok((await failed)[0] instanceof ConnectionClosedError);
  });

  it('stops reading from the daemon while nobody takes the data, and loses none', async () => {
    const stream = await connection.consoles.open(DOMAIN);
    const total = 8 * 1024 * 1024;
    const size = 64 * 1024;
    for (let sent = 0; sent < total; sent += size) {
      const header = Buffer.from(withSerial(consoleData, serial).subarray(0, 28));
      header.writeUInt32BE(28 + size, 0);
      server.send(header, Buffer.alloc(size, sent / size));
    }
    while (stream.readableLength < DEFAULT_LIMITS.unreadBytes) await turn();
    for (let turns = 0; turns < 50; turns++) await turn();
    assert.ok(
      stream.readableLength <= DEFAULT_LIMITS.unreadBytes + 2 * size,
      `${stream.readableLength} bytes are kept`,
    );
    assert.ok(server.client!.writableLength > 0, 'the rest waits in the daemon');

    let received = 0;
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      assert.ok(chunk.length > 0);
      received += chunk.length;
      if (received === total) break;
    }
    assert.equal(received, total);
  });
});
