import type { DHCPOptions } from '../../api/schema/networks.js';
import type { GuestEnd } from './guest-end.js';

/** What a guest is told of its network: the same at every asking. */
export interface Lease {
  /** Of its card. */
  readonly mac: string;
  /** Of whoever answers. */
  readonly gatewayMac: string;
  readonly mtu: number;
  readonly hostname: string;
  readonly ipv4?: GuestEnd;
  readonly ipv6?: GuestEnd;
  /** Servers and domains of the pod's /etc/resolv.conf. */
  readonly dns: readonly string[];
  readonly search: readonly string[];
  /** What the VM wants to be told beside that. */
  readonly options?: DHCPOptions;
}

const MAX_SERVERS = 8;
const MAX_DOMAINS = 32;
const LABEL = /^[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/;

export const isDomainName = (name: string): boolean =>
  name.length <= 253 && name.split('.').every((label) => LABEL.test(label));

/** RFC 1035, section 3.1; what is no domain name is left out. */
export const encodeDomains = (domains: readonly string[]): Buffer =>
  Buffer.concat(
    domains
      .filter(isDomainName)
      .map((domain) =>
        Buffer.concat([
          ...domain.split('.').flatMap((label) => [Buffer.from([label.length]), Buffer.from(label, 'latin1')]),
          Buffer.from([0]),
        ]),
      ),
  );

/** The name servers and search domains of a resolv.conf. */
export const readResolvConf = (text: string): Pick<Lease, 'dns' | 'search'> => {
  const lines = text.split('\n').map((line) => line.trim().split(/\s+/));
  const dns = lines.flatMap(([word, server]) => (word === 'nameserver' && server !== undefined ? [server] : []));
  // The last line of either word counts.
  const search = lines.findLast(([word]) => word === 'search' || word === 'domain')?.slice(1) ?? [];
  const domains = search.map((domain) => domain.replace(/\.$/, '')).filter(isDomainName);
  return { dns: dns.slice(0, MAX_SERVERS), search: domains.slice(0, MAX_DOMAINS) };
};
