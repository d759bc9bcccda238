import type { RequestOptions } from 'node:https';
import type { TokenRenewal } from './auth-provider.js';

/**
 * The tokens of the kubeconfig's `auth-provider` users (OIDC, Azure, Google) through `@kubernetes/client-node`. It
 * costs 620 ms of CPU and 40 MiB to load, so nothing else of it is used and it is imported only when such a token must
 * be renewed.
 */
export const renewedTokens: TokenRenewal = async (entry) => {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  for (const [index, file] of entry.files.entries()) {
    if (index === 0) config.loadFromFile(file);
    else {
      const other = new KubeConfig();
      other.loadFromFile(file);
      config.mergeConfig(other, true);
    }
  }
  if (entry.context !== undefined) config.setCurrentContext(entry.context);
  return async () => {
    const options: RequestOptions = {};
    await config.applyToHTTPSOptions(options);
    const headers = { ...(options.headers as Record<string, unknown> | undefined) };
    const header = headers.Authorization ?? headers.authorization;
    return typeof header === 'string' ? header.replace(/^Bearer /, '') : undefined;
  };
};
