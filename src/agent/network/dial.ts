import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { isIPv6, Socket } from 'node:net';
import type { DialReply, DialRequest } from './dial-wish.js';

/*
 * A program of its own, because a namespace is a process': it runs in a pod's network namespace, as nobody and with the
 * agent's files, connects where the agent says, hands the connection over, and ends when it is idle. The agent then has
 * a socket that is in the pod's network for good.
 */

/** A guest answers or refuses within milliseconds; under emulation, when it is busy, within a second. */
const CONNECT_MS = 5_000;
const ROUTE_MS = 5_000;

type Handle = Socket | ReturnType<typeof createSocket>;
const send = (reply: DialReply, handle?: Handle, sent: () => void = () => undefined): void =>
  void process.send?.(reply, handle as Socket | undefined, undefined, sent);

const routes = new Map<string, string>();
/** The device by which the kernel here would send to an address. */
const deviceTo = (address: string): string => {
  const known = routes.get(address);
  if (known !== undefined) return known;
  const text = execFileSync('ip', ['-json', 'route', 'get', address], { encoding: 'utf8', timeout: ROUTE_MS });
  const [route] = JSON.parse(text) as readonly { readonly dev?: string }[];
  const device = route?.dev ?? '';
  routes.set(address, device);
  return device;
};

/** Nothing is read of it here: whatever the guest says first is the agent's to read. */
const connectTcp = ({ id, address, port }: DialRequest): void => {
  const socket = new Socket({ allowHalfOpen: true });
  socket.pause();
  const timer = setTimeout(
    () => socket.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })),
    CONNECT_MS,
  );
  socket.once('error', (error: NodeJS.ErrnoException) => {
    clearTimeout(timer);
    send({ id, code: error.code ?? 'unknown', message: error.message });
  });
  socket.connect({ host: address, port, noDelay: true }, () => {
    clearTimeout(timer);
    send({ id }, socket);
  });
};

/**
 * The agent connects it: a connected one loses that on the way from one process to the other. Node gives a TCP socket
 * away and shares one of UDP: as long as it is open here as well, both read, and each datagram reaches one of them.
 */
const bindUdp = ({ id, address }: DialRequest): void => {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  socket.once('error', (error: NodeJS.ErrnoException) =>
    send({ id, code: error.code ?? 'unknown', message: error.message }),
  );
  socket.bind({ port: 0, exclusive: true }, () => send({ id }, socket, () => socket.close()));
};

process.on('message', (request: DialRequest) => {
  const { id, address, device, protocol } = request;
  try {
    const found = deviceTo(address);
    if (found !== device) {
      send({ id, code: 'WRONG_WAY', message: `${address} is not behind ${device} but ${found}` });
      return;
    }
    if (protocol === 'tcp') connectTcp(request);
    else bindUdp(request);
  } catch (error) {
    send({ id, code: 'WRONG_WAY', message: (error as Error).message.split('\n')[0] ?? '' });
  }
});
process.on('disconnect', () => process.exit(0));
process.send?.({ ready: true });
