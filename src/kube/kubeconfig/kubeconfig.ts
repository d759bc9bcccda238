import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, isAbsolute, join } from 'node:path';
import { parse } from 'yaml';

/** One cluster and one user of a kubeconfig, as the current context names them. File paths are absolute. */
export interface KubeconfigEntry {
  server: string;
  namespace: string | undefined;
  context: string | undefined;
  cluster: ClusterFields;
  user: UserFields;
  /** The files the entry came from; undefined when the credentials are the pod's own. */
  files: string[] | undefined;
}

export interface ClusterFields {
  server?: string;
  'certificate-authority'?: string;
  'certificate-authority-data'?: string;
  'insecure-skip-tls-verify'?: boolean;
  'tls-server-name'?: string;
  'proxy-url'?: string;
}

export interface UserFields {
  'client-certificate'?: string;
  'client-certificate-data'?: string;
  'client-key'?: string;
  'client-key-data'?: string;
  token?: string;
  tokenFile?: string;
  username?: string;
  password?: string;
  exec?: ExecFields;
  'auth-provider'?: { name: string };
  as?: string;
  'as-uid'?: string;
  'as-groups'?: string[];
  'as-user-extra'?: Record<string, string[]>;
}

export interface ExecFields {
  apiVersion?: string;
  command?: string;
  args?: string[];
  env?: { name: string; value: string }[];
  provideClusterInfo?: boolean;
  installHint?: string;
}

export class KubeconfigError extends Error {
  override readonly name = 'KubeconfigError';
}

export interface KubeconfigChoice {
  /** A file to use instead of `$KUBECONFIG` and `~/.kube/config`. */
  kubeconfig?: string | undefined;
  context?: string | undefined;
  cluster?: string | undefined;
  user?: string | undefined;
  environment?: Record<string, string | undefined>;
}

interface Named<T> {
  name: string;
  value: T;
}

interface Loaded {
  contexts: Named<{ cluster?: string; user?: string; namespace?: string }>[];
  clusters: Named<ClusterFields>[];
  users: Named<UserFields>[];
  current: string | undefined;
}

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * The credentials that kubectl would use: the named file, `$KUBECONFIG` (a list, first wins), `~/.kube/config`, and in a
 * pod without any of them its service account.
 * @throws KubeconfigError when there is none, or a name in it leads nowhere.
 */
export const loadKubeconfig = (choice: KubeconfigChoice = {}): KubeconfigEntry => {
  const environment = choice.environment ?? process.env;
  const explicit = choice.kubeconfig ?? environment.KUBECONFIG;
  const files = explicit
    ? (choice.kubeconfig ? [choice.kubeconfig] : explicit.split(delimiter)).filter((file) => file !== '')
    : [join(homedir(), '.kube', 'config')];
  const loaded = loadFiles(files, choice.kubeconfig !== undefined);
  if (loaded.contexts.length > 0 || loaded.clusters.length > 0) return pick(loaded, files, choice);
  if (environment.KUBERNETES_SERVICE_HOST) return inCluster(environment);
  throw new KubeconfigError(
    `no cluster is configured: ${files.join(', ')} ${files.length > 1 ? 'have' : 'has'} no contexts and this is not a pod. ` +
      'Set KUBECONFIG or pass --kubeconfig.',
  );
};

const loadFiles = (files: string[], mustExist: boolean): Loaded => {
  const merged: Loaded = { contexts: [], clusters: [], users: [], current: undefined };
  for (const file of files) {
    const text = readIfThere(file, mustExist);
    if (text === undefined) continue;
    const content = parseKubeconfig(text, file);
    // client-go: the first file that defines a name wins.
    addNew(merged.contexts, content.contexts);
    addNew(merged.clusters, content.clusters);
    addNew(merged.users, content.users);
    merged.current ??= content.current;
  }
  return merged;
};

const addNew = <T>(to: Named<T>[], from: Named<T>[]): void => {
  to.push(...from.filter((entry) => !to.some((known) => known.name === entry.name)));
};

const readIfThere = (file: string, mustExist: boolean): string | undefined => {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    if (missing && !mustExist) return undefined;
    throw new KubeconfigError(`cannot read kubeconfig ${file}: ${(error as Error).message}`, { cause: error });
  }
};

interface RawFile {
  'current-context'?: string;
  contexts?: { name: string; context?: { cluster?: string; user?: string; namespace?: string } }[] | null;
  clusters?: { name: string; cluster?: ClusterFields }[] | null;
  users?: { name: string; user?: UserFields | null }[] | null;
}

const parseKubeconfig = (text: string, file: string): Loaded => {
  const raw = parseYaml(text, file);
  const absolute = (path: string | undefined): string | undefined =>
    path === undefined || path === '' || isAbsolute(path) ? path || undefined : join(dirname(file), path);
  return {
    current: raw['current-context'] || undefined,
    contexts: (raw.contexts ?? []).map(({ name, context }) => ({ name, value: context ?? {} })),
    clusters: (raw.clusters ?? []).map(({ name, cluster }) => ({
      name,
      value: { ...cluster, 'certificate-authority': absolute(cluster?.['certificate-authority']) },
    })),
    users: (raw.users ?? []).map(({ name, user }) => ({
      name,
      value: {
        ...user,
        'client-certificate': absolute(user?.['client-certificate']),
        'client-key': absolute(user?.['client-key']),
        tokenFile: absolute(user?.tokenFile),
      },
    })),
  };
};

const parseYaml = (text: string, file: string): RawFile => {
  try {
    const raw: unknown = parse(text);
    if (raw === null) return {};
    if (typeof raw !== 'object') throw new Error('it is not a YAML mapping');
    return raw;
  } catch (error) {
    throw new KubeconfigError(`kubeconfig ${file} is not usable: ${(error as Error).message}`, { cause: error });
  }
};

const pick = (loaded: Loaded, files: string[], choice: KubeconfigChoice): KubeconfigEntry => {
  const contextName = choice.context ?? loaded.current;
  const context = contextName === undefined ? undefined : find(loaded.contexts, contextName, 'context', files);
  const clusterName = choice.cluster ?? context?.cluster ?? loaded.clusters[0]?.name;
  if (clusterName === undefined)
    throw new KubeconfigError(`${files.join(', ')} names no cluster; set a current-context.`);
  const cluster = find(loaded.clusters, clusterName, 'cluster', files);
  if (!cluster.server) throw new KubeconfigError(`cluster "${clusterName}" in ${files.join(', ')} has no server.`);
  const userName = choice.user ?? context?.user;
  const user = userName === undefined ? {} : find(loaded.users, userName, 'user', files);
  return { server: cluster.server, namespace: context?.namespace, context: contextName, cluster, user, files };
};

const find = <T>(entries: Named<T>[], name: string, kind: string, files: string[]): T => {
  const found = entries.find((entry) => entry.name === name);
  if (found) return found.value;
  const known = entries.map((entry) => entry.name).join(', ') || 'none';
  throw new KubeconfigError(`${kind} "${name}" does not exist in ${files.join(', ')}; it has: ${known}.`);
};

const inCluster = (environment: Record<string, string | undefined>): KubeconfigEntry => {
  const host = environment.KUBERNETES_SERVICE_HOST ?? '';
  const port = environment.KUBERNETES_SERVICE_PORT_HTTPS ?? environment.KUBERNETES_SERVICE_PORT ?? '443';
  const server = `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
  return {
    server,
    namespace: readIfThere(`${SERVICE_ACCOUNT}/namespace`, false)?.trim(),
    context: undefined,
    cluster: { server, 'certificate-authority': `${SERVICE_ACCOUNT}/ca.crt` },
    user: { tokenFile: `${SERVICE_ACCOUNT}/token` },
    files: undefined,
  };
};
