import 'reflect-metadata';
import assert from 'node:assert/strict';
import { createSocket, type Socket as DatagramSocket } from 'node:dgram';
import { EventEmitter, once } from 'node:events';
import { Agent, request } from 'node:https';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { Consoles, MOST_WATCHERS } from '../../../../src/agent/api/console.js';
import { Forwards, MOST_FORWARDS } from '../../../../src/agent/api/forwards.js';
import { HALF_CLOSE_PROTOCOL } from '../../../../src/agent-api/forward.js';
import { StatusError } from '../../../../src/agent-api/status-error.js';
import { AGENT_CLIENT_NAME } from '../../../../src/agent-api/identity.js';
import { AgentServer } from '../../../../src/agent/api/server.js';
import { silentLog } from '../../../../src/kube/program/log.js';
import { createAuthority, type Authority } from '../../../integration/support/certificates.js';

describe("the agent's server", function () {
  this.timeout(300_000);
  let directory: string;
  let guest: Server;
  let guestSide: Socket[];
  let server: AgentServer;
  let consoles: Consoles;
  let forwards: Forwards;
  let port: number;
  let ca: Authority;
  let asked: string[];
  let failure: Error | undefined;
  let said: unknown;
  let picture: () => AsyncIterable<Buffer>;

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'virt-server-'));
    guestSide = [];
    guest = createServer((socket) => guestSide.push(socket));
    await new Promise<void>((resolve) => guest.listen(join(directory, 'serial'), resolve));
    ca = await createAuthority('test');
    const own = await ca.issue('CN=kubevirt.io:system:node:virt-agent');
    consoles = new Consoles();
    forwards = new Forwards();
    server = new AgentServer({
      tls: { cert: own.certificate, key: own.key, ca: ca.certificate },
      consoles,
      forwards,
      log: silentLog,
      vms: {
        open: (key) => {
          asked.push(key);
          return failure ? Promise.reject(failure) : Promise.resolve(createConnection(join(directory, 'serial')));
        },
        act: (key, action) => {
          asked.push(`${action} ${key}`);
          return failure ? Promise.reject(failure) : Promise.resolve(said);
        },
        dial: (key, { protocol, port }) => {
          asked.push(`${protocol} ${port} of ${key}`);
          if (failure) return Promise.reject(failure);
          if (protocol === 'udp') return dialUdp();
          const dialled = createConnection(join(directory, 'serial'));
          dialled.setKeepAlive = (on, ms) => {
            keptAlive.push(`${on} ${ms}`);
            return dialled;
          };
          return Promise.resolve(dialled);
        },
        picture: (key, moves) => {
          asked.push(`picture ${key} ${moves}`);
          return failure ? Promise.reject(failure) : Promise.resolve(picture());
        },
      },
    });
    port = await server.listen({ host: '127.0.0.1', port: 0 });
  });
  after(async () => {
    consoles.closeAll(1001, 'test ends');
    await server.close();
    guest.close();
    rmSync(directory, { recursive: true });
  });
  beforeEach(() => {
    asked = [];
    failure = undefined;
    said = undefined;
    guestSide.length = 0;
  });

  let udpGuest: DatagramSocket | undefined;
  const keptAlive: string[] = [];
  const dialUdp = async (): Promise<DatagramSocket> => {
    const guestEnd = createSocket('udp4');
    udpGuest = guestEnd;
    guestEnd.on('message', (data, from) => guestEnd.send(`re ${data.length}`, from.port, from.address));
    guestEnd.bind(0, '127.0.0.1');
    await once(guestEnd, 'listening');
    const dialled = createSocket('udp4');
    dialled.connect(guestEnd.address().port, '127.0.0.1');
    await once(dialled, 'connect');
    return dialled;
  };

  const client = async (commonName = AGENT_CLIENT_NAME) => {
    const { certificate, key } = await ca.issue(`CN=${commonName}`);
    return new Agent({ cert: certificate, key, ca: ca.certificate, checkServerIdentity: () => undefined });
  };
  const url = (what: string): string =>
    `https://127.0.0.1:${port}/v1/namespaces/default/virtualmachineinstances/web/${what}`;
  const put = async (
    what: string,
    commonName?: string,
    method = 'PUT',
  ): Promise<{ code: number; body: { message?: string } }> => {
    const call = request(url(what), { method, agent: await client(commonName) });
    call.end();
    const [response] = (await once(call, 'response')) as [import('node:http').IncomingMessage];
    let text = '';
    for await (const chunk of response) text += String(chunk);
    return { code: response.statusCode ?? 0, body: text === '' ? {} : (JSON.parse(text) as object) };
  };
  const console_ = async (commonName?: string): Promise<WebSocket> => {
    const socket = new WebSocket(url('console').replace('https', 'wss'), ['plain.kubevirt.io'], {
      agent: await client(commonName),
    });
    await once(socket, 'open');
    return socket;
  };

  it('carries out state changes', async () => {
    assert.equal((await put('pause')).code, 202);
    assert.deepEqual(asked, ['pause default/web']);
  });

  it('answers what an action has to say', async () => {
    said = { hostname: 'web' };
    assert.deepEqual(await put('pause'), { code: 200, body: said });
  });

  it('does nothing to a guest for a word that it does not know, or knows as a stream', async () => {
    for (const word of ['reboot', 'start', 'constructor', 'console']) assert.equal((await put(word)).code, 404, word);
    assert.deepEqual(asked, []);
  });

  it('answers failures with a Status and its code', async () => {
    failure = new StatusError('Conflict', 'default/web is paused');
    const { code, body } = await put('softreboot');
    assert.equal(code, 409);
    assert.equal(body.message, 'default/web is paused');
    failure = undefined;
    assert.equal((await put('explode')).code, 404);
    assert.equal((await put('pause', undefined, 'GET')).code, 405);
  });

  it('lets nobody in but the webhook', async () => {
    const { code } = await put('pause', 'somebody');
    assert.equal(code, 403);
    assert.deepEqual(asked, []);
    const call = request(url('pause'), { method: 'PUT', ca: ca.certificate, checkServerIdentity: () => undefined });
    call.end();
    await assert.rejects(once(call, 'response'));
  });

  it('sends a picture as it comes, and none that was cut off', async () => {
    const get = async (query: string) => {
      const call = request(`${url('screenshot')}${query}`, { agent: await client() });
      call.end();
      const [response] = (await once(call, 'response')) as [import('node:http').IncomingMessage];
      const chunks: Buffer[] = [];
      for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
      return {
        code: response.statusCode,
        type: response.headers['content-type'],
        text: Buffer.concat(chunks).toString(),
      };
    };
    picture = async function* () {
      yield await Promise.resolve(Buffer.from('pict'));
      yield Buffer.from('ure');
    };
    assert.deepEqual(await get('?moveCursor=true'), { code: 200, type: 'image/png', text: 'picture' });
    assert.deepEqual(asked, ['picture default/web true']);
    assert.equal((await get('?moveCursor=perhaps')).code, 400);
    failure = new StatusError('TooManyRequests', 'one is being taken');
    assert.equal((await get('')).code, 429);
    failure = undefined;
    picture = async function* () {
      yield await Promise.resolve(Buffer.from('pict'));
      throw new Error('libvirtd has ended');
    };
    await assert.rejects(get(''), /aborted|hang up/);
  });

  it('joins a console both ways', async () => {
    const socket = await console_();
    assert.equal(socket.protocol, 'plain.kubevirt.io');
    await until(() => guestSide.length === 1);
    guestSide[0]!.write('login: ');
    const [data] = (await once(socket, 'message')) as [Buffer];
    assert.equal(data.toString(), 'login: ');
    socket.send(Buffer.from('root\r'));
    const [typed] = (await once(guestSide[0]!, 'data')) as [Buffer];
    assert.equal(typed.toString(), 'root\r');
    const closed = once(guestSide[0]!, 'close');
    socket.close();
    await closed;
    assert.equal(consoles.size, 0);
  });

  it('tells the loser of a take-over', async () => {
    const first = await console_();
    const loss = once(first, 'close') as Promise<[number, Buffer]>;
    const second = await console_();
    const [code, reason] = await loss;
    assert.equal(code, 4001);
    assert.equal(reason.toString(), 'another user connected to the console of web');
    assert.equal(consoles.size, 1);
    second.terminate();
    await until(() => consoles.size === 0);
  });

  it('leaves the screen with who has it, where a newcomer says so', async () => {
    const screen = async (query: string): Promise<WebSocket> => {
      const address = `${url('vnc').replace('https', 'wss')}${query}`;
      return new WebSocket(address, ['plain.kubevirt.io'], { agent: await client() });
    };
    const first = await screen('?preserveSession=true');
    await once(first, 'open');
    const refused = await screen('?preserveSession=true');
    const [, response] = (await once(refused, 'unexpected-response')) as [unknown, import('node:http').IncomingMessage];
    assert.equal(response.statusCode, 409);
    // Nobody looks at the end of the guest that was opened for it.
    await until(() => guestSide.length === 2 && guestSide[1]!.readableEnded);
    const console = await console_();
    assert.equal(consoles.size, 2, 'another stream is another one');
    console.terminate();
    assert.equal(first.readyState, first.OPEN);
    const loss = once(first, 'close') as Promise<[number, Buffer]>;
    const second = await screen('');
    const [code, reason] = await loss;
    assert.equal(`${code} ${reason.toString()}`, '4001 another user connected to the screen of web');
    second.terminate();
    await until(() => consoles.size === 0);
  });

  it('opens a port of the guest, in either protocol, and says why not before the upgrade', async () => {
    const forward = async (below: string, protocols: string[], key = 'web'): Promise<WebSocket> =>
      new WebSocket(url(`portforward/${below}`).replace('https', 'wss').replace('/web/', `/${key}/`), protocols, {
        agent: await client(),
      });
    const codeOf = async (socket: WebSocket): Promise<number | undefined> =>
      ((await once(socket, 'unexpected-response')) as [unknown, import('node:http').IncomingMessage])[1].statusCode;
    const half = await forward('80/tcp', [HALF_CLOSE_PROTOCOL, 'plain.kubevirt.io']);
    await once(half, 'open');
    assert.equal(half.protocol, HALF_CLOSE_PROTOCOL);
    const plain = await forward('80', ['plain.kubevirt.io']);
    await once(plain, 'open');
    assert.equal(plain.protocol, 'plain.kubevirt.io');
    assert.deepEqual(asked, ['tcp 80 of default/web', 'tcp 80 of default/web']);
    assert.equal(forwards.size, 2);
    plain.terminate();
    await until(() => forwards.size === 1);
    const gone = once(half, 'close') as Promise<[number, Buffer]>;
    forwards.close('default/web', 4002, 'web was powered off');
    assert.equal((await gone)[0], 4002);
    assert.equal(forwards.size, 0);
    for (const below of ['0', '65536', '80/sctp', '80/tcp/x', '22abc'])
      assert.equal(await codeOf(await forward(below, ['plain.kubevirt.io'])), 400, below);
    failure = new StatusError('ServiceUnavailable', 'nothing listens there');
    assert.equal(await codeOf(await forward('81/tcp', ['plain.kubevirt.io'])), 503);
    assert.equal(forwards.size, 0, 'what failed takes no place');
  });

  it('asks a silent guest whether it is there', () => assert.deepEqual(new Set(keptAlive), new Set(['true 30000'])));

  it('carries datagrams as messages, and ends where nobody has the port', async () => {
    const socket = new WebSocket(url('portforward/53/udp').replace('https', 'wss'), ['plain.kubevirt.io'], {
      agent: await client(),
    });
    await once(socket, 'open');
    socket.send(Buffer.alloc(0));
    assert.equal(String((await once(socket, 'message'))[0]), 're 0');
    socket.send(Buffer.alloc(1_400));
    assert.equal(String((await once(socket, 'message'))[0]), 're 1400');
    const ended = once(socket, 'close') as Promise<[number, Buffer]>;
    udpGuest?.close();
    await once(udpGuest!, 'close');
    socket.send(Buffer.from('anybody there?'));
    const [code, reason] = await ended;
    assert.equal(
      `${code} ${String(reason)}`,
      '1011 the guest refuses connections to UDP port 53: nothing listens there',
    );
    await until(() => forwards.size === 0);
  });

  it('has a bound for the connections of a VM, of a namespace and of the node', () => {
    const crowd = new Forwards();
    const fill = (key: string, times: number) => Array.from({ length: times }, () => crowd.reserve(key));
    const [place] = fill('a/one', MOST_FORWARDS.ofVm);
    assert.throws(() => crowd.reserve('a/one'), { code: 429 });
    fill('a/two', MOST_FORWARDS.ofNamespace - MOST_FORWARDS.ofVm);
    assert.throws(() => crowd.reserve('a/three'), { code: 429 });
    fill('b/one', MOST_FORWARDS.ofVm);
    fill('c/one', MOST_FORWARDS.ofNode - MOST_FORWARDS.ofNamespace - MOST_FORWARDS.ofVm);
    assert.throws(() => crowd.reserve('d/one'), { code: 429 });
    place!.free();
    place!.free();
    crowd.reserve('d/one');
    assert.throws(() => crowd.reserve('d/one'), { code: 429 });
  });

  it('has a bound for those who look on in a namespace, and on the node', () => {
    const crowd = new Consoles();
    const look = (key: string, times: number): void => {
      for (let count = 0; count < times; count += 1) {
        crowd.requireRoomToWatch(key);
        const [socket, watcher] = [new EventEmitter(), new EventEmitter()];
        crowd.watch(key, socket as never, watcher as never);
        ended.push(() => {
          Object.assign(socket, { destroy: () => undefined });
          Object.assign(watcher, { resume: () => undefined, close: () => undefined });
        });
      }
    };
    const ended: (() => void)[] = [];
    for (const name of ['one', 'two', 'three', 'four']) look(`a/${name}`, MOST_WATCHERS.ofVm);
    assert.throws(() => crowd.requireRoomToWatch('a/one'), { code: 409 });
    assert.throws(() => crowd.requireRoomToWatch('a/five'), { code: 429, message: /of the namespace a on this node/ });
    for (const namespace of ['b', 'c', 'd', 'e']) look(`${namespace}/one`, MOST_WATCHERS.ofVm);
    assert.throws(() => crowd.requireRoomToWatch('f/one'), { code: 429, message: /of the node/ });
    for (const end of ended) end();
    crowd.closeAll(1000, '');
    crowd.requireRoomToWatch('f/one');
  });

  it('lets so many look on at the screen, whose keys go nowhere, beside who has it', async () => {
    const screen = async (query: string): Promise<WebSocket> => {
      const address = `${url('vnc').replace('https', 'wss')}${query}`;
      return new WebSocket(address, ['plain.kubevirt.io'], { agent: await client() });
    };
    const driver = await screen('');
    await once(driver, 'open');
    const watchers: WebSocket[] = [];
    for (let count = 0; count < 8; count += 1) {
      watchers.push(await screen('?watch=true&preserveSession=true'));
      await once(watchers.at(-1)!, 'open');
    }
    assert.equal(consoles.size, 9);
    await until(() => guestSide.length === 9);
    const refused = await screen('?watch=true');
    const [, response] = (await once(refused, 'unexpected-response')) as [unknown, import('node:http').IncomingMessage];
    assert.equal(response.statusCode, 409);
    const [first, second] = watchers as [WebSocket, WebSocket];
    const HELLO = 'RFB 003.008\n\x01';
    const KEY = '\x04\x01\0\0\0\0\0a';
    const REQUEST = '\x03\0\0\0\0\0\0\x10\0\x10';
    first.send(Buffer.from(`${HELLO}\0${KEY}${REQUEST}${KEY}`, 'latin1'));
    const [seen] = (await once(guestSide[1]!, 'data')) as [Buffer];
    assert.equal(seen.toString('latin1'), `${HELLO}\x01${REQUEST}`);
    // What is no message of a viewer ends that one alone.
    const end = once(second, 'close') as Promise<[number, Buffer]>;
    second.send(Buffer.from(`${HELLO}\x01\x96\x01`, 'latin1'));
    const [code, reason] = await end;
    assert.equal(
      `${code} ${reason.toString()}`,
      '1011 the viewer sent a message of type 150, which nobody sends who looks on',
    );
    // The next driver takes over from the first, and from nobody else.
    const loss = once(driver, 'close') as Promise<[number, Buffer]>;
    const next = await screen('');
    assert.equal((await loss)[0], 4001);
    assert.equal(consoles.size, 8);
    // All of them end with the guest.
    const ends = [next, ...watchers.filter((each) => each !== second)].map((each) => once(each, 'close'));
    consoles.close('default/web', 4002, 'powered off');
    for (const end of ends) assert.equal(((await end) as [number])[0], 4002);
    assert.equal(consoles.size, 0);
  });

  it('says that the guest ended', async () => {
    const socket = await console_();
    await until(() => guestSide.length === 1);
    guestSide[0]!.destroy();
    const [code] = (await once(socket, 'close')) as [number];
    assert.equal(code, 4002);
  });

  it('refuses before the upgrade when the console cannot be reached', async () => {
    failure = new StatusError('ServiceUnavailable', 'no socket');
    const socket = new WebSocket(url('console').replace('https', 'wss'), ['plain.kubevirt.io'], {
      agent: await client(),
    });
    const [, response] = (await once(socket, 'unexpected-response')) as [unknown, import('node:http').IncomingMessage];
    assert.equal(response.statusCode, 503);
    let text = '';
    for await (const chunk of response) text += String(chunk);
    assert.equal((JSON.parse(text) as { message: string }).message, 'no socket');
  });

  it('lets go of the console when the handshake is no good', async () => {
    const headers = { connection: 'upgrade', upgrade: 'websocket', 'sec-websocket-version': '99' };
    const call = request(url('console'), { agent: await client(), headers });
    call.end();
    const [response] = (await once(call, 'response')) as [import('node:http').IncomingMessage];
    assert.equal(response.statusCode, 400);
    response.resume();
    await until(() => guestSide.length === 1);
    guestSide[0]!.resume();
    await once(guestSide[0]!, 'close');
  });

  it('does not read a guest faster than its user', async () => {
    const socket = await console_();
    await until(() => guestSide.length === 1);
    socket.pause();
    const flood = Buffer.alloc(1024 * 1024, 'x');
    let written = 0;
    while (guestSide[0]!.write(flood) || written < 4) {
      written += 1;
      if (written > 200) assert.fail('the agent swallowed 200 MiB for a client that does not read');
    }
    let received = 0;
    socket.on('message', (data: Buffer) => (received += data.length));
    socket.resume();
    // Node counts what is still queued.
    const expected = guestSide[0]!.bytesWritten;
    await until(() => received >= expected);
    socket.terminate();
  });
});

const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
};
