/*
 * How a stream of a guest (its console, …) travels: client → API server → virt-webhook → virt-agent → the guest's
 * socket, binary messages of a WebSocket on every leg. What all of them must agree on. Source:
 * docs/reference/control.md §3.
 */

/** The subprotocol (`Sec-WebSocket-Protocol`) of every leg. */
export const STREAM_PROTOCOL = 'plain.kubevirt.io';

/** Bytes of a message. All sides send chunks of some KiB; one of a megabyte is no console. */
export const MAX_MESSAGE_BYTES = 1024 * 1024;

/**
 * Each side of each leg pings this often: well below the 60 s after which common load balancers drop an idle
 * connection.
 */
export const PING_INTERVAL_MS = 20_000;
/** Three pings unanswered: the peer is treated as disconnected. */
export const SILENCE_LIMIT_MS = 60_000;

/**
 * What masks a client's frames (RFC 6455 §5.3, RFC 6455 §10.3) where the leg is TLS: nothing. Masks keep proxies from
 * taking a frame for a request of their own; through TLS they see none, and each byte would be masked and unmasked
 * twice.
 */
export const noMask = (mask: Buffer): void => void mask.fill(0);

/** Bytes of a close frame's reason (RFC 6455 §5.5.1: 125 with the code). */
export const MAX_REASON_BYTES = 123;

interface CloseEntry {
  readonly code: number;
  readonly meaning: string;
  /**
   * How it ends for the user: with success and no message, with success and a message, or as a failure of the command.
   */
  readonly ending: 'quiet' | 'notice' | 'failure';
  /**
   * What is reported to the user where the closing side gave no reason.
   * @param name of the VM
   * @param what of it: `console`, `screen`
   */
  readonly text: (name: string, what: string) => string;
  readonly remedy?: string;
}

const AGAIN = 'Open it again.';
const LOST = {
  ending: 'failure',
  text: (name: string, what: string) => `the connection to the ${what} of ${name} was lost`,
  remedy:
    'The VM may have been powered off, another user may have taken it over, or the network failed. Open it again.',
} as const;

/** Why a stream is closed; docs/errors.md is made from it. */
export const CLOSE_CODES = {
  ended: { code: 1000, meaning: 'The client or the guest’s side ended it in order.', ending: 'quiet', text: () => '' },
  goingAway: {
    code: 1001,
    meaning: 'virt-webhook or virt-agent is restarting.',
    ending: 'failure',
    text: () => 'the server is shutting down',
    remedy: AGAIN,
  },
  lost: {
    code: 1005,
    meaning: 'The connection ended without a code. Seen by clients, never sent.',
    ...LOST,
  },
  broken: {
    code: 1006,
    meaning: 'The connection broke. Seen by clients, never sent.',
    ...LOST,
  },
  relayError: {
    code: 1011,
    meaning: 'One leg of the connection failed; the reason says which.',
    ending: 'failure',
    text: (_name, what) => `the ${what} was closed with code 1011`,
  },
  takenOver: {
    code: 4001,
    meaning: 'Another user opened the same stream.',
    ending: 'failure',
    text: (name, what) => `another user connected to the ${what} of ${name}`,
    remedy: 'It has one user at a time. Opening it again takes it back from the other one.',
  },
  guestStopped: {
    code: 4002,
    meaning: 'The guest was powered off.',
    ending: 'notice',
    text: (name) => `${name} was powered off`,
  },
  idle: {
    code: 4003,
    meaning: 'Nothing was sent for longer than the server allows. Servers of this version have no such limit.',
    ending: 'failure',
    text: (_name, what) => `the ${what} was closed because it was idle`,
    remedy: AGAIN,
  },
} as const satisfies Readonly<Record<string, CloseEntry>>;

export type CloseWord = keyof typeof CLOSE_CODES;

/** The numbers alone. */
export const CloseCode = Object.fromEntries(Object.entries(CLOSE_CODES).map(([word, { code }]) => [word, code])) as {
  readonly [Word in CloseWord]: (typeof CLOSE_CODES)[Word]['code'];
};

/** The entry of a code; undefined for one of another server. */
export const closeEntry = (code: number): CloseEntry | undefined =>
  Object.values(CLOSE_CODES).find((entry) => entry.code === code);
