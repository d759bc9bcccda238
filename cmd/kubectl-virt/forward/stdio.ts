import { Duplex } from 'node:stream';
import { ForwardEnd } from '../../../src/agent-api/forward-end.js';
import { endingOf } from '../console/close-codes.js';
import { ExitCode } from '../errors.js';
import type { Io } from '../io.js';
import { GuestText } from '../logs/guest-text.js';
import { endsInHalves, type OpenPort } from './open-port.js';
import type { ForwardedPort } from './ports.js';

/**
 * stdin and stdout as one connection. The end of stdin is the end of what is sent, and the guest may still answer; when
 * the guest has said all, it is over: stdout cannot be closed but by ending. On a terminal what the guest says is text,
 * in which everything is seen.
 */
const stdioOf = ({ stdin, stdout, guestScreen }: Io): Duplex => {
  const text = stdout.isTTY ? new GuestText() : undefined;
  const duplex: Duplex = new Duplex({
    allowHalfOpen: true,
    read: () => void stdin.resume(),
    write: (chunk: Buffer, _encoding, done) => {
      if (text === undefined) {
        guestScreen.write(chunk, (error) => done(error));
        return;
      }
      stdout.write(text.add(chunk));
      done();
    },
    final: (done) => {
      if (text !== undefined) stdout.write(text.end());
      duplex.push(null);
      done();
    },
    destroy: (error, done) => {
      stdin.pause();
      done(error);
    },
  });
  stdin.on('data', (chunk: Buffer) => {
    if (!duplex.readableEnded && !duplex.push(chunk)) stdin.pause();
  });
  stdin.on('end', () => {
    if (!duplex.readableEnded) duplex.push(null);
  });
  stdin.on('error', (error) => duplex.destroy(error));
  return duplex;
};

/** @throws CliError where it is refused, or ends otherwise than in order */
export const forwardStdio = async (io: Io, name: string, port: ForwardedPort, open: OpenPort): Promise<number> => {
  const peer = await open(port);
  const { code, reason } = await new ForwardEnd(stdioOf(io), peer, endsInHalves(peer)).ended;
  io.stdin.pause();
  const { error } = endingOf(code, reason, name, `port ${port.port}`);
  if (error !== undefined) throw error;
  return ExitCode.ok;
};
