import type { OutgoingHttpHeaders } from 'node:http';
import type { RequestOptions } from 'node:https';
import type { Credentials, Impersonation } from './credentials.js';
import { impersonationHeaders } from './credentials.js';
import type { KubeconfigEntry } from './kubeconfig.js';

/**
 * The kubeconfig's `auth-provider` users (OIDC, Azure, Google) through `@kubernetes/client-node`. It costs some 150 ms of
 * CPU and a megabyte to load (research §1.7), so nothing else of it is used and it is imported only when such a user is met.
 */
export const legacyCredentials = async (entry: KubeconfigEntry, impersonation: Impersonation): Promise<Credentials> => {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  const files = entry.files ?? [];
  for (const [index, file] of files.entries()) {
    if (index === 0) config.loadFromFile(file);
    else {
      const other = new KubeConfig();
      other.loadFromFile(file);
      config.mergeConfig(other, true);
    }
  }
  if (entry.context !== undefined) config.setCurrentContext(entry.context);
  return {
    resolve: async () => {
      const options: RequestOptions = {};
      await config.applyToHTTPSOptions(options);
      const { ca, cert, key, rejectUnauthorized, servername } = options;
      const text = (value: typeof ca): string | Buffer | undefined =>
        typeof value === 'string' || Buffer.isBuffer(value) ? value : undefined;
      const given = options.headers;
      const headers: OutgoingHttpHeaders = given === undefined || Array.isArray(given) ? {} : { ...(given as object) };
      return {
        headers: { ...headers, ...impersonationHeaders(entry, impersonation) },
        tls: { ca: text(ca), cert: text(cert), key: text(key as typeof ca), rejectUnauthorized, servername },
      };
    },
    invalidate: () => undefined,
  };
};
