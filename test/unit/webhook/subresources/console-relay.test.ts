import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { relayConsole } from '../../../../src/webhook/subresources/console-relay.js';

/** A connected pair: what the relay holds and what its peer holds. */
const pair = async (server: WebSocketServer, port: number): Promise<{ inner: WebSocket; outer: WebSocket }> => {
  const outer = new WebSocket(`ws://127.0.0.1:${port}`);
  const [[inner]] = (await Promise.all([once(server, 'connection'), once(outer, 'open')])) as [[WebSocket], unknown];
  inner.pause();
  return { inner, outer };
};
const closed = async (socket: WebSocket) => {
  const [code, reason] = (await once(socket, 'close')) as [number, Buffer];
  return { code, reason: reason.toString() };
};

describe('the console relay', () => {
  let http: Server;
  let sockets: WebSocketServer;
  let port: number;
  before(async () => {
    http = createServer();
    sockets = new WebSocketServer({ server: http });
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    port = (http.address() as AddressInfo).port;
  });
  after(() => {
    for (const client of sockets.clients) client.terminate();
    sockets.close();
    http.close();
  });
  const relayed = async () => {
    const client = await pair(sockets, port);
    const agent = await pair(sockets, port);
    const ended = relayConsole(client.inner, agent.inner);
    return { client: client.outer, agent: agent.outer, ended };
  };

  it('carries bytes both ways and drops text', async () => {
    const { client, agent, ended } = await relayed();
    client.send('not console data');
    client.send(Buffer.from('ls\r'));
    assert.equal(((await once(agent, 'message')) as [Buffer])[0].toString(), 'ls\r');
    agent.send(Buffer.from([0xff, 0, 0x1d]));
    assert.deepEqual([...((await once(client, 'message')) as [Buffer])[0]], [0xff, 0, 0x1d]);
    client.close();
    await ended;
  });
  it('hands the agent’s close code and reason to the client', async () => {
    const { client, agent, ended } = await relayed();
    agent.close(4001, 'another user connected');
    assert.deepEqual(await closed(client), { code: 4001, reason: 'another user connected' });
    await ended;
  });
  it('tells a broken connection from an orderly end', async () => {
    const { client, agent, ended } = await relayed();
    agent.terminate();
    assert.equal((await closed(client)).code, 1011);
    await ended;
    const second = await relayed();
    second.client.close();
    assert.equal((await closed(second.agent)).code, 1000);
    await second.ended;
  });
  it('loses nothing and buffers little when the reader is slow', async () => {
    const { client, agent, ended } = await relayed();
    const chunk = Buffer.alloc(64 * 1024, 'x');
    const total = 200 * chunk.length;
    let received = 0;
    client.on('message', (data: Buffer) => {
      received += data.length;
      if (received === chunk.length) {
        client.pause();
        setTimeout(() => client.resume(), 100);
      }
    });
    for (let i = 0; i < 200; i++) agent.send(chunk);
    while (received < total) await once(client, 'message');
    assert.equal(received, total);
    client.close();
    await ended;
  });
});
