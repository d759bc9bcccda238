import type { Environment } from '../../src/kube/kubeconfig/types.js';

/** How bin/kubectl-virt hands over NODE_EXTRA_CA_CERTS, which Node must not see at its start. */
const HANDED_OVER = 'KUBECTL_VIRT_EXTRA_CA_CERTS';

/**
 * The environment as the user has it, for the plugin's own use and for the programs it starts. Also empties OpenSSL's
 * default store for this process where the launcher chose that store: reading it costs time, and every connection names
 * its authorities (src/kube/client/trust.ts).
 */
export const userEnvironment = (process_: Pick<NodeJS.Process, 'env' | 'execArgv'>): Environment => {
  const { [HANDED_OVER]: extra, ...env } = process_.env;
  if (process_.execArgv.includes('--use-openssl-ca')) process_.env.SSL_CERT_FILE = '/dev/null';
  return extra === undefined ? env : { ...env, NODE_EXTRA_CA_CERTS: extra };
};
