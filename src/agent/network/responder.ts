import type { Socket } from 'node:dgram';
import { advertisement, answerFrame } from './answer.js';
import type { Lease } from './lease.js';
import { unwrapFrame, wrapFrame } from './packets.js';
import { KERNEL_PORT } from './wish.js';

/** A frame that asks something is far shorter. */
const MAX_FRAME = 2048;

/** Answers the guest of one pod. */
export interface Responder {
  /** What its routers say unasked. */
  readonly advertise: () => void;
  readonly close: () => void;
}

/**
 * @param socket by which the guest is heard
 * @param leases one for each card that asks
 */
export const respond = (socket: Pick<Socket, 'on' | 'send' | 'close'>, leases: readonly Lease[]): Responder => {
  /** All VMs of the node share the thread: what cannot be answered to one ends no other's answers. */
  const tell = (frameFor: (lease: Lease) => Buffer | undefined): void => {
    for (const lease of leases) {
      try {
        const frame = frameFor(lease);
        // What cannot be sent is asked for again.
        if (frame !== undefined) socket.send(wrapFrame(frame), KERNEL_PORT, '127.0.0.1', () => undefined);
      } catch {
        // The frame is dropped, as on any wire.
      }
    }
  };
  socket.on('error', () => undefined);
  socket.on('message', (datagram) => {
    const frame = datagram.length > MAX_FRAME ? undefined : unwrapFrame(datagram);
    if (frame !== undefined) tell((lease) => answerFrame(frame, lease));
  });
  return { advertise: () => tell(advertisement), close: () => void socket.close() };
};
