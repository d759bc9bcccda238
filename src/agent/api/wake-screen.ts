import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Time for QEMU to hand the pointer on, and for a guest to draw its screen again. */
const WAIT_MS = 700;

/** Two places, so that a mouse that knows ways and no places moves too. No button. */
const POINTER = [Buffer.from([5, 0, 0, 0, 0, 0]), Buffer.from([5, 0, 0, 8, 0, 8])];
/** The greeting, no authentication, beside whoever has the screen: QEMU reads it when it is ready for it. */
const HELLO = Buffer.concat([Buffer.from('RFB 003.008\n'), Buffer.from([1, 1])]);

/** Moves the guest's pointer, as a viewer beside others, and leaves. Whatever the other end says is not read. */
export const wakeScreen = async (screen: Socket): Promise<void> => {
  screen.on('error', () => undefined);
  // Taken and forgotten: QEMU waits for a viewer that does not read.
  screen.resume();
  screen.write(Buffer.concat([HELLO, ...POINTER]));
  await sleep(WAIT_MS);
  screen.destroy();
};
