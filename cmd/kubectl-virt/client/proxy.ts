import http from 'node:http';
import https from 'node:https';
import type { Duplex } from 'node:stream';
import { CliError } from '../errors.js';
import type { Environment } from '../kubeconfig/load.js';

const bypasses = (host: string, list: string): boolean =>
  list
    .split(',')
    .map((entry) =>
      entry
        .trim()
        .replace(/^\*?\./, '')
        .replace(/:\d+$/, ''),
    )
    .some((entry) => entry === '*' || (entry !== '' && (host === entry || host.endsWith(`.${entry}`))));

/** The proxy for this server: the kubeconfig's or flag's `proxy-url`, else `HTTPS_PROXY`/`HTTP_PROXY` with `NO_PROXY`. */
export const proxyFor = (server: URL, proxyUrl: string | undefined, env: Environment): URL | undefined => {
  const variable = (name: string): string | undefined => env[name.toUpperCase()] ?? env[name];
  const text = proxyUrl ?? variable(server.protocol === 'https:' ? 'https_proxy' : 'http_proxy');
  if (text === undefined || text === '') return undefined;
  const local = ['localhost', '127.0.0.1', '[::1]'].includes(server.hostname);
  if (proxyUrl === undefined && (local || bypasses(server.hostname, variable('no_proxy') ?? ''))) return undefined;
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new CliError(`the proxy "${text}" is not supported`, { remedy: 'Use an http:// or https:// proxy URL.' });
  }
  return new URL(text);
};

/** A TCP connection to `server` through the proxy's CONNECT. */
export const connectThrough = (proxy: URL, server: URL): Promise<Duplex> =>
  new Promise((resolve, reject) => {
    const authority = `${server.hostname}:${server.port === '' ? (server.protocol === 'https:' ? 443 : 80) : server.port}`;
    const login = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
    const request = (proxy.protocol === 'https:' ? https : http).request({
      host: proxy.hostname,
      port: proxy.port === '' ? (proxy.protocol === 'https:' ? 443 : 80) : proxy.port,
      method: 'CONNECT',
      path: authority,
      headers: {
        Host: authority,
        ...(proxy.username === '' ? {} : { 'Proxy-Authorization': `Basic ${Buffer.from(login).toString('base64')}` }),
      },
    });
    request.on('error', reject);
    request.on('connect', (response, socket) => {
      if (response.statusCode === 200) resolve(socket);
      else {
        socket.destroy();
        reject(
          new CliError(`the proxy ${proxy.host} refused to connect to ${authority}: ${response.statusCode ?? '?'}`),
        );
      }
    });
    request.end();
  });
