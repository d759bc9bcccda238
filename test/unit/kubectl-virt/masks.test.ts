import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import { openWebSocket } from '../../../cmd/kubectl-virt/console/connect.js';

describe('what the plugin sends a server without TLS', () => {
  it('is masked, so that no proxy takes it for a request of its own', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const sockets = new WebSocketServer({ noServer: true });
    const raw: Buffer[] = [];
    server.on('upgrade', (request, socket: Socket, head) => {
      // A copy: ws takes the mask off where the bytes are.
      socket.on('data', (chunk: Buffer) => raw.push(Buffer.from(chunk)));
      sockets.handleUpgrade(request, socket, head, (peer) => sockets.emit('connection', peer));
    });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const client = {
      upgradeSettings: () => Promise.resolve({ url, headers: {}, agent: undefined }),
      explain: (error: unknown) => error,
    };
    const [[peer], socket] = (await Promise.all([
      once(sockets, 'connection'),
      openWebSocket(client as never, '/', []),
    ])) as [[WebSocket], WebSocket];
    const request = Buffer.from('GET /secret HTTP/1.1\r\nHost: other\r\n\r\n');
    socket.send(request);
    await once(peer, 'message');
    assert.ok(!Buffer.concat(raw).includes(request), 'it went as it is');
    socket.terminate();
    sockets.close();
    server.close();
  });
});
