import { ApiClient, exchangeNotes, kubeClientFor } from './client/client.js';
import { parseDuration } from './duration.js';
import type { GlobalFlags } from './global-flags.js';
import { note, warn } from './io.js';
import type { Io } from './io.js';
import { parseNamespace } from './target.js';
import { clientVersion } from './version-info.js';

/** @param keepAlive undefined: connections are kept, for whoever asks again and again */
export const kubeClientOf = (io: Io, flags: GlobalFlags, keepAlive?: false): ReturnType<typeof kubeClientFor> =>
  kubeClientFor(flags, {
    env: io.env,
    stdinIsTty: io.stdin.isTTY,
    say: io.stderr.write,
    userAgent: `kubectl-virt/${clientVersion.gitVersion} (${clientVersion.platform})`,
    observe: exchangeNotes(
      flags.v,
      (line) => note(io, line),
      (text) => warn(io, text),
    ),
    ...(keepAlive === undefined ? {} : { keepAlive }),
  });

/** A client for the cluster that these flags and the kubeconfig name. @throws CliError naming what is wrong in them */
export const connectTo = async (io: Io, flags: GlobalFlags, namespace?: string): Promise<ApiClient> => {
  const client = await kubeClientOf(io, flags, false);
  return new ApiClient({
    client,
    namespace: parseNamespace(namespace ?? flags.namespace ?? client.namespace ?? 'default'),
    requestTimeout: parseDuration('request-timeout', flags['request-timeout'], 's'),
  });
};
