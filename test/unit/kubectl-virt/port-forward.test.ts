import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { parseForwardedPort } from '../../../cmd/kubectl-virt/forward/ports.js';
import { main } from '../../../cmd/kubectl-virt/program.js';
import { fakeApiServer, status, type FakeApiServer, type Handlers } from './fake-api-server.js';
import { fakeIo, type FakeIo } from './fake-io.js';

const textOf = async (socket: Socket): Promise<string> => {
  let text = '';
  socket.on('data', (chunk) => (text += String(chunk)));
  await once(socket, 'end');
  return text;
};
/** A guest that answers when all has come. */
const counting = (socket: WebSocket): void => {
  let said = '';
  socket.on('message', (data: Buffer) => {
    said += data.toString();
    if (data.length > 0) return;
    socket.send(Buffer.from(`got ${said}`));
    socket.send(Buffer.alloc(0));
  });
};
const VMI = { code: 200, body: { metadata: { name: 'web' } } };

describe('kubectl virt port-forward', function () {
  this.timeout(30_000);
  let server: FakeApiServer | undefined;
  afterEach(() => server?.close());
  const requests = () => server?.seen ?? [];
  const serve = async (handlers: Handlers): Promise<string[]> => {
    server = await fakeApiServer({ answer: () => VMI, ...handlers });
    return server.flags;
  };
  const localPort = async (io: FakeIo, index = 0): Promise<number> => {
    for (;;) {
      const found = [...io.out().matchAll(/Forwarding from 127\.0\.0\.1:(\d+) -> /g)][index]?.[1];
      if (found !== undefined) return Number(found);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  const open = async (port: number): Promise<Socket> => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    return socket;
  };
  const interrupt = (): void => void process.emit('SIGINT');

  it('reads ports as they are written for virtctl and kubectl', () => {
    const of = (text: string) => Object.values(parseForwardedPort(text)).join(' ');
    assert.deepEqual(['8080', '8080:80', 'udp/5353:53', 'tcp/22', ':22', '0:22', 'UDP/53'].map(of), [
      'tcp 8080 8080',
      'tcp 80 8080',
      'udp 53 5353',
      'tcp 22 22',
      'tcp 22 0',
      'tcp 22 0',
      'udp 53 53',
    ]);
    for (const text of ['', 'x', '80:', '80:x', '1:2:3', '65536', '-1', 'tcp/', '80/tcp', ' 80', '0'])
      assert.throws(() => parseForwardedPort(text), /port|protocol/, text);
    assert.throws(() => parseForwardedPort('sctp/80'), /unknown protocol: sctp/);
  });

  it('opens a WebSocket for each connection, which ends in halves, and ends with the user', async () => {
    const flags = await serve({ upgrade: () => counting });
    const io = fakeIo();
    const running = main(['port-forward', 'vm/web/prod', ':80', ':443', ...flags], io);
    const [first, second] = [await open(await localPort(io)), await open(await localPort(io, 1))];
    const answers = [textOf(first), textOf(second)];
    first.end('one');
    second.end('two');
    assert.deepEqual(await Promise.all(answers), ['got one', 'got two']);
    const path = (port: number) =>
      `/apis/subresources.kubevirt.io/v1/namespaces/prod/virtualmachines/web/portforward/${port}/tcp`;
    const seen = requests().filter(({ headers }) => headers.upgrade !== undefined);
    assert.deepEqual(seen.map(({ path: each }) => each).toSorted(), [path(443), path(80)]);
    assert.match(seen[0]?.headers['sec-websocket-protocol'] ?? '', /half-close.*,\s*plain\.kubevirt\.io/);
    interrupt();
    assert.equal(await running, 0);
  });

  it('says why a connection fails, resets it, and serves the next', async () => {
    let asked = 0;
    const flags = await serve({
      upgrade: () => {
        asked += 1;
        return asked === 1 ? status(503, 'ServiceUnavailable', 'the guest refuses connections') : counting;
      },
    });
    const io = fakeIo();
    const running = main(['port-forward', 'web', ':80', ...flags], io);
    const failed = await open(await localPort(io));
    const [error] = (await once(failed, 'error')) as [NodeJS.ErrnoException];
    assert.equal(error.code, 'ECONNRESET');
    assert.match(io.err(), /error: the guest refuses connections/);
    const next = await open(await localPort(io));
    const answer = textOf(next);
    next.end('x');
    assert.equal(await answer, 'got x');
    interrupt();
    await running;
  });

  it('lets no more be open at a time than a VM may have: the others wait', async () => {
    let [now, most] = [0, 0];
    const flags = await serve({
      upgrade: () => (socket) => {
        now += 1;
        most = Math.max(most, now);
        counting(socket);
        socket.on('close', () => (now -= 1));
      },
    });
    const io = fakeIo();
    const running = main(['port-forward', 'web', ':80', ...flags], io);
    const port = await localPort(io);
    const one = async (): Promise<string> => {
      const socket = await open(port);
      const answer = textOf(socket);
      socket.end('x');
      return answer;
    };
    const answers = await Promise.all(Array.from({ length: 150 }, one));
    assert.ok(answers.every((answer) => answer === 'got x'));
    assert.ok(most <= 60, `${most} at a time`);
    interrupt();
    await running;
  });

  it('forwards datagrams, those of each client by themselves', async () => {
    const flags = await serve({
      upgrade: () => (socket) => socket.on('message', (data: Buffer) => socket.send(Buffer.from(`re ${String(data)}`))),
    });
    const io = fakeIo();
    const running = main(['port-forward', 'web', 'udp/:53', ...flags], io);
    const port = await localPort(io);
    const clients = [createSocket('udp4'), createSocket('udp4')];
    for (const [index, client] of clients.entries()) {
      client.send(`${index}`, port, '127.0.0.1');
      assert.equal(String((await once(client, 'message'))[0]), `re ${index}`);
      client.send(`${index} again`, port, '127.0.0.1');
      assert.equal(String((await once(client, 'message'))[0]), `re ${index} again`);
    }
    assert.equal(requests().filter(({ path }) => path.endsWith('/portforward/53/udp')).length, 2);
    for (const client of clients) client.close();
    interrupt();
    await running;
  });

  it('is stdin and stdout: what is sent ends first, what is answered last', async () => {
    const flags = await serve({ upgrade: () => counting });
    const io = fakeIo({ stdin: 'all of it' });
    assert.equal(await main(['port-forward', '--stdio=true', 'vmi/web', '22', ...flags], io), 0);
    assert.equal(io.out(), 'got all of it');
    assert.equal(requests().length, 1, 'nothing else is asked');
  });

  it('shows on a terminal what the guest says, and has the terminal do nothing of it', async () => {
    const flags = await serve({ upgrade: () => counting });
    const io = fakeIo({ stdin: '\u001b]0;title\u0007 é', columns: 80 });
    assert.equal(await main(['port-forward', '--stdio', 'vmi/web', '22', ...flags], io), 0);
    assert.equal(io.out(), 'got \\x1b]0;title\\x07 é');
  });

  it('refuses what it cannot do before anything listens', async () => {
    const flags = await serve({ answer: () => status(404, 'NotFound', 'no such instance') });
    const io = fakeIo();
    await assert.rejects(main(['port-forward', 'web', '8080', ...flags], io), /no such instance/);
    await assert.rejects(main(['port-forward', 'web', ...flags], io), /an argument is missing/);
    await assert.rejects(main(['port-forward', '--stdio', 'web', '22', '23', ...flags], io), /only one port/);
    await assert.rejects(main(['port-forward', '--stdio', 'web', 'udp/53', ...flags], io), /only one port/);
  });
});
