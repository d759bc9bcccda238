import { BlockList, isIP } from 'node:net';
import { KubeconfigError } from '../kubeconfig/error.js';
import type { Environment } from '../kubeconfig/types.js';

const withoutBrackets = (host: string): string => host.replace(/^\[|\]$/g, '');

const portOf = (url: URL): string => url.port || (url.protocol === 'http:' ? '80' : '443');

const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || /^127\./.test(host);

/** Whether the address `host` is, or is in, what this entry names. */
const holdsAddress = (entry: string, host: string): boolean => {
  const [address = '', bits] = entry.split('/');
  const family = isIP(address);
  if (family === 0 || family !== isIP(host)) return false;
  const [type, most] = family === 4 ? (['ipv4', 32] as const) : (['ipv6', 128] as const);
  const prefix = bits === undefined ? most : Number(bits);
  if (!Number.isInteger(prefix) || prefix < 0 || prefix > most) return false;
  const list = new BlockList();
  list.addSubnet(address, prefix, type);
  return list.check(host, type);
};

/**
 * As Go's net/http reads it: names with all below them (".name": only those below), addresses, CIDRs, each with a port
 * or not; "*".
 */
const bypasses = (server: URL, list: string): boolean => {
  const host = withoutBrackets(server.hostname).toLowerCase();
  return list.split(',').some((each) => {
    const text = each.trim().toLowerCase();
    if (text === '*') return true;
    const [, named = text, port] = /^(\[.*\]|[^:]*):(\d+)$/.exec(text) ?? [];
    if (text === '' || (port !== undefined && port !== portOf(server))) return false;
    if (isIP(host) !== 0) return holdsAddress(withoutBrackets(named), host);
    const below = named.replace(/^\*/, '');
    return below.startsWith('.') ? host.endsWith(below) : host === below || host.endsWith(`.${below}`);
  });
};

/**
 * The proxy for this server: the kubeconfig's or flag's `proxy-url`, else `HTTPS_PROXY`/`HTTP_PROXY` with `NO_PROXY`.
 * @throws KubeconfigError for a proxy that speaks no HTTP
 */
export const proxyFor = (server: URL, proxyUrl: string | undefined, env: Environment): URL | undefined => {
  const variable = (name: string): string | undefined => env[name.toUpperCase()] ?? env[name];
  const text = proxyUrl || variable(server.protocol === 'https:' ? 'https_proxy' : 'http_proxy');
  if (!text) return undefined;
  const direct = isLoopback(withoutBrackets(server.hostname)) || bypasses(server, variable('no_proxy') ?? '');
  if (!proxyUrl && direct) return undefined;
  // Go takes a proxy without a scheme for an HTTP one.
  const url = text.includes('://') ? text : `http://${text}`;
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new KubeconfigError(`the proxy "${text}" is not supported`, {
      remedy: 'Use an http:// or https:// proxy URL.',
    });
  }
  return new URL(url);
};
