import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { Lease } from '../../../../src/agent/network/lease.js';
import { readFrame, unwrapFrame, wrapFrame } from '../../../../src/agent/network/packets.js';
import { respond } from '../../../../src/agent/network/responder.js';
import { dhcpFrame, dhcpMessage, LEASE } from './asking.js';

/** A socket that keeps what it is given to send, and is gone once it is closed. */
class FakeSocket extends EventEmitter {
  readonly sent: Buffer[] = [];
  private open = true;
  send(datagram: Buffer): void {
    if (!this.open) throw new Error('Not running');
    this.sent.push(datagram);
  }
  close(): this {
    this.open = false;
    return this;
  }
}
const DISCOVER = wrapFrame(dhcpFrame(dhcpMessage(1)));
/** As one that nobody thought of. */
const UNANSWERABLE: Lease = {
  ...LEASE,
  get dns(): string[] {
    throw new RangeError('out of range');
  },
};

describe('who answers the guest of a pod', () => {
  it('drops what cannot be answered for one card, and answers for the others', () => {
    const socket = new FakeSocket();
    const responder = respond(socket as never, [UNANSWERABLE, LEASE]);
    socket.emit('message', DISCOVER);
    assert.deepEqual(
      socket.sent.map((datagram) => readFrame(unwrapFrame(datagram)!)?.destinationPort),
      [68],
    );
    socket.sent.length = 0;
    responder.advertise();
    assert.equal(socket.sent.length, 1);
  });

  it('outlives a frame that comes when its socket is closed, and an error of it', () => {
    const socket = new FakeSocket();
    const responder = respond(socket as never, [LEASE]);
    responder.close();
    socket.emit('message', DISCOVER);
    responder.advertise();
    socket.emit('error', new Error('EPERM'));
    assert.equal(socket.sent.length, 0);
  });

  it('hears nothing longer than a guest has to ask, and nothing but frames', () => {
    const socket = new FakeSocket();
    respond(socket as never, [LEASE]);
    socket.emit('message', Buffer.concat([DISCOVER, Buffer.alloc(2048)]));
    socket.emit('message', DISCOVER.subarray(8));
    socket.emit('message', Buffer.alloc(0));
    assert.equal(socket.sent.length, 0);
  });
});
