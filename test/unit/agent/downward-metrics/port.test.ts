import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { servePort } from '../../../../src/agent/downward-metrics/port.js';
import { RequestReader } from '../../../../src/agent/downward-metrics/request.js';
import { FakeClock } from '../../kube/fake-clock.js';

const read = (...chunks: (string | Buffer)[]): string[] => {
  const reader = new RequestReader();
  return chunks.flatMap((chunk) => [...reader.read(Buffer.from(chunk))]);
};

describe('requests for downward metrics', () => {
  const right = 'GET /metrics/XML\n\n';
  for (const [what, text, wanted] of [
    ['LF', right, ['metrics']],
    ['CRLF', 'GET /metrics/XML\r\n\r\n', ['metrics']],
    ['two in a row', right + right, ['metrics', 'metrics']],
    ['nothing yet', 'GET /metrics/XML\n', []],
    ['half a line', 'GET /metrics', []],
    ['another word', 'PUT /metrics/XML\n', ['invalid']],
    ['an empty line', '\n', ['invalid']],
    ['a space at the end', 'GET /metrics/XML \n\n', ['invalid']],
    ['HTTP, answered once', 'GET /metrics/XML HTTP/1.1\r\nHost: a\r\nAccept: */*\r\n\r\n', ['invalid']],
    ['a line where none belongs', 'GET /metrics/XML\nHost: a\n\n', ['invalid']],
    ['a right one after a wrong one', `nonsense\n\n${right}`, ['invalid', 'metrics']],
    ['a right one after a wrong line', `nonsense\n${right}`, ['invalid', 'metrics']],
    ['a long line', `${'GET '.repeat(10_000)}\n\n${right}`, ['invalid', 'metrics']],
    ['a long line that ends right', `${'x'.repeat(500)}\n${right}`, ['invalid', 'metrics']],
    ['bytes that are no text', Buffer.from([0, 255, 254, 10, 10]), ['invalid']],
  ] as const)
    it(`are understood: ${what}`, () => assert.deepEqual(read(text), wanted));

  it('mean the same however they are cut, and what any bytes leave behind is bounded', () => {
    const piece = fc.constantFrom('GET /metrics/XML', '\n', '\r\n', 'x', 'x'.repeat(200), 'GET ');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), fc.integer({ min: 1, max: 7 }), (pieces, step) => {
        const text = pieces.join('');
        const cut = Array.from({ length: Math.ceil(text.length / step) }, (_, n) =>
          text.slice(n * step, (n + 1) * step),
        );
        assert.deepEqual(read(...cut), read(text));
        // Whatever came before, after an empty line or two a right request is answered.
        assert.equal(read(text, '\n\n', right).at(-1), 'metrics');
      }),
    );
    const reader = new RequestReader();
    assert.deepEqual([...reader.read(Buffer.alloc(1_000_000, 'x'))], []);
    assert.ok(JSON.stringify(reader).length < 1000);
  });
});

describe('the port of downward metrics', () => {
  let directory: string;
  let server: Server;
  /** QEMU's end, in whose place the guest speaks. */
  let guest: Socket;
  let ours: Socket;
  let clock: FakeClock;
  let ended: AbortController;
  let served: Promise<void>;
  let heard = '';
  let reports = 0;
  let report: () => Promise<string>;

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'port-'));
    server = createServer();
    const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
    await new Promise<void>((resolve) => server.listen(join(directory, 's'), resolve));
    ours = createConnection(join(directory, 's'));
    guest = await accepted;
    heard = '';
    reports = 0;
    guest.on('data', (data: Buffer) => (heard += data.toString()));
    guest.on('error', () => undefined);
    clock = new FakeClock();
    ended = new AbortController();
    report = () => Promise.resolve(`<metrics>${(reports += 1)}</metrics>\n`);
    served = servePort(ours, () => report(), clock, ended.signal);
  });
  afterEach(async () => {
    ended.abort();
    await served;
    guest.destroy();
    await new Promise((resolve) => server.close(resolve));
    rmSync(directory, { recursive: true });
  });

  const until = async (condition: () => boolean): Promise<void> => {
    for (let n = 0; n < 10_000 && !condition(); n += 1) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.ok(condition(), heard);
  };

  it('answers one request a second and forgets none', async () => {
    guest.write('GET /metrics/XML\n\n'.repeat(3));
    await until(() => heard === '<metrics>1</metrics>\n\n');
    await until(() => clock.waiting.length === 1);
    assert.deepEqual(clock.waiting, [1000]);
    await clock.advance(1000);
    await until(() => heard.endsWith('<metrics>2</metrics>\n\n'));
    await until(() => clock.waiting.length === 1);
    assert.equal(reports, 2, 'the third is not collected before its time');
    await clock.advance(1000);
    await until(() => heard.endsWith('<metrics>3</metrics>\n\n'));
  });

  it('says what is no request, at the same pace', async () => {
    guest.write('nonsense\n\nGET /metrics/XML\n\n');
    await until(() => heard === 'INVALID REQUEST\n\n');
    await until(() => clock.waiting.length === 1);
    await clock.advance(1000);
    await until(() => heard.endsWith('<metrics>1</metrics>\n\n'));
  });

  it('answers when nothing can be collected', async () => {
    report = () => Promise.reject(new Error('no /proc'));
    guest.write('GET /metrics/XML\n\n');
    await until(() => heard.includes('host metrics not available'));
    assert.match(heard, /^<metrics><!-- .* --><!-- VM metrics not available --><\/metrics>\n\n$/);
  });

  it('reads no more than it answers', async () => {
    const flood = Buffer.alloc(64 * 2 ** 20, 'GET /metrics/XML\n\n');
    guest.write(flood);
    await until(() => heard !== '');
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.ok(ours.bytesRead < 2 ** 20, `${ours.bytesRead} bytes taken in`);
    assert.equal(reports, 1);
  });

  it('waits for a guest that does not read, and ends with it', async () => {
    guest.pause();
    report = () => Promise.resolve('x'.repeat(2 ** 20));
    guest.write('GET /metrics/XML\n\n'.repeat(100));
    await until(() => ours.writableLength > 0);
    const held = ours.writableLength;
    await clock.advance(60_000);
    assert.equal(ours.writableLength, held, 'no second answer before the first is gone');
    guest.destroy();
    await served;
    assert.ok(ours.destroyed);
  });
});
