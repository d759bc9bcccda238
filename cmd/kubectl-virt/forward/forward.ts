import type { ApiClient } from '../client/client.js';
import { ApiStatusError } from '../client/status.js';
import { connectTo } from '../connect.js';
import { guardTerminal } from '../console/terminal.js';
import { CliError, ExitCode, UsageError } from '../errors.js';
import type { GlobalFlags } from '../global-flags.js';
import { noteError, print, type Io } from '../io.js';
import { objectPath } from '../paths.js';
import { parseTarget } from '../target.js';
import { portOpener } from './open-port.js';
import { parseForwardedPort, type ForwardedPort } from './ports.js';
import { forwardStdio } from './stdio.js';
import { listenTcp, type LocalListener } from './tcp.js';
import { listenUdp } from './udp.js';

export interface ForwardFlags extends GlobalFlags {
  target: string;
  ports?: string[] | undefined;
  stdio?: boolean | undefined;
  address: string;
}

/** As it stands in a URL. */
const shown = (address: string): string => (address.includes(':') ? `[${address}]` : address);

/** What will fail at the first connection is said before anybody listens. Who may not look is not held up. */
const requireInstance = async (client: ApiClient, name: string): Promise<void> => {
  try {
    await client.get(objectPath('vmi', client.namespace, name));
  } catch (error) {
    if (!(error instanceof ApiStatusError) || error.code !== 404) return;
    throw new CliError(error.message, {
      remedy: `Start it first: kubectl virt start ${name} -n ${client.namespace}`,
      cause: error,
    });
  }
};

/** `port-forward TARGET PORT…`. Source: docs/reference/control.md §1.7. */
export const forwardPorts = async (io: Io, flags: ForwardFlags): Promise<number> => {
  const target = parseTarget(flags.target);
  const ports = (flags.ports ?? []).map(parseForwardedPort);
  const [first] = ports;
  if (first === undefined)
    throw new UsageError('port-forward: an argument is missing', {
      remedy: 'Name a port: port-forward vm/NAME 8080:80.',
    });
  if (flags.stdio === true && (ports.length > 1 || first.protocol !== 'tcp'))
    throw new UsageError('only one port supported when forwarding to stdout, and that of TCP', {
      remedy: 'Name one, as in port-forward --stdio vm/NAME 22.',
    });
  const client = await connectTo(io, flags, target.namespace);
  const open = portOpener(client, target);
  if (flags.stdio === true) return forwardStdio(io, target.name, first, open);
  await requireInstance(client, target.name);

  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  const terminal = guardTerminal({ stdin: io.stdin, onSignal: () => end() });
  const listeners: LocalListener[] = [];
  try {
    const address = flags.address === 'localhost' ? '127.0.0.1' : flags.address;
    const listen = (port: ForwardedPort): Promise<LocalListener> =>
      (port.protocol === 'tcp' ? listenTcp : listenUdp)({
        ...{ address, name: target.name, port, open },
        failed: (error) => noteError(io, error),
      });
    for (const port of ports) {
      const listener = await listen(port);
      listeners.push(listener);
      const protocol = port.protocol === 'udp' ? ' (UDP)' : '';
      print(io, `Forwarding from ${shown(address)}:${listener.port} -> ${port.port}${protocol}`);
    }
    await ended;
    return ExitCode.ok;
  } finally {
    for (const listener of listeners) listener.close();
    terminal.release();
    io.stdin.pause();
  }
};
