import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { ForwardEnd } from '../../../src/agent-api/forward-end.js';
import { relayConsole } from '../../../src/webhook/subresources/console-relay.js';

/*
 * A whole way: a local program, the plugin's end, the webhook's relay, the agent's end, the guest.
 */
describe('a forwarded connection', function () {
  this.timeout(60_000);
  let guests: Server;
  let locals: Server;
  let sockets: WebSocketServer;
  const port = (server: { address(): unknown }): number => (server.address() as AddressInfo).port;

  before(async () => {
    guests = createServer({ allowHalfOpen: true, pauseOnConnect: true }).listen(0, '127.0.0.1');
    locals = createServer({ allowHalfOpen: true, pauseOnConnect: true }).listen(0, '127.0.0.1');
    sockets = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
    await Promise.all([once(guests, 'listening'), once(locals, 'listening'), once(sockets, 'listening')]);
  });
  after(() => {
    for (const client of sockets.clients) client.terminate();
    sockets.close();
    guests.close();
    locals.close();
  });

  const webSockets = async (): Promise<[WebSocket, WebSocket]> => {
    const outer = new WebSocket(`ws://127.0.0.1:${port(sockets)}`);
    const [[inner]] = (await Promise.all([once(sockets, 'connection'), once(outer, 'open')])) as [[WebSocket], unknown];
    inner.pause();
    outer.pause();
    return [outer, inner];
  };
  const pair = async (server: Server): Promise<[Socket, Socket]> => {
    const outer = connect({ port: port(server), host: '127.0.0.1', allowHalfOpen: true });
    const [[inner]] = (await Promise.all([once(server, 'connection'), once(outer, 'connect')])) as [[Socket], unknown];
    outer.on('error', () => undefined);
    inner.on('error', () => undefined);
    return [outer, inner];
  };
  const whole = async (halfClose: boolean) => {
    const [program, local] = await pair(locals);
    const [dialled, guest] = await pair(guests);
    const [plugin, client] = await webSockets();
    const [agentLeg, agent] = await webSockets();
    const ends = [new ForwardEnd(local, plugin, halfClose), new ForwardEnd(dialled, agent, halfClose)] as const;
    const relayed = relayConsole(client, agentLeg, { emptyCounts: true, bareEnd: !halfClose });
    guest.resume();
    return { program, guest, ends, relayed };
  };
  const textOf = async (socket: Socket): Promise<string> => {
    let text = '';
    socket.on('data', (chunk) => (text += String(chunk)));
    await once(socket, 'end');
    return text;
  };

  it('ends in each direction by itself, whichever is first', async () => {
    for (const [first, second] of [
      ['program', 'guest'],
      ['guest', 'program'],
    ] as const) {
      const parts = await whole(true);
      const heard = textOf(parts[second]);
      parts[first].end('that was all');
      assert.equal(await heard, 'that was all');
      const answer = textOf(parts[first]);
      parts[second].end('and the answer');
      assert.equal(await answer, 'and the answer');
      const { code, reason } = await parts.ends[0].ended;
      assert.deepEqual([code, reason], [1000, '']);
      await parts.relayed;
    }
  });

  it('ends as a whole where the protocol knows no half, with all that was said before', async () => {
    const { program, guest, ends, relayed } = await whole(false);
    const heard = textOf(program);
    guest.end('last words');
    assert.equal(await heard, 'last words');
    assert.equal((await ends[0].ended).code, 1000);
    await relayed;
  });

  it('is reset at the one end where it was at the other', async () => {
    for (const [breaks, hears] of [
      ['guest', 'program'],
      ['program', 'guest'],
    ] as const) {
      const parts = await whole(true);
      parts[breaks].write('a part');
      await once(parts[hears], 'data');
      const error = once(parts[hears], 'error') as Promise<[NodeJS.ErrnoException]>;
      parts[breaks].resetAndDestroy();
      assert.equal((await error)[0].code, 'ECONNRESET', `${breaks} breaks`);
      await parts.relayed;
    }
  });

  it('carries megabytes whole, both ways at once', async () => {
    const { program, guest, relayed } = await whole(true);
    const digest = async (socket: Socket): Promise<string> => {
      const hash = createHash('sha256');
      socket.on('data', (chunk: Buffer) => hash.update(chunk));
      await once(socket, 'end');
      return hash.digest('hex');
    };
    const all = [randomBytes(16 * 2 ** 20), randomBytes(8 * 2 ** 20)] as const;
    const got = [digest(guest), digest(program)];
    program.end(all[0]);
    guest.end(all[1]);
    assert.deepEqual(
      await Promise.all(got),
      all.map((one) => createHash('sha256').update(one).digest('hex')),
    );
    await relayed;
  });

  it('stops whoever sends to a reader that does not read', async () => {
    for (const [sends, reads] of [
      ['program', 'guest'],
      ['guest', 'program'],
    ] as const) {
      const parts = await whole(true);
      parts[reads].pause();
      let taken = 0;
      const piece = Buffer.alloc(64 * 1024);
      for (let quiet = 0; quiet < 20;) {
        if (parts[sends].write(piece, () => (taken += piece.length))) continue;
        await new Promise((resolve) => setTimeout(resolve, 20));
        quiet = parts[sends].writableNeedDrain ? quiet + 1 : 0;
      }
      // What the kernel's buffers on the way hold is most of it.
      assert.ok(taken < 64 * 2 ** 20, `${taken} bytes were taken from the ${sends}`);
      const rest = textOf(parts[reads]);
      parts[sends].end('end');
      parts[reads].resume();
      assert.ok((await rest).endsWith('end'));
      parts[reads].end();
      await parts.relayed;
    }
  });

  it('hands on all that a client has sent who closes his connection without a close frame, as virtctl does', async () => {
    const [dialled, guest] = await pair(guests);
    const [client, atWebhook] = await webSockets();
    const [legOfWebhook, agent] = await webSockets();
    const end = new ForwardEnd(dialled, agent, false);
    const relayed = relayConsole(atWebhook, legOfWebhook, { emptyCounts: true, bareEnd: true });
    let [got, how] = [0, ''];
    guest.on('error', (error: NodeJS.ErrnoException) => (how = error.code ?? ''));
    guest.on('end', () => (how = 'FIN'));
    guest.on('data', (chunk: Buffer) => {
      got += chunk.length;
      guest.pause();
      setTimeout(() => guest.resume(), 5);
    });
    guest.resume();
    const piece = Buffer.alloc(32 * 1024);
    for (let sent = 0; sent < 96; sent++) client.send(piece, { binary: true });
    const { _socket: raw } = client as unknown as { readonly _socket: Socket };
    while (raw.writableLength > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    raw.end();
    await relayed;
    await once(guest, how === '' ? 'end' : 'close');
    assert.deepEqual([got, how], [96 * piece.length, 'FIN']);
    let isGone = false;
    void end.gone.then(() => (isGone = true));
    await end.ended;
    assert.equal(isGone, false, 'its place is given back while the guest has its end open');
    guest.end();
    await end.gone;
  });
});
