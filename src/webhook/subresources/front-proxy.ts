import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { StatusError } from '../../agent-api/status-error.js';

/**
 * How the API server introduces the user behind a request (docs/reference/control.md §2.6): by its aggregator client
 * certificate and identity headers, both described in ConfigMap kube-system/extension-apiserver-authentication.
 */
export interface RequestHeaderConfig {
  /** PEM bundle; a client certificate counts only if one of these signed it. */
  readonly clientCa: string;
  /** Common names that the client certificate may have; empty = any. */
  readonly allowedNames: readonly string[];
  readonly usernameHeaders: readonly string[];
  /** Empty on clusters whose API server does not send it: a client's own header would come through unchanged there. */
  readonly uidHeaders: readonly string[];
  readonly groupHeaders: readonly string[];
  readonly extraHeaderPrefixes: readonly string[];
}

export interface UserInfo {
  readonly username: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

const list = (data: Readonly<Record<string, string>>, key: string): string[] => {
  const text = data[key];
  if (text === undefined) return [];
  const value: unknown = JSON.parse(text);
  if (!Array.isArray(value) || !value.every((entry) => typeof entry === 'string')) {
    throw new Error(`ConfigMap kube-system/extension-apiserver-authentication: ${key} is ${text}, not a list of names`);
  }
  return value;
};

/**
 * Reads the ConfigMap's data. Header names in it are added to Kubernetes' defaults.
 * @throws Error where the CA is missing (aggregation is not set up) or a list is malformed
 */
export const parseRequestHeaderConfig = (data: Readonly<Record<string, string>>): RequestHeaderConfig => {
  const clientCa = data['requestheader-client-ca-file'];
  if (!clientCa) {
    throw new Error(
      'ConfigMap kube-system/extension-apiserver-authentication has no requestheader-client-ca-file: ' +
        'start the API server with --requestheader-client-ca-file and --proxy-client-cert-file (its aggregation layer)',
    );
  }
  const lower = (names: readonly string[]) => [...new Set(names.map((name) => name.toLowerCase()))];
  return {
    clientCa,
    allowedNames: list(data, 'requestheader-allowed-names'),
    usernameHeaders: lower(['x-remote-user', ...list(data, 'requestheader-username-headers')]),
    uidHeaders: lower(list(data, 'requestheader-uid-headers')),
    groupHeaders: lower(['x-remote-group', ...list(data, 'requestheader-group-headers')]),
    extraHeaderPrefixes: lower(['x-remote-extra-', ...list(data, 'requestheader-extra-headers-prefix')]),
  };
};

const valuesOf = (request: IncomingMessage, name: string): readonly string[] =>
  request.headersDistinct[name]?.filter((value) => value !== '') ?? [];

const decode = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    // Not percent-encoded after all: kube-apiserver before 1.14 sent such keys raw.
    return text;
  }
};

/** Whether the peer proved, by its client certificate, to be the API server's aggregator. */
export const isFrontProxy = (socket: Socket, config: RequestHeaderConfig): boolean => {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return false;
  // Node types the subject as always there; a peer without a certificate has an empty object.
  const subject = socket.getPeerCertificate().subject as { CN?: string | string[] } | undefined;
  const name = subject?.CN;
  return config.allowedNames.length === 0 || (typeof name === 'string' && config.allowedNames.includes(name));
};

/**
 * The user behind a request. Identity headers of any client but the front proxy are not trusted.
 * @throws StatusError 401
 */
export const authenticate = (request: IncomingMessage, config: RequestHeaderConfig): UserInfo => {
  if (!isFrontProxy(request.socket, config)) {
    throw new StatusError(
      'Unauthorized',
      'request is not authenticated: reach this API through the Kubernetes API server',
    );
  }
  const first = (names: readonly string[]) => names.map((name) => valuesOf(request, name)).find((v) => v.length > 0);
  const username = first(config.usernameHeaders)?.[0];
  if (username === undefined) throw new StatusError('Unauthorized', 'request is not authenticated: no user header');
  const extras = Object.keys(request.headersDistinct).flatMap((header) => {
    const prefix = config.extraHeaderPrefixes.find((candidate) => header.startsWith(candidate));
    return prefix === undefined ? [] : [[decode(header.slice(prefix.length)), valuesOf(request, header)] as const];
  });
  // Own members whatever they are called, "__proto__" included.
  const extra: Record<string, readonly string[]> = Object.fromEntries(extras);
  const uid = first(config.uidHeaders)?.[0];
  return { username, groups: first(config.groupHeaders) ?? [], extra, ...(uid === undefined ? {} : { uid }) };
};
