import { Agent as HttpAgent, type ClientRequest } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { TlsMaterial } from '../kubeconfig/credentials.js';
import { ConnectionError } from './api-error.js';
import { defaultAuthorities } from './trust.js';

/** TCP keep-alive from 15 s on: a peer that vanished behind a working network is found without waiting for traffic. */
const KEEP_ALIVE_MS = 15_000;

// https.Agent treats `rejectUnauthorized: undefined` as set and false.
const withoutUndefined = (tls: TlsMaterial): TlsMaterial =>
  Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined));

export interface PoolOptions {
  readonly proxy: URL | undefined;
  readonly keepAlive: boolean;
  /** Aborts when the client is closed. */
  readonly closed: AbortSignal;
}

/**
 * Connections to `server` through the CONNECT of `proxy`. The library is loaded here only: nearly nobody has a proxy.
 */
const proxyAgent = async (server: URL, tls: TlsMaterial, proxy: URL, options: PoolOptions): Promise<HttpAgent> => {
  const { HttpsProxyAgent } = await import('https-proxy-agent');
  const agent = new HttpsProxyAgent(proxy, {
    keepAlive: options.keepAlive,
    // A proxy that never answers holds no process: closing the client ends what is still connecting.
    signal: options.closed,
    ...(proxy.protocol === 'https:' ? { ca: defaultAuthorities(process.env) } : {}),
  });
  // Of the server behind the proxy; what the constructor takes is for the proxy.
  Object.assign(agent.options, tls, { minVersion: 'TLSv1.2' });
  agent.on('proxyConnect', ({ statusCode }: { statusCode: number }, request: ClientRequest) => {
    if (statusCode === 200) return;
    const message = `the proxy ${proxy.host} refused to connect to ${server.host}: ${statusCode}`;
    request.destroy(new ConnectionError('PROXY_REFUSED', message));
  });
  return agent;
};

/** A pool of connections to `server`. */
export const connectionPool = async (server: URL, tls: TlsMaterial, options: PoolOptions): Promise<HttpAgent> => {
  const { proxy, keepAlive } = options;
  const material = withoutUndefined(tls);
  if (proxy) return proxyAgent(server, material, proxy, options);
  const kept = { keepAlive, keepAliveMsecs: KEEP_ALIVE_MS, scheduling: 'lifo' as const };
  return server.protocol === 'http:'
    ? new HttpAgent(kept)
    : new HttpsAgent({ ...kept, ...material, minVersion: 'TLSv1.2' });
};
