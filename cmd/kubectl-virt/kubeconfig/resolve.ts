import { existsSync } from 'node:fs';
import { CliError } from '../errors.js';
import { parseNamespace } from '../target.js';
import { credentialsOf, dataOrFile, readNamed } from './credentials.js';
import { loadKubeconfig } from './load.js';
import type { Environment } from './load.js';
import type {
  Connection,
  ConnectionFlags,
  Kubeconfig,
  KubeconfigCluster,
  KubeconfigContext,
  KubeconfigUser,
} from './types.js';

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

export interface ResolveOptions {
  readonly env: Environment;
  readonly stdinIsTty?: boolean;
  /** Takes what a credential plugin says on its stderr. */
  readonly say?: (text: string) => void;
  readonly now?: () => number;
  /** Where a pod finds its service account; another directory in tests. */
  readonly serviceAccountDirectory?: string;
}

const named = <T>(what: string, map: ReadonlyMap<string, T>, name: string): T => {
  const found = map.get(name);
  if (found !== undefined) return found;
  const known = [...map.keys()].join(', ');
  throw new CliError(`the kubeconfig has no ${what} "${name}"`, {
    remedy: known === '' ? `It has no ${what} at all; check --kubeconfig and $KUBECONFIG.` : `It has: ${known}.`,
  });
};

interface Selected {
  cluster: KubeconfigCluster;
  userName: string;
  user: KubeconfigUser;
  namespace: string | undefined;
}

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
  };
};

/** In a pod: the service account kubelet mounted. */
const inCluster = (env: Environment, directory: string): Selected | undefined => {
  const host = env['KUBERNETES_SERVICE_HOST'];
  const port = env['KUBERNETES_SERVICE_PORT'];
  if (host === undefined || port === undefined || !existsSync(`${directory}/token`)) return undefined;
  const namespaceFile = `${directory}/namespace`;
  return {
    cluster: {
      server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
      'certificate-authority': `${directory}/ca.crt`,
    },
    userName: 'service account',
    user: { tokenFile: `${directory}/token` },
    namespace: existsSync(namespaceFile) ? readNamed('namespace', namespaceFile).toString().trim() : undefined,
  };
};

const definedOnly = <T extends object>(value: T): Partial<T> =>
  Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as Partial<T>;

/** Flags that name an identity replace the kubeconfig's identity of that sort; the most explicit credential wins. */
const withUserFlags = (user: KubeconfigUser, flags: ConnectionFlags): KubeconfigUser => {
  let result = user;
  const identity = {
    as: user.as,
    'as-uid': user['as-uid'],
    'as-groups': user['as-groups'],
    'as-user-extra': user['as-user-extra'],
  };
  if (flags.token !== undefined) result = { ...definedOnly(identity), token: flags.token };
  else if (flags.username !== undefined) {
    result = { ...definedOnly(identity), username: flags.username, password: flags.password };
  } else if (flags['client-certificate'] !== undefined || flags['client-key'] !== undefined) {
    // A path on the command line must win over inline data of the file.
    result = {
      ...user,
      'client-certificate-data': undefined,
      'client-key-data': undefined,
      ...definedOnly({ 'client-certificate': flags['client-certificate'], 'client-key': flags['client-key'] }),
    };
  }
  return { ...result, ...definedOnly({ as: flags.as, 'as-uid': flags['as-uid'], 'as-groups': flags['as-group'] }) };
};

const withClusterFlags = (cluster: KubeconfigCluster, flags: ConnectionFlags): KubeconfigCluster => {
  const ca = flags['certificate-authority'];
  const { 'certificate-authority-data': data, ...rest } = cluster;
  return {
    ...rest,
    ...definedOnly({
      // A path on the command line must win over inline data of the file.
      'certificate-authority-data': ca === undefined ? data : undefined,
      'certificate-authority': ca,
      server: flags.server,
      'tls-server-name': flags['tls-server-name'],
      'insecure-skip-tls-verify': flags['insecure-skip-tls-verify'],
      'proxy-url': flags['proxy-url'],
    }),
  };
};

/** Impersonation. @throws CliError for a group or uid without a user, which the API server would refuse */
const impersonation = (user: KubeconfigUser): Record<string, string | string[]> => {
  const groups = user['as-groups'] ?? [];
  if (user.as === undefined || user.as === '') {
    if (groups.length > 0 || user['as-uid'] !== undefined) {
      throw new CliError('impersonation of a group or uid needs a user', { remedy: 'Add --as=USER.' });
    }
    return {};
  }
  const extra = Object.entries(user['as-user-extra'] ?? {});
  return {
    'Impersonate-User': user.as,
    ...(user['as-uid'] === undefined ? {} : { 'Impersonate-Uid': user['as-uid'] }),
    ...(groups.length === 0 ? {} : { 'Impersonate-Group': groups }),
    ...Object.fromEntries(extra.map(([key, values]) => [`Impersonate-Extra-${encodeURIComponent(key)}`, values])),
  };
};

const serverUrl = (text: string | undefined): string => {
  if (text === undefined || text === '') {
    throw new CliError('no cluster is configured', {
      remedy: 'Set $KUBECONFIG, pass --kubeconfig FILE, or name the API server with --server URL.',
    });
  }
  const withScheme = /^https?:\/\//.test(text) ? text : `https://${text}`;
  if (!URL.canParse(withScheme)) {
    throw new CliError(`"${text}" is not the address of an API server`, { remedy: 'Write it as https://host:6443.' });
  }
  return withScheme.replace(/\/+$/, '');
};

/**
 * Where and as whom to connect: flags over kubeconfig over the pod's service account.
 * @throws CliError naming the missing entry or the unreadable file
 */
export const resolveConnection = async (flags: ConnectionFlags, options: ResolveOptions): Promise<Connection> => {
  const { env, now = Date.now } = options;
  const config = await loadKubeconfig(flags.kubeconfig, env);
  const nothingConfigured = config.contexts.size === 0 && config.clusters.size === 0 && flags.server === undefined;
  const selected =
    (nothingConfigured ? inCluster(env, options.serviceAccountDirectory ?? SERVICE_ACCOUNT) : undefined) ??
    select(config, flags);
  const cluster = withClusterFlags(selected.cluster, flags);
  const user = withUserFlags(selected.user, flags);
  const server = serverUrl(cluster.server);
  const ca = dataOrFile(
    'certificate-authority',
    cluster['certificate-authority-data'],
    cluster['certificate-authority'],
  );
  return {
    server,
    namespace: parseNamespace(flags.namespace ?? selected.namespace ?? 'default'),
    tls: { ca, serverName: cluster['tls-server-name'], insecure: cluster['insecure-skip-tls-verify'] === true },
    proxyUrl: cluster['proxy-url'],
    headers: impersonation(user),
    credentials: credentialsOf(selected.userName, user, {
      env,
      now,
      stdinIsTty: options.stdinIsTty ?? false,
      say: options.say ?? (() => undefined),
      cluster: {
        server,
        ...definedOnly({
          'certificate-authority-data': ca?.toString('base64'),
          'insecure-skip-tls-verify': cluster['insecure-skip-tls-verify'],
          'tls-server-name': cluster['tls-server-name'],
        }),
      },
    }),
  };
};
