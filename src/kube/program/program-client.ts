import { clientFor } from '../client/connect.js';
import type { KubeClient } from '../client/client.js';
import { renewedTokens } from '../kubeconfig/renewed-tokens.js';
import type { Log } from './log.js';

/**
 * The client of a program that runs for long: in its pod by its service account, elsewhere by a kubeconfig. @throws
 * KubeconfigError
 */
export const programClient = (
  kubeconfig: string | undefined,
  { userAgent, log }: { userAgent: string; log: Log },
): Promise<KubeClient> =>
  clientFor(kubeconfig === undefined ? {} : { kubeconfig }, {
    userAgent,
    renewal: renewedTokens,
    say: (text) => log.warn({ text }, 'a credential plugin says'),
  });
