import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { StringDecoder } from 'node:string_decoder';
import { answeredError, type ApiError, ConnectionError } from './api-error.js';
import { type Clock, sleep, systemClock } from '../clock.js';
import { type JsonPatch, PATCH_CONTENT_TYPE, type PatchType } from './patch.js';
import type { SocketOptions, Transport } from './transport.js';
import type { Status } from '../../api/status.js';
import type { KubernetesList } from '../types.js';
import { readWatch, type WatchEvent, type WatchOptions } from '../watch/watch.js';

export type Query = Record<string, string | number | boolean | undefined>;

export interface RequestOptions {
  query?: Query | undefined;
  signal?: AbortSignal | undefined;
  /** Milliseconds, 0 is no limit; 30 s by default, more than the API server's own limit for a webhook (10 s). */
  timeoutMs?: number | undefined;
  headers?: Record<string, string> | undefined;
}

export interface DeleteOptions extends RequestOptions {
  gracePeriodSeconds?: number | undefined;
  propagationPolicy?: 'Foreground' | 'Background' | 'Orphan' | undefined;
  /** Delete only the object with this uid: 409 when another one has taken its name. */
  uid?: string | undefined;
  resourceVersion?: string | undefined;
}

/** One request and its answer, for those who show them. */
export interface Exchange {
  readonly method: string;
  readonly url: string;
  readonly code: number;
  readonly milliseconds: number;
  readonly headers: IncomingHttpHeaders;
}

export interface ClientOptions {
  namespace?: string | undefined;
  userAgent?: string | undefined;
  clock?: Clock | undefined;
  /** Sees every answer's head, refusals and attempts that are repeated too. */
  observe?: ((exchange: Exchange) => void) | undefined;
}

const DEFAULT_TIMEOUT_MS = 30_000;
/** client-go's: a server that says "wait" ten times in a row is not going to answer. */
const MAX_WAITS = 10;
/** No server's Retry-After holds a request longer than this. */
const MAX_WAIT_SECONDS = 30;

/**
 * A thin client of the Kubernetes API: paths in, JSON out; `clientFor` makes one. Paths come from `resources.ts`.
 * Refusals throw {@link ApiError}, a server that cannot be reached {@link ConnectionError}. "429 Too Many Requests" is
 * waited out as the server asks.
 */
export class KubeClient {
  /** Of the kubeconfig's context, or of the pod; undefined when none is named. */
  readonly namespace: string | undefined;
  private readonly userAgent: string;
  private readonly clock: Clock;
  private readonly observe: ((exchange: Exchange) => void) | undefined;

  constructor(
    private readonly transport: Transport,
    options: ClientOptions = {},
  ) {
    this.namespace = options.namespace;
    this.userAgent = options.userAgent ?? 'kubectl-virt';
    this.clock = options.clock ?? systemClock;
    this.observe = options.observe;
  }

  get server(): string {
    return this.transport.server.origin;
  }

  get<T>(path: string, options?: RequestOptions): Promise<T> {
    return this.request<T>('GET', path, undefined, options);
  }

  list<T>(path: string, options?: RequestOptions): Promise<KubernetesList<T>> {
    return this.request<KubernetesList<T>>('GET', path, undefined, options);
  }

  create<T>(path: string, body: object, options?: RequestOptions): Promise<T> {
    return this.request<T>('POST', path, body, options);
  }

  update<T>(path: string, body: object, options?: RequestOptions): Promise<T> {
    return this.request<T>('PUT', path, body, options);
  }

  patch<T>(path: string, patch: JsonPatch | object, type: PatchType, options?: RequestOptions): Promise<T> {
    const headers = { ...options?.headers, 'content-type': PATCH_CONTENT_TYPE[type] };
    return this.request<T>('PATCH', path, patch, { ...options, headers });
  }

  delete<T = Status>(path: string, options: DeleteOptions = {}): Promise<T> {
    const { gracePeriodSeconds, propagationPolicy, uid, resourceVersion, ...rest } = options;
    const preconditions = (uid ?? resourceVersion) ? { preconditions: { uid, resourceVersion } } : {};
    const body = { apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds, propagationPolicy, ...preconditions };
    return this.request<T>('DELETE', path, body, rest);
  }

  /** The whole answer, JSON decoded. An empty answer (202 of a subresource) is undefined. */
  async request<T>(method: string, path: string, body?: object, options: RequestOptions = {}): Promise<T> {
    const text = await this.requestText(method, path, body, options);
    if (text === '') return undefined as T;
    try {
      return JSON.parse(text) as T;
    } catch (error) {
      throw new ConnectionError('NOT_JSON', `${method} ${path}: the answer of ${this.server} is not JSON`, {
        cause: error,
      });
    }
  }

  /** As {@link request} for what is not JSON: `/readyz`, `/metrics`, logs. */
  async requestText(method: string, path: string, body?: object, options: RequestOptions = {}): Promise<string> {
    const response = await this.sendPatiently(method, path, body, options);
    return readBody(response, this.transport, options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  }

  /** As {@link request} for bytes. @throws RangeError for more than `most` of them */
  async requestBytes(path: string, most: number, options: RequestOptions = {}): Promise<Buffer> {
    const response = await this.sendPatiently('GET', path, undefined, options);
    const { timeoutMs = DEFAULT_TIMEOUT_MS } = options;
    response.setTimeout(timeoutMs, () => {
      response.destroy(new ConnectionError('TIMEOUT', this.transport.timeoutMessage(timeoutMs)));
    });
    const chunks: Buffer[] = [];
    let size = 0;
    try {
      for await (const chunk of response as AsyncIterable<Buffer>) {
        size += chunk.length;
        if (size > most) throw new RangeError(`${path}: more than ${most} bytes came`);
        chunks.push(chunk);
      }
    } catch (error) {
      throw error instanceof RangeError ? error : this.transport.explain(error);
    } finally {
      response.destroy();
    }
    return Buffer.concat(chunks);
  }

  /** The body of an answer as it comes, such as a log that is followed. */
  openBody(path: string, options: RequestOptions = {}): Promise<IncomingMessage> {
    return this.sendPatiently('GET', path, undefined, options);
  }

  /**
   * The events of a watch, in order, until the server ends it (the iteration then ends). An ERROR event, a line that is
   * not JSON, a silence and a lost connection throw.
   */
  async *watch<T>(path: string, options: WatchOptions): AsyncGenerator<WatchEvent<T>> {
    const query: Query = { ...options.query, watch: true };
    const request = { query, signal: options.signal, timeoutMs: options.headTimeoutMs };
    const response = await this.sendPatiently('GET', path, undefined, request);
    try {
      yield* readWatch<T>(response, options, (error) => this.transport.explain(error));
    } finally {
      response.destroy();
    }
  }

  /** For a WebSocket (console, VNC) to a path of this server with this client's credentials. */
  socketOptions(path: string): Promise<SocketOptions> {
    return this.transport.socketOptions(path);
  }

  /** Closes idle connections. */
  close(): void {
    this.transport.close();
  }

  private async sendPatiently(
    method: string,
    path: string,
    body: object | undefined,
    options: RequestOptions,
  ): Promise<IncomingMessage> {
    let waits = 0;
    let renewed = false;
    for (;;) {
      const response = await this.send(method, path, body, options);
      const code = response.statusCode ?? 0;
      if (code >= 200 && code < 300) return response;
      const error = await readError(response, this.transport, options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
      if (code === 401 && !renewed) {
        renewed = true;
        this.transport.invalidateCredentials();
      } else if (mayWait(error) && waits < MAX_WAITS && !options.signal?.aborted) {
        waits += 1;
        await sleep(this.clock, Math.min(error.retryAfter ?? 1, MAX_WAIT_SECONDS) * 1000, options.signal);
      } else {
        throw error;
      }
    }
  }

  private async send(
    method: string,
    path: string,
    body: object | undefined,
    options: RequestOptions,
  ): Promise<IncomingMessage> {
    const request = {
      method,
      path: withQuery(path, options.query),
      headers: {
        'user-agent': this.userAgent,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...options.headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
      signal: options.signal,
    };
    const sent = this.clock.now();
    const send = async (): Promise<IncomingMessage> => {
      const response = await this.transport.send(request);
      const { statusCode: code = 0, headers } = response;
      const url = `${this.transport.server.href.replace(/\/$/, '')}${request.path}`;
      this.observe?.({ method, url, code, milliseconds: this.clock.now() - sent, headers });
      return response;
    };
    try {
      return await send();
    } catch (error) {
      // A kept-alive connection that the server closed just now. Reading again is harmless; a write may have happened.
      const stale = error instanceof ConnectionError && ['ECONNRESET', 'EPIPE'].includes(error.code);
      if (!stale || method !== 'GET' || options.signal?.aborted) throw error;
      return send();
    }
  }
}

// The server has done nothing yet when it answers so, whatever the method (client-go retries the same).
const mayWait = (error: ApiError): boolean =>
  error.code === 429 || (error.code === 503 && error.retryAfter !== undefined);

export const withQuery = (path: string, query: Query | undefined): string => {
  const pairs = Object.entries(query ?? {}).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as [string, string]],
  );
  if (pairs.length === 0) return path;
  return `${path}${path.includes('?') ? '&' : '?'}${new URLSearchParams(pairs).toString()}`;
};

const readBody = (response: IncomingMessage, transport: Transport, timeoutMs: number): Promise<string> =>
  new Promise((resolve, reject) => {
    const decoder = new StringDecoder('utf8');
    let text = '';
    response.setTimeout(timeoutMs, () => {
      response.destroy(new ConnectionError('TIMEOUT', transport.timeoutMessage(timeoutMs)));
    });
    response.on('data', (chunk: Buffer) => (text += decoder.write(chunk)));
    response.on('end', () => {
      resolve(text + decoder.end());
    });
    response.on('error', (error) => {
      reject(transport.explain(error));
    });
  });

const readError = async (response: IncomingMessage, transport: Transport, timeoutMs: number): Promise<ApiError> => {
  const text = await readBody(response, transport, timeoutMs);
  const seconds = Number(response.headers['retry-after']);
  const retryAfter = response.headers['retry-after'] && Number.isFinite(seconds) ? seconds : undefined;
  return answeredError(response.statusCode ?? 500, text, retryAfter);
};
