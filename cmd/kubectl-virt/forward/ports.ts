import { FORWARD_PROTOCOLS, portNumber, type GuestPort } from '../../../src/agent-api/forward.js';
import { UsageError } from '../errors.js';

/** A port of the guest, and where it is reached on this machine. */
export interface ForwardedPort extends GuestPort {
  /** 0: a free one. */
  readonly local: number;
}

const FORMS = 'Write PORT, LOCAL:REMOTE, :REMOTE for a free local one, or any of them after tcp/ or udp/.';

/**
 * `[tcp/|udp/]LOCAL[:REMOTE]`. Source: docs/reference/control.md §1.7.
 * @throws UsageError
 */
export const parseForwardedPort = (text: string): ForwardedPort => {
  const [, word = 'tcp', rest = ''] = /^(?:([^/]*)\/)?([^]*)$/.exec(text) ?? [];
  const protocol = FORWARD_PROTOCOLS.find((one) => one === word.toLowerCase());
  if (protocol === undefined) throw new UsageError(`unknown protocol: ${word}`, { remedy: FORMS });
  const [first = '', second, ...more] = rest.split(':');
  const port = portNumber(second ?? first);
  const local = first === '' || first === '0' ? 0 : portNumber(first);
  if (port === undefined || local === undefined || more.length > 0)
    throw new UsageError(`invalid port "${text}", missing local and/or remote port`, { remedy: FORMS });
  return { protocol, port, local };
};
