import { readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import type { Environment } from '../kubeconfig/types.js';

/** Where distributions keep the system's certificate authorities: Debian, Fedora, Alpine, SUSE, macOS. */
const SYSTEM_BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/cert.pem',
  '/etc/ssl/ca-bundle.pem',
];

const readOptional = (path: string | undefined): string | undefined => {
  if (path === undefined || path === '') return undefined;
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
};

/**
 * Whom to trust when the kubeconfig names no authority: the system's authorities, as kubectl, or Node's own where the
 * system has none; and those of NODE_EXTRA_CA_CERTS.
 */
export const defaultAuthorities = (env: Environment): string[] => {
  const bundles = env.SSL_CERT_FILE === undefined ? SYSTEM_BUNDLES : [env.SSL_CERT_FILE];
  const system = bundles.map(readOptional).find((text) => text !== undefined);
  const extra = readOptional(env.NODE_EXTRA_CA_CERTS);
  return [...(system === undefined ? rootCertificates : [system]), ...(extra === undefined ? [] : [extra])];
};
