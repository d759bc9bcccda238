import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { systemClock } from '../../../../src/kube/clock.js';
import { closeServer } from '../../../../src/kube/http-server/close.js';
import { listen } from '../../../../src/kube/http-server/listen.js';
import { createPlainServer, type HttpServerOptions } from '../../../../src/kube/http-server/server.js';
import { onUpgrade, type UpgradeHandler } from '../../../../src/kube/http-server/upgrade.js';
import { failureStatus } from '../../../../src/api/status.js';
import { silentLog } from '../../../../src/kube/program/log.js';
import { exchange, open } from '../../../support/raw-client.js';

const request = (line: string, ...headers: string[]): Buffer =>
  Buffer.from([`${line} HTTP/1.1`, 'Host: x', ...headers, '', ''].join('\r\n'));

describe('the HTTP server of all programs', () => {
  let server: Server;
  let port: number;
  let errors: object[];

  const serve = async (options: Partial<HttpServerOptions>, upgrade?: UpgradeHandler): Promise<void> => {
    errors = [];
    const log = { ...silentLog, error: (fields: object) => void errors.push(fields) };
    server = createPlainServer({ log, handler: (_request, response) => void response.end('ok'), ...options });
    if (upgrade) onUpgrade(server, upgrade, { log, statusOf: () => failureStatus('Forbidden', 'not for you') });
    port = await listen(server, { host: '127.0.0.1', port: 0 });
  };
  const send = async (bytes: Buffer) => (await exchange({ port }, bytes)).statuses;
  const connected = async (): Promise<Socket> => {
    const socket = open({ port });
    await once(socket, 'connect');
    return socket;
  };
  afterEach(() => closeServer(server, systemClock, 0));

  it('answers 500 to what its handler throws or rejects with, and logs it', async () => {
    await serve({
      handler: ({ url }) => {
        if (url === '/throw') throw new Error('thrown');
        return Promise.reject(new Error('rejected'));
      },
    });
    const { text, statuses } = await exchange({ port }, request('GET /throw'));
    assert.deepEqual(statuses, [500]);
    assert.match(text, /"kind":"Status"/);
    assert.doesNotMatch(text, /thrown/);
    assert.deepEqual(await send(request('GET /reject')), [500]);
    assert.deepEqual(
      errors.map((fields) => (fields as { error: Error }).error.message),
      ['thrown', 'rejected'],
    );
  });

  it('ends a connection whose answer breaks off', async () => {
    await serve({
      handler: (_request, response) => {
        response.writeHead(200, { 'content-length': 10 }).write('half');
        throw new Error('then this');
      },
    });
    const socket = await connected();
    socket.resume().write(request('GET /'));
    await once(socket, 'close');
  });

  it('takes no body where none is wanted, and none that is larger than wanted', async () => {
    await serve({});
    assert.deepEqual(await send(request('POST /', 'Content-Length: 1')), [413]);
    assert.deepEqual(await send(request('POST /', 'Transfer-Encoding: chunked')), [413]);
    await closeServer(server, systemClock, 0);
    await serve({ limits: { bodyBytes: 3 } });
    assert.deepEqual(await send(Buffer.concat([request('POST /', 'Content-Length: 3'), Buffer.from('abc')])), [200]);
    assert.deepEqual(await send(request('POST /', 'Content-Length: 4')), [413]);
  });

  it('answers what cannot be parsed, and headers that are too large', async () => {
    await serve({ limits: { headerBytes: 1024 } });
    assert.deepEqual(await send(Buffer.from('nonsense\r\n\r\n')), [400]);
    assert.deepEqual(await send(request('GET /', `X: ${'a'.repeat(2000)}`)), [431]);
  });

  it('has so many connections, of one address and in all, and closes the rest', async () => {
    await serve({ limits: { connections: 3, connectionsOfAddress: 2 } });
    const kept = [await connected(), await connected()];
    const refused = await connected();
    await once(refused.resume(), 'close');
    const other = open({ port, localAddress: '127.0.0.2' });
    await once(other, 'connect');
    // Of another address, but the fourth at a time would be one too many.
    const fourth = open({ port, localAddress: '127.0.0.3' });
    await once(fourth.resume(), 'close');
    for (const socket of [...kept, other]) {
      socket.destroy();
      await once(socket, 'close');
    }
    // Its side hears of it a moment later.
    while ((await send(request('GET /'))).length === 0);
  });

  it('works on few requests of a connection at a time', async () => {
    let asked = 0;
    const waiting = new Set<() => void>();
    await serve({
      limits: { requestsOfConnection: 3 },
      handler: async (_request, response) => {
        asked += 1;
        await new Promise<void>((resolve) => waiting.add(resolve));
        response.end('ok');
      },
    });
    const socket = await connected();
    socket.resume().write(Buffer.concat(Array.from({ length: 1000 }, () => request('GET /'))));
    await once(socket, 'close');
    assert.equal(asked, 3);
    for (const go of waiting) go();
  });

  it('serves one request after the other on one connection for as long as there are any', async () => {
    await serve({ limits: { requestsOfConnection: 1 } });
    const socket = await connected();
    for (let i = 0; i < 20; i += 1) {
      socket.write(request('GET /'));
      const [answer] = (await once(socket, 'data')) as [Buffer];
      assert.match(answer.toString(), /200 OK/);
    }
    socket.destroy();
  });

  it('cuts off who is silent, slow with its headers or its body', async () => {
    await serve({ limits: { requestMs: 100, checkMs: 20, bodyBytes: 100 } });
    const silent = await connected();
    const slow = await connected();
    slow.write('GET / HTTP/1.1\r\nX');
    const half = await connected();
    half.write(Buffer.concat([request('POST /', 'Content-Length: 10'), Buffer.from('x')]));
    await Promise.all([silent, slow, half].map((socket) => once(socket.resume(), 'close')));
  });

  it('goes on when a connection cannot be accepted', async () => {
    await serve({});
    server.emit('error', new Error('accept EMFILE'));
    assert.deepEqual(errors, [{ error: 'accept EMFILE' }]);
    assert.deepEqual(await send(request('GET /')), [200]);
  });

  describe('asked for a stream', () => {
    const upgrade = (path = '/') => request(`GET ${path}`, 'Connection: Upgrade', 'Upgrade: x');

    it('refuses what its handler throws, at once or later, and ends the connection although the client does not', async () => {
      await serve({}, ({ url }) => {
        if (url === '/throw') throw new Error('thrown');
        return Promise.reject(new Error('rejected'));
      });
      for (const path of ['/throw', '/reject']) {
        const { text, statuses } = await exchange({ port }, upgrade(path));
        assert.deepEqual(statuses, [403]);
        assert.match(text, /not for you/);
      }
    });

    it('survives a client that leaves before there is an answer', async () => {
      let refuse = (): void => undefined;
      const asked = new Promise<void>((resolve) => {
        void serve({}, async (_request, socket) => {
          const left = once(socket, 'close');
          resolve();
          await new Promise<void>((go) => (refuse = go));
          await left.catch(() => undefined);
          throw new Error('too late');
        }).then(async () => {
          const socket = await connected();
          socket.write(upgrade());
          await asked;
          socket.resetAndDestroy();
          refuse();
        });
      });
      await asked;
      assert.deepEqual(await send(request('GET /')), [200]);
    });

    it('leaves a stream alone that has been taken over, and cuts it when it closes', async () => {
      await serve(
        { limits: { silenceMs: 1_000, requestMs: 1_000, checkMs: 50, keepAliveMs: 1_000 } },
        (_request, socket) => {
          if ('setTimeout' in socket) (socket as Socket).setTimeout(0);
          socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n');
          return Promise.resolve();
        },
      );
      const socket = await connected();
      socket.write(upgrade());
      await once(socket, 'data');
      // Longer than each limit, which are long enough for a busy machine to ask in time.
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      assert.equal(socket.closed, false);
      const closed = once(socket.resume(), 'close');
      assert.equal(await closeServer(server, systemClock, 10), true);
      await closed;
    });
  });
});
