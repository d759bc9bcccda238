import type { OutgoingHttpHeaders } from 'node:http';
import { defaultAuthorities } from '../client/trust.js';
import type { Clock } from '../clock.js';
import { authProviderToken, type TokenRenewal } from './auth-provider.js';
import { KubeconfigError } from './error.js';
import { clusterInfo, execCredentials, type ExecCredentials } from './exec-plugin.js';
import { dataOrFile, readNamed } from './read-file.js';
import type { Environment, KubeconfigEntry, KubeconfigUser } from './types.js';

/** What one request needs beside its own content. */
export interface RequestCredentials {
  headers: OutgoingHttpHeaders;
  tls: TlsMaterial;
}

export interface TlsMaterial {
  ca?: Buffer | string[] | undefined;
  cert?: string | Buffer | undefined;
  key?: string | Buffer | undefined;
  rejectUnauthorized?: boolean | undefined;
  servername?: string | undefined;
}

export interface Credentials {
  /** The same object until something has changed. @throws KubeconfigError for unreadable or half-given credentials */
  resolve(): Promise<RequestCredentials>;
  /** After a 401: forget what is cached. */
  invalidate(): void;
}

/** What finding credentials needs of the process. */
export interface CredentialContext {
  readonly env: Environment;
  readonly clock: Clock;
  /** Whether a credential plugin may ask the user. */
  readonly stdinIsTty: boolean;
  /** Takes what a credential plugin says on its stderr. */
  readonly say: (text: string) => void;
  readonly renewal?: TokenRenewal | undefined;
}

/** What identifies the user: a header, or a client certificate. */
interface Identity {
  readonly authorization?: string | undefined;
  readonly cert?: Buffer | string | undefined;
  readonly key?: Buffer | string | undefined;
}

/**
 * How long a file's content is used before it is read again, as by client-go: bound tokens are renewed by kubelet long
 * before they end.
 */
const REREAD_MS = 60_000;

/** How the user of a kubeconfig entry proves who they are, and whom they trust. */
export class EntryCredentials implements Credentials {
  private cached: { at: number; credentials: RequestCredentials } | undefined;
  private readonly exec: ExecCredentials | undefined;
  private readonly providerToken: (now: number) => Promise<string | undefined>;
  private readonly impersonation: OutgoingHttpHeaders;

  constructor(
    private readonly entry: KubeconfigEntry,
    private readonly context: CredentialContext,
  ) {
    const { exec } = entry.user;
    this.exec = exec
      ? execCredentials(exec, { ...context, user: entry.userName, cluster: () => clusterInfo(entry) })
      : undefined;
    this.providerToken = authProviderToken(entry, context.renewal);
    this.impersonation = impersonationHeaders(entry.user);
  }

  async resolve(): Promise<RequestCredentials> {
    const now = this.context.clock.now();
    const fresh = this.cached && now - this.cached.at < REREAD_MS && !this.exec?.hasExpired();
    if (this.cached && fresh) return this.cached.credentials;
    const { authorization, cert, key } = await this.identity(now);
    const credentials = {
      headers: { ...(authorization === undefined ? {} : { authorization }), ...this.impersonation },
      tls: { ...this.trust(), cert, key },
    };
    this.cached = { at: now, credentials };
    return credentials;
  }

  invalidate(): void {
    this.cached = undefined;
    this.exec?.invalidate();
  }

  private async identity(now: number): Promise<Identity> {
    const { userName, user } = this.entry;
    const setting = (field: string): string => `users["${userName}"].${field}`;
    const cert = dataOrFile(setting('client-certificate'), user['client-certificate-data'], user['client-certificate']);
    const key = dataOrFile(setting('client-key'), user['client-key-data'], user['client-key']);
    if ((cert === undefined) !== (key === undefined)) {
      const half = cert === undefined ? 'key without a certificate' : 'certificate without a key';
      throw new KubeconfigError(`user "${userName}" has a client ${half}`, {
        remedy: 'Give both client-certificate and client-key.',
      });
    }
    const authorization = authorizationOf(user, setting('tokenFile'));
    // As kubectl: others are asked only when the entry holds nothing that already identifies the user.
    if (authorization !== undefined || cert !== undefined) return { authorization, cert, key };
    if (this.exec) return this.exec.get();
    if (!user['auth-provider']) return {};
    const token = await this.providerToken(now);
    return token === undefined ? {} : { authorization: `Bearer ${token}` };
  }

  private trust(): TlsMaterial {
    const { cluster, server } = this.entry;
    const insecure = cluster['insecure-skip-tls-verify'] === true;
    const ca = dataOrFile(
      'certificate-authority',
      cluster['certificate-authority-data'],
      cluster['certificate-authority'],
    );
    const needed = server.startsWith('https:') && !insecure;
    return {
      ca: ca ?? (needed ? defaultAuthorities(this.context.env) : []),
      ...(insecure ? { rejectUnauthorized: false } : {}),
      servername: cluster['tls-server-name'],
    };
  }
}

// client-go: the file wins over the token beside it, because it is renewed.
const authorizationOf = (user: KubeconfigUser, tokenFileSetting: string): string | undefined => {
  if (user.tokenFile) return `Bearer ${readNamed(tokenFileSetting, user.tokenFile).toString('utf8').trim()}`;
  if (user.token) return `Bearer ${user.token}`;
  if (!user.username) return undefined;
  return `Basic ${Buffer.from(`${user.username}:${user.password ?? ''}`).toString('base64')}`;
};

/** Groups are separate headers, not one merged. */
const impersonationHeaders = (user: KubeconfigUser): OutgoingHttpHeaders => {
  if (!user.as) return {};
  const groups = user['as-groups'] ?? [];
  const extra = Object.entries(user['as-user-extra'] ?? {});
  return {
    'Impersonate-User': user.as,
    ...(groups.length === 0 ? {} : { 'Impersonate-Group': groups }),
    ...(user['as-uid'] === undefined ? {} : { 'Impersonate-Uid': user['as-uid'] }),
    ...Object.fromEntries(extra.map(([key, values]) => [`Impersonate-Extra-${encodeURIComponent(key)}`, values])),
  };
};
