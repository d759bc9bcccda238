import { isIP } from 'node:net';
import { hostname } from 'node:os';
import type { LeafProfiles } from './certificate-plan.js';

/** Whom the certificate of a stand-alone webhook names: this machine, by every name that a client may use. */
export const standaloneProfiles = (host: string | undefined): LeafProfiles => {
  const own = host === undefined || host === '0.0.0.0' || host === '::' ? [] : [host];
  const names = new Set(['localhost', hostname().toLowerCase(), '127.0.0.1', '::1', ...own]);
  // A host name with an underscore, say, is none that a certificate may have.
  const usable = [...names].filter((name) => isIP(name) !== 0 || /^[a-z0-9.-]+$/i.test(name));
  return { serving: { commonName: 'virt-webhook', names: usable, usage: 'server' } };
};
