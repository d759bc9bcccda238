/** The environment of a process, as far as it is handed on. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A kubeconfig file (kubectl's `clientcmd/api/v1`), as far as it is read here. */
export interface KubeconfigCluster {
  server?: string;
  'tls-server-name'?: string;
  'insecure-skip-tls-verify'?: boolean;
  'certificate-authority'?: string;
  'certificate-authority-data'?: string;
  'proxy-url'?: string;
  extensions?: { name?: string; extension?: unknown }[] | null;
}

export interface ExecConfig {
  apiVersion?: string;
  command?: string;
  args?: string[] | null;
  env?: { name: string; value: string }[] | null;
  installHint?: string;
  provideClusterInfo?: boolean;
  interactiveMode?: 'Never' | 'IfAvailable' | 'Always';
}

export interface KubeconfigUser {
  'client-certificate'?: string;
  'client-certificate-data'?: string;
  'client-key'?: string;
  'client-key-data'?: string;
  token?: string;
  tokenFile?: string;
  username?: string;
  password?: string;
  as?: string;
  'as-uid'?: string;
  'as-groups'?: string[];
  'as-user-extra'?: Record<string, string[]>;
  exec?: ExecConfig | null;
  'auth-provider'?: { name?: string; config?: Record<string, string> } | null;
}

export interface KubeconfigContext {
  cluster?: string;
  user?: string;
  namespace?: string;
}

/** Several files merged: the first file that names an entry wins; paths are absolute. */
export interface Kubeconfig {
  readonly clusters: ReadonlyMap<string, KubeconfigCluster>;
  readonly users: ReadonlyMap<string, KubeconfigUser>;
  readonly contexts: ReadonlyMap<string, KubeconfigContext>;
  readonly currentContext: string | undefined;
  /** The files that were read. */
  readonly files: readonly string[];
}

/** kubectl's flags that change where and as whom to connect. */
export interface ConnectionFlags {
  kubeconfig?: string;
  context?: string;
  cluster?: string;
  user?: string;
  namespace?: string;
  server?: string;
  'tls-server-name'?: string;
  'insecure-skip-tls-verify'?: boolean;
  'certificate-authority'?: string;
  'client-certificate'?: string;
  'client-key'?: string;
  token?: string;
  as?: string;
  'as-uid'?: string;
  'as-group'?: string[];
  username?: string;
  password?: string;
  'proxy-url'?: string;
}

/** One cluster and one user, as the flags and the context name them. */
export interface KubeconfigEntry {
  /** `https://host:port` with an optional path, without a trailing slash. */
  readonly server: string;
  /** Of the context, or of the pod. */
  readonly namespace: string | undefined;
  readonly context: string | undefined;
  readonly cluster: KubeconfigCluster;
  readonly userName: string;
  readonly user: KubeconfigUser;
  /** The kubeconfig's files; none where the credentials are the pod's own. */
  readonly files: readonly string[];
}
