/** A kubeconfig file (kubectl's `clientcmd/api/v1`), as far as the plugin reads it. */
export interface KubeconfigCluster {
  server?: string;
  'tls-server-name'?: string;
  'insecure-skip-tls-verify'?: boolean;
  'certificate-authority'?: string;
  'certificate-authority-data'?: string;
  'proxy-url'?: string;
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
  /** The files that were read, for error messages. */
  readonly files: readonly string[];
}

/** Command line flags that change where and as whom the plugin connects. */
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

/** What is needed to talk to one API server. */
export interface Connection {
  /** `https://host:port` with an optional path, without a trailing slash. */
  readonly server: string;
  readonly namespace: string;
  readonly tls: {
    readonly ca: Buffer | undefined;
    readonly serverName: string | undefined;
    readonly insecure: boolean;
  };
  readonly proxyUrl: string | undefined;
  /** Impersonation headers. */
  readonly headers: Readonly<Record<string, string | string[]>>;
  /** Credentials for the next request; `refresh` after the server said 401. */
  readonly credentials: (refresh?: boolean) => Promise<Credentials>;
}

export interface Credentials {
  /** Value of the Authorization header. */
  readonly authorization?: string;
  readonly cert?: Buffer | string;
  readonly key?: Buffer | string;
}
