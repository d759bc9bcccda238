import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import { DatagramEnd } from '../../../../src/agent/api/datagram-end.js';

const HANDSHAKE = [
  'GET / HTTP/1.1',
  'Host: x',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
].join('\r\n');

describe('datagrams to a client', function () {
  this.timeout(20_000);

  it('are dropped where it does not read, and empty ones too, which no count of bytes sees', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const sockets = new WebSocketServer({ server, perMessageDeflate: false });
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
    client.pause();
    client.write(`${HANDSHAKE}\r\n\r\n`);
    const [peer] = (await once(sockets, 'connection')) as [WebSocket];
    let [underWay, most] = [0, 0];
    const send = peer.send.bind(peer) as (...of: unknown[]) => void;
    peer.send = (data: unknown, options?: unknown, done?: unknown): void => {
      underWay += 1;
      most = Math.max(most, underWay);
      send(data, options, (error?: Error) => {
        underWay -= 1;
        if (typeof done === 'function') (done as (error?: Error) => void)(error);
      });
    };
    const guest = createSocket('udp4');
    const end = new DatagramEnd(guest, peer, 'closed');
    const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
    // Until the kernel takes no more.
    for (let full = 0; full < 20; full = peer.bufferedAmount > 0 ? full + 1 : 0) {
      if (peer.bufferedAmount === 0) guest.emit('message', Buffer.alloc(30_000));
      await turn();
    }
    for (let sent = 0; sent < 50_000; sent++) guest.emit('message', Buffer.alloc(0));
    client.destroy();
    await end.ended;
    sockets.close();
    server.close();
    assert.ok(most <= 256, `${most} messages were under way`);
  });
});
