import { systemClock, type Clock } from '../clock.js';
import { EntryCredentials, type CredentialContext } from '../kubeconfig/credentials.js';
import { resolveEntry } from '../kubeconfig/entry.js';
import type { ConnectionFlags } from '../kubeconfig/types.js';
import { KubeClient, type ClientOptions } from './client.js';
import { proxyFor } from './proxy.js';
import { Transport } from './transport.js';

export interface ConnectOptions extends Partial<Omit<CredentialContext, 'clock'>>, Omit<ClientOptions, 'namespace'> {
  readonly clock?: Clock | undefined;
  /** Where a pod finds its service account; another directory in tests. */
  readonly serviceAccountDirectory?: string | undefined;
  /** Whether connections are kept for the next request; so they are by default. */
  readonly keepAlive?: boolean | undefined;
}

/**
 * A client for the cluster that kubectl would take: flags over `$KUBECONFIG` or `~/.kube/config` over the pod's service
 * account.
 * @throws KubeconfigError
 */
export const clientFor = async (flags: ConnectionFlags, options: ConnectOptions = {}): Promise<KubeClient> => {
  const { env = process.env, clock = systemClock, stdinIsTty = false, say = () => undefined } = options;
  const entry = await resolveEntry(flags, { env, serviceAccountDirectory: options.serviceAccountDirectory });
  const proxy = proxyFor(new URL(entry.server), entry.cluster['proxy-url'], env);
  const credentials = new EntryCredentials(entry, { env, clock, stdinIsTty, say, renewal: options.renewal });
  return new KubeClient(new Transport(entry.server, credentials, { proxy, keepAlive: options.keepAlive }), {
    namespace: entry.namespace,
    userAgent: options.userAgent,
    clock,
    observe: options.observe,
  });
};
