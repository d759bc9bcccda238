import type { Agent, OutgoingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { ApiError, ConnectionError, connectionError, isUntrusted } from '../../../src/kube/client/api-error.js';
import type { Exchange, KubeClient } from '../../../src/kube/client/client.js';
import { clientFor, type ConnectOptions } from '../../../src/kube/client/connect.js';
import { KubeconfigError } from '../../../src/kube/kubeconfig/error.js';
import type { ConnectionFlags } from '../../../src/kube/kubeconfig/types.js';
import { CliError } from '../errors.js';
import { asStatusError } from './status.js';

export interface ClientRequest {
  readonly method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: object;
  readonly accept?: string;
}

export interface ApiClientOptions {
  readonly client: KubeClient;
  readonly namespace: string;
  /** Milliseconds for one request, with all its attempts; 0 is no limit. */
  readonly requestTimeout: number;
  /** Whether others use the client's connections, which go on when one request fails. */
  readonly shared?: boolean;
}

/** What a WebSocket needs to reach the same server as the same user. */
export interface UpgradeSettings {
  readonly url: string;
  readonly headers: OutgoingHttpHeaders;
  readonly agent: Agent;
}

/** The texts of a `Warning: 299 - "text"` header. */
const warningTexts = (header: string | undefined): string[] =>
  [...(header ?? '').matchAll(/\d{3} \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) =>
    text.replaceAll(/\\(.)/g, '$1'),
  );

/** What the user sees of each answer: the server's warnings; from `-v=6` on the request itself. */
export const exchangeNotes =
  (verbosity: number, note: (line: string) => void, warn: (text: string) => void) =>
  ({ method, url, code, milliseconds, headers }: Exchange): void => {
    for (const text of warningTexts(headers.warning)) warn(text);
    if (verbosity >= 6) note(`${method} ${url} ${code} in ${milliseconds} ms`);
  };

const kubeconfigError = (error: KubeconfigError): CliError =>
  new CliError(error.message, { ...(error.remedy === undefined ? {} : { remedy: error.remedy }), cause: error });

/** What went wrong between us and `server`, in the user's terms, with what to do about it. */
const asCliError = (error: unknown, server: string): CliError => {
  if (error instanceof CliError) return error;
  if (error instanceof ApiError) return asStatusError(error);
  if (error instanceof KubeconfigError) return kubeconfigError(error);
  const explained = connectionError(server, error);
  if (isUntrusted(explained)) {
    return new CliError(explained.message, {
      remedy:
        'Set certificate-authority in the kubeconfig, or --certificate-authority FILE ' +
        '(--tls-server-name NAME for another name).',
      cause: error,
    });
  }
  if (explained instanceof ConnectionError && explained.code === 'NOT_JSON') {
    return new CliError(explained.message, { remedy: 'Check that it is a Kubernetes API server.', cause: error });
  }
  return new CliError(explained.message, {
    remedy: 'Check that the cluster runs and that --context and --server name it: kubectl cluster-info',
    cause: error,
  });
};

/** @throws CliError for a kubeconfig or flags that lead nowhere */
export const kubeClientFor = async (flags: ConnectionFlags, options: ConnectOptions): Promise<KubeClient> => {
  try {
    return await clientFor(flags, options);
  } catch (error) {
    throw error instanceof KubeconfigError ? kubeconfigError(error) : error;
  }
};

/** The API server as the commands see it: one limit of time per request, and errors that say what to do. */
export class ApiClient {
  readonly namespace: string;
  readonly #client: KubeClient;
  readonly #requestTimeout: number;
  #underWay = 0;
  readonly #shared: boolean;

  constructor({ client, namespace, requestTimeout, shared = false }: ApiClientOptions) {
    this.#client = client;
    this.namespace = namespace;
    this.#requestTimeout = requestTimeout;
    this.#shared = shared;
  }

  /** GET, parsed. The shape is the caller's knowledge of the API. */
  get<T>(path: string, accept?: string): Promise<T> {
    return this.request<T>({ method: 'GET', path, accept });
  }

  /** GET of bytes, so many at most. @throws as {@link request} */
  bytes(path: string, most: number): Promise<Buffer> {
    return this.#within('GET', path, (options) => this.#client.requestBytes(path, most, options));
  }

  /**
   * One request and its answer, decoded.
   * @throws ApiStatusError for any answer but 2xx; CliError when the server cannot be reached or is too slow
   */
  async request<T = unknown>({ method, path, body, accept }: ClientRequest): Promise<T> {
    const headers = {
      ...(accept === undefined ? {} : { accept }),
      // Custom resources know no strategic merge.
      ...(method === 'PATCH' ? { 'content-type': 'application/merge-patch+json' } : {}),
    };
    return this.#within(method, path, (options) =>
      this.#client.request<T>(method, path, body, { ...options, headers }),
    );
  }

  async #within<T>(
    method: string,
    path: string,
    send: (options: { readonly signal: AbortSignal | undefined; readonly timeoutMs: number }) => Promise<T>,
  ): Promise<T> {
    // A deadline for the whole request, as kubectl's; a time of silence would begin again with every byte.
    const signal = this.#requestTimeout > 0 ? AbortSignal.timeout(this.#requestTimeout) : undefined;
    this.#underWay += 1;
    try {
      return await send({ signal, timeoutMs: 0 });
    } catch (error) {
      // What is still connecting would keep the process; what others wait for is not cut off.
      if (!this.#shared && this.#underWay === 1) this.#client.close();
      if (!signal?.aborted) throw this.explain(error);
      throw new CliError(`${method} ${path} was not answered within ${this.#requestTimeout / 1000} s`, {
        remedy: 'Raise --request-timeout, or see why the API server is slow.',
        cause: error,
      });
    } finally {
      this.#underWay -= 1;
    }
  }

  /** The body of an answer as it comes. `--request-timeout` counts until its head is there. */
  async openBody(path: string): Promise<Readable> {
    try {
      return await this.#client.openBody(path, { timeoutMs: this.#requestTimeout, headers: { accept: '*/*' } });
    } catch (error) {
      this.#client.close();
      throw this.explain(error);
    }
  }

  /** For a WebSocket to `path`. @throws CliError for credentials that cannot be had */
  async upgradeSettings(path: string): Promise<UpgradeSettings> {
    try {
      const { url, headers, agent } = await this.#client.socketOptions(path);
      return { url: url.href, headers, agent };
    } catch (error) {
      throw this.explain(error);
    }
  }

  /** Origin of the API server. */
  get server(): string {
    return this.#client.server;
  }

  /** Says in the user's terms why no connection came about. */
  explain(error: unknown): CliError {
    return asCliError(error, this.#client.server);
  }
}
