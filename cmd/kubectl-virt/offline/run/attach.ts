import type { Socket } from 'node:net';
import { splitAtEscape } from '../../console/escape.js';
import type { Io } from '../../io.js';

/** How the user's part in it ended. */
export type Leaving = 'left' | 'stopped';

/** Shows the console; on a paused terminal (^S, a slow pipe) the guest waits. */
export const showConsole = (io: Io, serial: Socket): void => {
  serial.on('data', (chunk: Buffer) => {
    if (io.guestScreen.write(chunk)) return;
    serial.pause();
    io.guestScreen.once('drain', () => serial.resume());
  });
};

/** Types what the user types into the guest until the escape byte comes or the guest ends. */
export const attachInput = (io: Io, serial: Socket, escape: number | undefined): Promise<Leaving> =>
  new Promise((resolve) => {
    const { stdin } = io;
    const finish = (leaving: Leaving): void => {
      stdin.off('data', onInput).pause();
      resolve(leaving);
    };
    const onInput = (chunk: Buffer): void => {
      const { send, leave } = splitAtEscape(chunk, stdin.isTTY ? escape : undefined);
      if (send.length > 0 && !serial.destroyed) serial.write(send);
      if (leave) finish('left');
    };
    serial.once('close', () => finish('stopped'));
    stdin.on('data', onInput).resume();
  });
