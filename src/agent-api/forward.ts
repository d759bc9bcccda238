import { badRequest } from './status-error.js';

/*
 * Forwarding to a port of a guest: client → API server → virt-webhook → virt-agent → the guest's address, a WebSocket
 * for each connection. Messages are binary and their bytes are the connection's; of UDP each message is a datagram.
 * Source: docs/reference/control.md §3.5.
 */

/**
 * A subprotocol of our own beside the official one: a connection ends in each direction by itself. An empty message
 * says that its sender sends no more; the other direction goes on until it has said so too. In the official protocol
 * the end of either direction is the end of both.
 */
export const HALF_CLOSE_PROTOCOL = 'v1.half-close.kubectl-virt.io';

/** Bytes of a message: the largest datagram, and the pieces in which clients read a connection. */
export const MAX_FORWARD_MESSAGE_BYTES = 128 * 1024;

export const FORWARD_PROTOCOLS = ['tcp', 'udp'] as const;
export type ForwardProtocol = (typeof FORWARD_PROTOCOLS)[number];

/** A port of a guest. */
export interface GuestPort {
  readonly protocol: ForwardProtocol;
  readonly port: number;
}

const MAX_PORT = 65_535;

/** A number that is a port's; undefined for any other text. */
export const portNumber = (text: string): number | undefined => {
  const port = /^[1-9]\d{0,4}$/.test(text) ? Number(text) : NaN;
  return port <= MAX_PORT ? port : undefined;
};

/** What stands after the word in a path: `80`, `80/udp`; TCP where it does not say. @throws StatusError 400 */
export const readGuestPort = ([text = '', protocol = 'tcp', ...more]: readonly string[]): GuestPort => {
  if (text === '') throw badRequest('port must not be empty: write portforward/PORT or portforward/PORT/tcp|udp');
  const port = portNumber(text);
  if (port === undefined)
    throw badRequest(`${JSON.stringify(text.slice(0, 40))} is no port: write a number from 1 to ${MAX_PORT}`);
  const known = FORWARD_PROTOCOLS.find((one) => one === protocol);
  if (known === undefined || more.length > 0)
    throw badRequest(`${JSON.stringify([protocol, ...more].join('/').slice(0, 40))} is no protocol: write tcp or udp`);
  return { protocol: known, port };
};

/** The same as the end of a path. */
export const writeGuestPort = ({ port, protocol }: GuestPort): string => `${port}/${protocol}`;

/** As messages have it. */
export const portName = ({ port, protocol }: GuestPort): string => `${protocol.toUpperCase()} port ${port}`;
