import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { open } from '../../support/raw-client.js';
import { PORT_NAMES, Ports, requireServed, type Port } from './ports.js';

/** Whoever floods comes from here, everybody else from 127.0.0.1. */
const ATTACKER = '127.0.0.2';
const FLOOD = 6_000;
/** Opened at a time: the kernel keeps no more waiting for a program to take them. */
const BATCH = 400;
/** Most of it is garbage of connections that came and went, which the collector has not fetched yet. */
const MORE_MEMORY_MIB = 48;
/** 10 s for a request or a handshake, 2 s until it is noticed; the rest is for a machine that is busy. */
const SLOW_SECONDS = 120;

/** However it ends. */
const settled = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    socket.once('connect', resolve);
    socket.once('close', () => resolve());
  });
const heldOf = (sockets: readonly Socket[]): number => sockets.filter(({ closed }) => !closed).length;
const ended = async (socket: Socket): Promise<void> => {
  if (!socket.closed) await new Promise<void>((resolve) => socket.once('close', () => resolve()));
};

describe('six thousand connections of one address at every port of every program as built', function () {
  this.timeout(300_000);
  let ports: Ports | undefined;
  before(async () => {
    ports = await Ports.start();
  });
  after(() => ports?.stop());

  /** TCP only: a connection that never says anything. */
  const connect = ({ target }: Port): Socket => open({ port: target.port, localAddress: ATTACKER }).resume();

  for (const [index, name] of PORT_NAMES.entries()) {
    it(`leave ${name} to the others, and those that got in end by themselves`, async () => {
      const port = ports!.all[index]!;
      const before = port.program.rssMib;
      const sockets: Socket[] = [];
      let most = 0;
      for (let i = 0; i < FLOOD / BATCH; i += 1) {
        const batch = Array.from({ length: BATCH }, () => connect(port));
        sockets.push(...batch);
        await Promise.all(batch.map(settled));
        // What is refused is closed at once; what got in would be there for ten seconds.
        for (let i = 0; heldOf(sockets) > port.connectionsOfAddress && i < 80; i += 1) await sleep(100);
        most = Math.max(most, heldOf(sockets));
        await requireServed(port);
      }
      const more = port.program.rssMib - before;
      console.log(`      ${port.name}: ${most} of ${FLOOD} held, ${more.toFixed(1)} MiB more`);
      assert.ok(most <= port.connectionsOfAddress, `${most} are held`);
      assert.ok(more <= MORE_MEMORY_MIB, `${more} MiB more`);
      const began = performance.now();
      await Promise.all(sockets.map(ended));
      const seconds = (performance.now() - began) / 1000;
      assert.ok(seconds < SLOW_SECONDS, `the last one ended after ${seconds} s`);
      await requireServed(port);
    });
  }

  it('may not be kept by sending headers letter by letter', async () => {
    const plain = ports!.all.filter(({ target }) => target.tls === undefined);
    const began = performance.now();
    const sockets = plain.flatMap((port) => Array.from({ length: 20 }, () => connect(port)));
    for (const socket of sockets) {
      socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\nX: ');
      const timer = setInterval(() => socket.write('a'), 200);
      socket.once('close', () => clearInterval(timer));
    }
    await Promise.all(sockets.map(ended));
    assert.ok((performance.now() - began) / 1000 < SLOW_SECONDS);
  });
});
