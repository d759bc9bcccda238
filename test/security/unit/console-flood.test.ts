import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import type { WebSocket } from 'ws';
import { Consoles } from '../../../src/agent/api/console.js';
import { relayConsole } from '../../../src/webhook/subresources/console-relay.js';

/** A side of a console that takes nothing unless told to, and counts what waits for it. */
class Side extends EventEmitter {
  readonly OPEN = 1;
  readonly CLOSING = 2;
  readonly CLOSED = 3;
  readyState = 1;
  bufferedAmount = 0;
  isPaused = false;
  writableNeedDrain = false;
  readonly waiting: (() => void)[] = [];
  readonly messages: number[] = [];
  send = (data: Buffer, _options: object, sent: () => void): void => this.hold(data, sent);
  write = (data: Buffer, sent: () => void): boolean => {
    this.hold(data, sent);
    return true;
  };
  private hold(data: Buffer, sent: () => void): void {
    this.messages.push(data.length);
    this.waiting.push(sent);
  }
  pause = (): void => void (this.isPaused = true);
  resume = (): void => void (this.isPaused = false);
  ping = (): void => undefined;
  destroy = (): void => undefined;
  terminate = (): void => undefined;
  close = (): void => {
    this.readyState = 3;
    this.emit('close', 1000, Buffer.alloc(0));
  };
  take(): void {
    for (const sent of this.waiting.splice(0)) sent();
  }
}
const BYTE = Buffer.from('x');
const NOTHING = Buffer.alloc(0);

/** Floods one side as long as it is read. @returns what waits for the other side then */
const flood = (from: Side, to: Side, data: Buffer): number => {
  for (let count = 0; count < 100_000 && !from.isPaused; count += 1) from.emit('message', data, true);
  return to.waiting.length;
};

describe('a console in tiny pieces', () => {
  it('is relayed until some hundred messages wait, and goes on when they are taken', async () => {
    const [client, agent] = [new Side(), new Side()];
    const over = relayConsole(client as unknown as WebSocket, agent as unknown as WebSocket);
    assert.ok(flood(agent, client, BYTE) <= 257);
    assert.ok(agent.isPaused);
    client.take();
    assert.equal(agent.isPaused, false);
    assert.equal(flood(client, agent, NOTHING), 0, 'nothing is not relayed');
    agent.close();
    await over;
  });

  it('reaches the agent’s client as one message per turn, and waits for a slow one', async () => {
    const consoles = new Consoles();
    const [serial, client] = [new Side(), new Side()];
    consoles.attach('console', 'a/b', serial as unknown as Socket, client as unknown as WebSocket);
    for (let count = 0; count < 1_000; count += 1) serial.emit('data', BYTE);
    await turn();
    assert.deepEqual(client.messages, [1_000]);
    for (let count = 0; count < 1_000 && !serial.isPaused; count += 1) {
      serial.emit('data', BYTE);
      await turn();
    }
    assert.equal(client.waiting.length, 64);
    client.take();
    assert.equal(serial.isPaused, false);
    serial.emit('data', Buffer.from('last words'));
    consoles.close('a/b', 1000, '');
    assert.equal(client.messages.at(-1), 10, 'what came in the same turn as the end is not lost');
  });

  it('reaches a guest that does not read in some dozen messages, and empty ones not at all', () => {
    const consoles = new Consoles();
    const [serial, client] = [new Side(), new Side()];
    consoles.attach('console', 'a/b', serial as unknown as Socket, client as unknown as WebSocket);
    flood(client, serial, NOTHING);
    assert.equal(serial.waiting.length, 0);
    assert.equal(flood(client, serial, BYTE), 64);
    serial.take();
    assert.equal(client.isPaused, false);
    consoles.close('a/b', 1000, '');
  });
});
