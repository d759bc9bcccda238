import { once } from 'node:events';
import type { Server as HttpServer } from 'node:http';

export interface ListenAddress {
  /** Undefined: every address of the machine. */
  readonly host: string | undefined;
  readonly port: number;
}

/** `127.0.0.1:8080`, `[::1]:8080`, `:8080`, `8080`. @throws Error with the value and the form it should have. */
export const parseListen = (listen: string): ListenAddress => {
  const match = /^(?:(.*):)?(\d{1,5})$/.exec(listen);
  const port = Number(match?.[2]);
  if (!match || port > 65_535)
    throw new Error(`listen address "${listen}": write HOST:PORT or :PORT, port up to 65535.`);
  const host = (match[1] ?? '').replace(/^\[|\]$/g, '');
  return { host: host === '' ? undefined : host, port };
};

/**
 * Resolves with the port when the server can be connected to; port 0 takes a free one. @throws when the address cannot
 * be had
 */
export const listen = async (server: HttpServer, { host, port }: ListenAddress): Promise<number> => {
  server.listen(port, host);
  await once(server, 'listening');
  const bound = server.address();
  return typeof bound === 'object' && bound !== null ? bound.port : port;
};
