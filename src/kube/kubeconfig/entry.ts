import { existsSync } from 'node:fs';
import { KubeconfigError } from './error.js';
import { withClusterFlags, withUserFlags } from './flags.js';
import { loadKubeconfig } from './load.js';
import { readNamed } from './read-file.js';
import type {
  ConnectionFlags,
  Environment,
  Kubeconfig,
  KubeconfigCluster,
  KubeconfigContext,
  KubeconfigEntry,
  KubeconfigUser,
} from './types.js';

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

const named = <T>(what: string, map: ReadonlyMap<string, T>, name: string): T => {
  const found = map.get(name);
  if (found !== undefined) return found;
  const known = [...map.keys()].join(', ');
  throw new KubeconfigError(`the kubeconfig has no ${what} "${name}"`, {
    remedy: known === '' ? `It has no ${what} at all; check --kubeconfig and $KUBECONFIG.` : `It has: ${known}.`,
  });
};

interface Selected {
  cluster: KubeconfigCluster;
  userName: string;
  user: KubeconfigUser;
  namespace: string | undefined;
  context: string | undefined;
}

/** Without a current context and flags nothing is chosen, not even the only cluster there is: so does kubectl. */
const select = (config: Kubeconfig, flags: ConnectionFlags): Selected => {
  const contextName = flags.context ?? config.currentContext;
  const context: KubeconfigContext = contextName === undefined ? {} : named('context', config.contexts, contextName);
  const clusterName = flags.cluster ?? context.cluster;
  const userName = flags.user ?? context.user ?? '';
  return {
    cluster: clusterName === undefined ? {} : named('cluster', config.clusters, clusterName),
    userName,
    user: userName === '' ? {} : named('user', config.users, userName),
    namespace: context.namespace === '' ? undefined : context.namespace,
    context: contextName,
  };
};

/** In a pod: the service account kubelet mounted. */
const inCluster = (env: Environment, directory: string): Selected | undefined => {
  const host = env.KUBERNETES_SERVICE_HOST;
  const port = env.KUBERNETES_SERVICE_PORT;
  if (!host || !port || !existsSync(`${directory}/token`)) return undefined;
  const namespaceFile = `${directory}/namespace`;
  return {
    cluster: {
      server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
      'certificate-authority': `${directory}/ca.crt`,
    },
    userName: 'service account',
    user: { tokenFile: `${directory}/token` },
    namespace: existsSync(namespaceFile) ? readNamed('namespace', namespaceFile).toString().trim() : undefined,
    context: undefined,
  };
};

const serverUrl = (text: string | undefined): string => {
  if (text === undefined || text === '') {
    throw new KubeconfigError('no cluster is configured', {
      remedy: 'Set $KUBECONFIG, pass --kubeconfig FILE, or name the API server with --server URL.',
    });
  }
  const withScheme = /^https?:\/\//.test(text) ? text : `https://${text}`;
  if (!URL.canParse(withScheme)) {
    throw new KubeconfigError(`"${text}" is not the address of an API server`, {
      remedy: 'Write it as https://host:6443.',
    });
  }
  return withScheme.replace(/\/+$/, '');
};

export interface EntryOptions {
  readonly env: Environment;
  /** Where a pod finds its service account; another directory in tests. */
  readonly serviceAccountDirectory?: string | undefined;
}

/**
 * Where and as whom to connect, as kubectl finds it out: flags over kubeconfig over the pod's service account.
 * @throws KubeconfigError naming the missing entry or the unreadable file
 */
export const resolveEntry = async (flags: ConnectionFlags, options: EntryOptions): Promise<KubeconfigEntry> => {
  const config = await loadKubeconfig(flags.kubeconfig, options.env);
  const chosen = select(config, flags);
  const nothingChosen = Object.keys(chosen.cluster).length === 0 && flags.server === undefined;
  const pod = nothingChosen ? inCluster(options.env, options.serviceAccountDirectory ?? SERVICE_ACCOUNT) : undefined;
  const selected = pod ?? chosen;
  const cluster = withClusterFlags(selected.cluster, flags);
  const user = withUserFlags(selected.user, flags);
  if (!user.as && ((user['as-groups'] ?? []).length > 0 || user['as-uid'] !== undefined)) {
    // The API server would refuse it.
    throw new KubeconfigError('impersonation of a group or uid needs a user', { remedy: 'Add --as=USER.' });
  }
  return { ...selected, server: serverUrl(cluster.server), cluster, user, files: pod ? [] : config.files };
};
