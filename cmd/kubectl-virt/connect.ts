import { ApiClient } from './client/client.js';
import { parseDuration } from './duration.js';
import type { GlobalFlags } from './global-flags.js';
import { note } from './io.js';
import type { Io } from './io.js';
import { resolveConnection } from './kubeconfig/resolve.js';
import { clientVersion } from './version-info.js';

/** A client for the cluster that these flags and the kubeconfig name. */
export const connectTo = async (io: Io, flags: GlobalFlags, namespace?: string): Promise<ApiClient> => {
  const connection = await resolveConnection(
    { ...flags, namespace: namespace ?? flags.namespace },
    { env: io.env, stdinIsTty: io.stdin.isTTY, say: io.stderr.write },
  );
  return new ApiClient(connection, {
    env: io.env,
    requestTimeout: parseDuration('request-timeout', flags['request-timeout'], 's'),
    verbosity: flags.v,
    userAgent: `kubectl-virt/${clientVersion.gitVersion} (${clientVersion.platform})`,
    note: (line) => note(io, line),
  });
};
