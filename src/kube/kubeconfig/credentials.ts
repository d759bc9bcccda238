import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { OutgoingHttpHeaders } from 'node:http';
import { type Clock, systemClock } from '../clock.js';
import { type ClusterFields, type ExecFields, KubeconfigError, type KubeconfigEntry } from './kubeconfig.js';

/** What one request needs beside its own content. */
export interface RequestCredentials {
  headers: OutgoingHttpHeaders;
  tls: TlsMaterial;
}

export interface TlsMaterial {
  ca?: string | Buffer | undefined;
  cert?: string | Buffer | undefined;
  key?: string | Buffer | undefined;
  rejectUnauthorized?: boolean | undefined;
  servername?: string | undefined;
}

export interface Credentials {
  /** Reads files again when they are older than a minute; runs the exec plugin when its credential has expired. */
  resolve(): Promise<RequestCredentials>;
  /** After a 401: forget what is cached. */
  invalidate(): void;
}

export interface Impersonation {
  user?: string | undefined;
  uid?: string | undefined;
  groups?: string[] | undefined;
}

/** How long a file's content is used before it is read again: bound tokens are renewed by kubelet long before they end. */
const REREAD_MS = 60_000;

/** Credentials of a kubeconfig entry: certificates, tokens, basic, exec plugins. Legacy auth providers: {@link legacyCredentials}. */
export class EntryCredentials implements Credentials {
  private cached: { at: number; credentials: RequestCredentials } | undefined;
  private plugin: ExecCredential | undefined;

  constructor(
    private readonly entry: KubeconfigEntry,
    private readonly impersonation: Impersonation = {},
    private readonly clock: Clock = systemClock,
  ) {}

  async resolve(): Promise<RequestCredentials> {
    const now = this.clock.now();
    const fresh = this.cached && now - this.cached.at < REREAD_MS && !this.pluginExpired(now);
    if (this.cached && fresh) return this.cached.credentials;
    const { user } = this.entry;
    if (user.exec && (!this.plugin || this.pluginExpired(now)))
      this.plugin = await runPlugin(user.exec, this.entry.cluster);
    const credentials = {
      headers: { ...authorization(this.entry, this.plugin), ...impersonationHeaders(this.entry, this.impersonation) },
      tls: tlsMaterial(this.entry, this.plugin),
    };
    this.cached = { at: now, credentials };
    return credentials;
  }

  invalidate(): void {
    this.cached = undefined;
    this.plugin = undefined;
  }

  private pluginExpired(now: number): boolean {
    const expires = this.plugin?.expirationTimestamp;
    return expires !== undefined && Date.parse(expires) <= now;
  }
}

const tlsMaterial = ({ cluster, user }: KubeconfigEntry, plugin: ExecCredential | undefined): TlsMaterial => ({
  ca: fileOrData(cluster['certificate-authority'], cluster['certificate-authority-data']),
  cert: plugin?.clientCertificateData ?? fileOrData(user['client-certificate'], user['client-certificate-data']),
  key: plugin?.clientKeyData ?? fileOrData(user['client-key'], user['client-key-data']),
  rejectUnauthorized: cluster['insecure-skip-tls-verify'] === true ? false : undefined,
  servername: cluster['tls-server-name'],
});

// client-go: data wins over the file.
const fileOrData = (file: string | undefined, data: string | undefined): Buffer | undefined => {
  if (data) return Buffer.from(data, 'base64');
  return file ? read(file) : undefined;
};

const read = (file: string): Buffer => {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new KubeconfigError(`cannot read credentials: ${(error as Error).message}`, { cause: error });
  }
};

const authorization = ({ user }: KubeconfigEntry, plugin: ExecCredential | undefined): OutgoingHttpHeaders => {
  const token = plugin?.token ?? (user.tokenFile ? read(user.tokenFile).toString('utf8').trim() : user.token);
  if (token) return { authorization: `Bearer ${token}` };
  if (!user.username) return {};
  return { authorization: `Basic ${Buffer.from(`${user.username}:${user.password ?? ''}`).toString('base64')}` };
};

/** Impersonation of the caller (`--as`, `--as-group`) wins over the kubeconfig's. Groups are separate headers, not one merged. */
export const impersonationHeaders = ({ user }: KubeconfigEntry, asked: Impersonation): OutgoingHttpHeaders => {
  const name = asked.user ?? user.as;
  if (!name) return {};
  const groups = asked.groups ?? (asked.user ? [] : (user['as-groups'] ?? []));
  const uid = asked.uid ?? (asked.user ? undefined : user['as-uid']);
  const extra = asked.user ? {} : (user['as-user-extra'] ?? {});
  return {
    'Impersonate-User': name,
    ...(groups.length > 0 ? { 'Impersonate-Group': groups } : {}),
    ...(uid ? { 'Impersonate-Uid': uid } : {}),
    ...Object.fromEntries(
      Object.entries(extra).map(([key, values]) => [`Impersonate-Extra-${encodeURIComponent(key)}`, values]),
    ),
  };
};

/** `status` of client.authentication.k8s.io ExecCredential. */
interface ExecCredential {
  token?: string;
  clientCertificateData?: string;
  clientKeyData?: string;
  expirationTimestamp?: string;
}

const runPlugin = async (exec: ExecFields, cluster: ClusterFields): Promise<ExecCredential> => {
  const command = exec.command;
  if (!command) throw new KubeconfigError('the kubeconfig user has an exec section without a command.');
  const info = {
    apiVersion: exec.apiVersion ?? 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    spec: {
      interactive: process.stdin.isTTY,
      ...(exec.provideClusterInfo ? { cluster: { ...cluster } } : {}),
    },
  };
  const environment = Object.fromEntries((exec.env ?? []).map(({ name, value }) => [name, value]));
  const output = await collect(command, exec, {
    ...process.env,
    ...environment,
    KUBERNETES_EXEC_INFO: JSON.stringify(info),
  });
  try {
    const { status } = JSON.parse(output) as { status?: ExecCredential };
    if (!status?.token && !status?.clientCertificateData) throw new Error('it has neither a token nor a certificate');
    return status;
  } catch (error) {
    throw new KubeconfigError(`credential plugin ${command}: its answer is not usable: ${(error as Error).message}`);
  }
};

const collect = (command: string, exec: ExecFields, env: NodeJS.ProcessEnv): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, exec.args ?? [], { env, stdio: ['inherit', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.on('error', (error) => {
      const hint = exec.installHint ? ` ${exec.installHint}` : '';
      reject(new KubeconfigError(`credential plugin ${command} cannot run: ${error.message}.${hint}`));
    });
    child.on('close', (code) => {
      if (code === 0) resolve(output);
      else
        reject(new KubeconfigError(`credential plugin ${command} failed with exit code ${code ?? 'none (killed)'}.`));
    });
  });
