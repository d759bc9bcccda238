import http from 'node:http';
import https from 'node:https';
import type { Duplex } from 'node:stream';
import { CliError, messageOf } from '../errors.js';
import type { Environment } from '../kubeconfig/load.js';
import type { Connection, Credentials } from '../kubeconfig/types.js';
import { connectThrough, proxyFor } from './proxy.js';
import { statusError } from './status.js';
import { defaultAuthorities } from './trust.js';

export interface ClientOptions {
  readonly env: Environment;
  /** Milliseconds for one request; 0 is no limit. */
  readonly requestTimeout: number;
  /** `-v`: from 6 on every request is shown. */
  readonly verbosity: number;
  readonly userAgent: string;
  /** Progress and warnings; ends up on stderr. */
  readonly note: (line: string) => void;
}

export interface ClientRequest {
  readonly method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
  readonly accept?: string;
}

export interface ClientResponse {
  readonly code: number;
  readonly body: string;
}

/** What a WebSocket needs to reach the same server as the same user. */
export interface UpgradeSettings {
  readonly url: string;
  readonly headers: Record<string, string | string[]>;
  readonly agent: http.Agent;
}

/** The text of a `Warning: 299 - "text"` header. */
const warningTexts = (header: string | undefined): string[] =>
  [...(header ?? '').matchAll(/\d{3} \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) =>
    text.replaceAll(/\\(.)/g, '$1'),
  );

interface ExchangeOptions {
  readonly agent: http.Agent;
  readonly timeout: number;
  readonly headers: Record<string, string | string[]>;
  readonly note: (line: string) => void;
}

const exchange = (server: URL, request: ClientRequest, options: ExchangeOptions): Promise<ClientResponse> => {
  const payload = request.body === undefined ? undefined : Buffer.from(JSON.stringify(request.body));
  const contentHeaders =
    payload === undefined ? {} : { 'Content-Type': 'application/json', 'Content-Length': String(payload.length) };
  return new Promise((resolve, reject) => {
    const outgoing = (server.protocol === 'https:' ? https : http).request(
      new URL(server.pathname.replace(/\/$/, '') + request.path, server),
      {
        method: request.method,
        agent: options.agent,
        headers: { Accept: request.accept ?? 'application/json', ...options.headers, ...contentHeaders },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          for (const text of warningTexts(response.headers.warning)) options.note(`Warning: ${text}`);
          resolve({ code: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') });
        });
      },
    );
    if (options.timeout > 0) {
      // A deadline for the whole request, as kubectl's; a socket timeout would start anew with every byte.
      const timer = setTimeout(() => {
        outgoing.destroy(
          new CliError(`${request.method} ${request.path} was not answered within ${options.timeout / 1000} s`, {
            remedy: 'Raise --request-timeout, or see why the API server is slow.',
          }),
        );
      }, options.timeout);
      outgoing.on('close', () => clearTimeout(timer));
    }
    outgoing.on('error', reject);
    outgoing.end(payload);
  });
};

/** A small client of the Kubernetes API over node:https: start-up time matters more here than features. */
export class ApiClient {
  readonly #connection: Connection;
  readonly #options: ClientOptions;
  readonly #server: URL;

  constructor(connection: Connection, options: ClientOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#server = new URL(connection.server);
  }

  get namespace(): string {
    return this.#connection.namespace;
  }

  /** GET, parsed. The shape is the caller's knowledge of the API. */
  async get<T>(path: string, accept?: string): Promise<T> {
    const { body } = await this.request({ method: 'GET', path, accept });
    try {
      return JSON.parse(body) as T;
    } catch {
      throw new CliError(`the server did not answer GET ${path} with JSON`, {
        remedy: `Check that ${this.#connection.server} is a Kubernetes API server.`,
      });
    }
  }

  /**
   * One request; after 401 a second one with renewed credentials.
   * @throws ApiStatusError for any answer but 2xx; CliError when the server cannot be reached
   */
  async request(request: ClientRequest): Promise<ClientResponse> {
    let response = await this.#send(request, await this.#connection.credentials());
    if (response.code === 401) response = await this.#send(request, await this.#connection.credentials(true));
    if (response.code < 200 || response.code > 299) throw statusError(response.code, response.body);
    return response;
  }

  /** For a WebSocket to `path`. */
  async upgradeSettings(path: string): Promise<UpgradeSettings> {
    const credentials = await this.#connection.credentials();
    return {
      url: `${this.#connection.server.replace(/^http/, 'ws')}${path}`,
      headers: this.#headers(credentials),
      agent: await this.#agent(credentials),
    };
  }

  /** Says in the user's terms why no connection came about. */
  explain(error: unknown): CliError {
    if (error instanceof CliError) return error;
    const { code } = error as NodeJS.ErrnoException;
    const where = this.#connection.server;
    const tls: Record<string, string> = {
      UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'no known certificate authority signed it',
      SELF_SIGNED_CERT_IN_CHAIN: 'no known certificate authority signed it',
      DEPTH_ZERO_SELF_SIGNED_CERT: 'no known certificate authority signed it',
      CERT_HAS_EXPIRED: 'it has expired',
      ERR_TLS_CERT_ALTNAME_INVALID: 'it is for another name',
    };
    const reason = code === undefined ? undefined : tls[code];
    if (reason !== undefined) {
      return new CliError(`the certificate of ${where} is not trusted: ${reason}`, {
        remedy:
          'Set certificate-authority in the kubeconfig, or --certificate-authority FILE (--tls-server-name NAME for another name).',
        cause: error,
      });
    }
    return new CliError(`cannot reach the API server ${where}: ${messageOf(error)}`, {
      remedy: 'Check that the cluster runs and that --context and --server name it: kubectl cluster-info',
      cause: error,
    });
  }

  #headers(credentials: Credentials): Record<string, string | string[]> {
    return {
      'User-Agent': this.#options.userAgent,
      ...this.#connection.headers,
      ...(credentials.authorization === undefined ? {} : { Authorization: credentials.authorization }),
    };
  }

  async #agent(credentials: Credentials): Promise<http.Agent> {
    const { tls, proxyUrl } = this.#connection;
    const proxy = proxyFor(this.#server, proxyUrl, this.#options.env);
    const secure = this.#server.protocol === 'https:';
    const socket: Duplex | undefined = proxy === undefined ? undefined : await connectThrough(proxy, this.#server);
    if (!secure) {
      const agent = new http.Agent();
      // One agent is made per connection, so a socket that exists already can be handed to it.
      if (socket !== undefined) agent.createConnection = () => socket;
      return agent;
    }
    return new https.Agent({
      ca: tls.ca ?? (tls.insecure ? [] : defaultAuthorities(this.#options.env)),
      cert: credentials.cert,
      key: credentials.key,
      rejectUnauthorized: !tls.insecure,
      servername: tls.serverName ?? (/^[\d.]+$|^\[/.test(this.#server.hostname) ? '' : this.#server.hostname),
      ...(socket === undefined ? {} : { socket }),
    });
  }

  async #send(request: ClientRequest, credentials: Credentials): Promise<ClientResponse> {
    const { requestTimeout, verbosity, note } = this.#options;
    const started = process.hrtime.bigint();
    try {
      const agent = await this.#agent(credentials);
      const response = await exchange(this.#server, request, {
        agent,
        timeout: requestTimeout,
        headers: this.#headers(credentials),
        note,
      });
      if (verbosity >= 6) {
        const milliseconds = (process.hrtime.bigint() - started) / 1_000_000n;
        note(`${request.method} ${this.#connection.server}${request.path} ${response.code} in ${milliseconds} ms`);
      }
      return response;
    } catch (error) {
      throw this.explain(error);
    }
  }
}
