import assert from 'node:assert/strict';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import type { Socket as DatagramSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import type { DialWish } from '../../../src/agent/network/dial-wish.js';
import { DialError, discard, type EnterNetwork } from '../../../src/agent/network/dialler.js';
import { DIAL_PROGRAM, Diallers } from '../../../src/agent/network/diallers.js';
import { buildPrograms } from '../../support/built-program.js';

/*
 * What a user's connection to a port of a VM can reach: two network namespaces stand for pod and guest, with a wire of
 * the tap's name between them, and the pod has a network of its own beside it.
 */

const NAMES = { pod: `kv-dial-pod-${process.pid}`, guest: `kv-dial-vm-${process.pid}` };
const ip = (...args: string[]): string => execFileSync('ip', args, { encoding: 'utf8' });
const GUEST = '10.0.2.2';

/** TCP 7000: says what it got when all has come, and only then; TCP 7001: speaks first; UDP 7002: echoes. */
const SERVERS = `
const net = require('node:net');
net.createServer({ allowHalfOpen: true }, (s) => {
  let all = ''; s.on('data', (d) => (all += d)); s.on('end', () => s.end('got ' + all)); s.on('error', () => {});
}).listen(7000);
net.createServer((s) => { s.write('hello'); s.on('error', () => {}); s.resume(); }).listen(7001);
const udp = require('node:dgram').createSocket('udp4');
udp.on('message', (d, from) => udp.send('re ' + d, from.port, from.address));
udp.bind(7002, () => console.log('ready'));
`;

describe('attack: a connection to a port of a VM leads elsewhere than to its guest', function () {
  this.timeout(120_000);
  const diallers = new Diallers();
  let guest: ChildProcess | undefined;
  const argvs: ChildProcess[] = [];
  const enterPod: EnterNetwork = async (use) => {
    const child = await use(['nsenter', `--net=/run/netns/${NAMES.pod}`, '--', ...DIAL_PROGRAM]);
    argvs.push(child);
    return child;
  };
  const dial = (wish: Partial<DialWish>, key = 'vm') =>
    diallers.dial({ key, namespace: key.replace(/^vm-/, '') }, enterPod, {
      protocol: 'tcp',
      port: 7000,
      address: GUEST,
      device: 'tap0',
      ...wish,
    });
  const tcp = async (wish: Partial<DialWish>, key?: string): Promise<Socket> => {
    const socket = (await dial(wish, key)) as Socket;
    socket.allowHalfOpen = true;
    return socket;
  };
  const refusedWith = (wish: Partial<DialWish>, code: string) =>
    assert.rejects(dial(wish), (error) => error instanceof DialError && error.code === code);

  before(async () => {
    buildPrograms('virt-agent');
    for (const name of Object.values(NAMES)) {
      ip('netns', 'add', name);
      ip('-n', name, 'link', 'set', 'lo', 'up');
    }
    ip('link', 'add', 'kvdial0', 'netns', NAMES.pod, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', NAMES.guest);
    ip('-n', NAMES.pod, 'link', 'set', 'kvdial0', 'name', 'tap0');
    ip('-n', NAMES.pod, 'address', 'add', '10.0.2.1/24', 'dev', 'tap0');
    ip('-n', NAMES.pod, 'link', 'set', 'tap0', 'up');
    ip('-n', NAMES.guest, 'address', 'add', `${GUEST}/24`, 'dev', 'eth0');
    ip('-n', NAMES.guest, 'link', 'set', 'eth0', 'up');
    ip('-n', NAMES.pod, 'tuntap', 'add', 'dev', 'eth0', 'mode', 'tap');
    ip('-n', NAMES.pod, 'address', 'add', '10.9.0.2/24', 'dev', 'eth0');
    ip('-n', NAMES.pod, 'link', 'set', 'eth0', 'up');
    ip('-n', NAMES.pod, 'route', 'add', 'default', 'via', '10.9.0.1');
    guest = spawn('ip', ['netns', 'exec', NAMES.guest, process.execPath, '-e', SERVERS], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(guest.stdout!, 'data');
  });
  after(() => {
    for (const key of ['vm', ...Array.from({ length: 8 }, (_, index) => `vm-${index}`)]) diallers.end(key);
    guest?.kill('SIGKILL');
    for (const name of Object.values(NAMES)) ip('netns', 'delete', name);
  });

  it('reaches the guest, and each direction ends by itself', async () => {
    const socket = await tcp({});
    let answer = '';
    socket.on('data', (chunk) => (answer += String(chunk)));
    socket.end('all of it');
    await once(socket, 'end');
    assert.equal(answer, 'got all of it');
    const first = await tcp({ port: 7001 });
    assert.equal(String((await once(first, 'data'))[0]), 'hello', 'what the guest says first is not lost');
    first.destroy();
  });

  it('reaches its UDP, and hears that nobody has a port', async () => {
    const socket = (await dial({ protocol: 'udp', port: 7002 })) as DatagramSocket;
    socket.send('x');
    assert.equal(String((await once(socket, 'message'))[0]), 're x');
    discard(socket);
    const closed = (await dial({ protocol: 'udp', port: 7999 })) as DatagramSocket;
    closed.send('x');
    const [error] = (await once(closed, 'error')) as [NodeJS.ErrnoException];
    assert.equal(error.code, 'ECONNREFUSED');
    discard(closed);
  });

  it('says what the guest says: refused, or nothing', async () => {
    await refusedWith({ port: 7999 }, 'ECONNREFUSED');
    ip('netns', 'exec', NAMES.guest, 'nft', 'add table inet t');
    ip('netns', 'exec', NAMES.guest, 'nft', 'add chain inet t in { type filter hook input priority 0; }');
    ip('netns', 'exec', NAMES.guest, 'nft', 'add rule inet t in tcp dport 7003 drop');
    await refusedWith({ port: 7003 }, 'ETIMEDOUT');
  });

  it('never reaches the node, the agent, the pod itself or its network', async () => {
    const reached: string[] = [];
    const server = createServer((socket) => reached.push(String(socket.remoteAddress))).listen(0, '0.0.0.0');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    for (const address of ['127.0.0.1', '10.0.2.1', '10.9.0.2', '10.9.0.1', '192.0.2.1', '169.254.169.254', '::1'])
      await refusedWith({ address, port }, 'WRONG_WAY');
    // And where the way is right, it is the pod's: on the node nobody has that address.
    await refusedWith({ port }, 'ECONNREFUSED');
    server.close();
    assert.deepEqual(reached, []);
  });

  it('connects as nobody, with no right of the agent', async () => {
    await tcp({}).then((socket) => socket.destroy());
    const status = readFileSync(`/proc/${argvs.at(-1)!.pid}/status`, 'utf8');
    assert.match(status, /^Uid:\t65534\t65534\t65534\t65534$/m);
    assert.match(status, /^CapEff:\t0+$/m);
    assert.match(status, /^CapPrm:\t0+$/m);
    assert.match(status, /^NoNewPrivs:\t1$/m);
  });

  it('opens a hundred at a time by one program, and a few programs serve many VMs', async () => {
    const before = argvs.length;
    const many = await Promise.all(Array.from({ length: 60 }, () => tcp({})));
    for (const socket of many) socket.destroy();
    assert.ok(argvs.length - before <= 1);
    const others = await Promise.all(Array.from({ length: 8 }, (_, index) => tcp({}, `vm-${index}`)));
    for (const socket of others) socket.destroy();
    assert.ok(argvs.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null).length <= 4);
  });

  it('lets a VM in whose neighbours wait for guests that never answer', async () => {
    const silent = Array.from({ length: 4 }, (_, index) =>
      Array.from({ length: 3 }, async () => {
        for (let times = 0; times < 3; times += 1) await dial({ port: 7003 }, `vm-${index}`).catch(() => undefined);
      }),
    ).flat();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const since = performance.now();
    await tcp({}, 'honest').then((socket) => socket.destroy());
    assert.ok(performance.now() - since < 9_000, 'before the webhook gives up');
    diallers.end('honest');
    await Promise.all(silent);
  });
});
