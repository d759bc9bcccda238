import { codeOf, type Status, type StatusDetails } from '../../api/status.js';

/**
 * The API server answered, and refused. `code` is HTTP's, `reason` metav1's (`NotFound`, `AlreadyExists`, `Conflict`
 * …).
 */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: number;
  readonly reason: string;
  readonly details: StatusDetails | undefined;
  /** Seconds, where the server said how long to wait (429, 503, some 500). */
  readonly retryAfter: number | undefined;
  readonly status: Status;

  constructor(status: Status, retryAfter?: number) {
    super(status.message ?? `the API server answered ${status.code ?? 500} ${status.reason ?? ''}`.trimEnd());
    this.status = status;
    this.code = status.code ?? 500;
    this.reason = status.reason ?? '';
    this.details = status.details;
    this.retryAfter = retryAfter ?? status.details?.retryAfterSeconds;
  }
}

/**
 * No answer at all: refused, reset, timed out, untrusted certificate. `code` is Node's (`ECONNREFUSED` …) or `TIMEOUT`.
 */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';

  constructor(
    readonly code: string,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

/** Why a server's certificate is not believed, by Node's error codes. */
const UNTRUSTED: Readonly<Record<string, string>> = {
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'no known certificate authority signed it',
  SELF_SIGNED_CERT_IN_CHAIN: 'no known certificate authority signed it',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'no known certificate authority signed it',
  CERT_HAS_EXPIRED: 'it has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'it is for another name',
};

export const isUntrusted = (error: unknown): error is ConnectionError =>
  error instanceof ConnectionError && Object.hasOwn(UNTRUSTED, error.code);

/** What an error of a socket to `server` means. An abort and what is explained already stay as they are. */
export const connectionError = (server: string, error: unknown): Error => {
  const { code = 'UNKNOWN', message, name } = error as NodeJS.ErrnoException;
  if (error instanceof Error && ['ConnectionError', 'KubeconfigError', 'AbortError'].includes(name)) return error;
  const reason = UNTRUSTED[code];
  const text = reason
    ? `the certificate of ${server} is not trusted: ${reason}`
    : `cannot reach the API server ${server}: ${message || code}`;
  return new ConnectionError(code, text, { cause: error });
};

/** What stands between us and the server (a proxy, a webhook's front) may answer with anything. */
const statusOf = (text: string): Status | undefined => {
  try {
    const status: unknown = JSON.parse(text);
    if (typeof status === 'object' && status !== null && 'kind' in status && status.kind === 'Status') {
      return status as Status;
    }
  } catch {
    // Not JSON: the text itself is the message.
  }
  return undefined;
};

/** The error in an HTTP answer: a Status as it is, anything else as "the server answered CODE: TEXT". */
export const answeredError = (code: number, body: string, retryAfter?: number): ApiError => {
  const status = statusOf(body);
  const text = body.trim().slice(0, 500);
  const message = status?.message ?? `the server answered ${code}${text === '' || status ? '' : `: ${text}`}`;
  return new ApiError({ ...status, code, message }, retryAfter);
};

const hasCode = (error: unknown, code: number): error is ApiError => error instanceof ApiError && error.code === code;

export const isNotFound = (error: unknown): error is ApiError => hasCode(error, codeOf('NotFound'));
/** A write lost a race, or its precondition (resourceVersion, JSON patch `test`) did not hold. */
export const isConflict = (error: unknown): error is ApiError =>
  hasCode(error, codeOf('Conflict')) && error.reason !== 'AlreadyExists';
export const isAlreadyExists = (error: unknown): error is ApiError =>
  hasCode(error, codeOf('AlreadyExists')) && error.reason === 'AlreadyExists';
/** Nothing is made in a namespace that is being deleted. Source: apiserver, plugin/namespace/lifecycle. */
export const isNamespaceTerminating = (error: unknown): error is ApiError =>
  hasCode(error, codeOf('Forbidden')) &&
  (error.details?.causes ?? []).some(({ reason }) => reason === 'NamespaceTerminating');
/** The resource version or continue token is too old: list again. */
export const isGone = (error: unknown): error is ApiError => hasCode(error, codeOf('Expired'));
/**
 * What an API server answers to a JSON patch that cannot be applied: its own words for 422, without the reason, and
 * no details. A webhook or a schema that refuses says more. Source: apimachinery, NewGenericServerResponse.
 */
const UNAPPLIED_PATCH = 'the server rejected our request due to an error in our request';

/** A JSON patch whose `test` did not hold: the object is another one than the patch was made for. */
export const isPatchTestFailed = (error: unknown): error is ApiError =>
  hasCode(error, codeOf('Invalid')) && error.message === UNAPPLIED_PATCH;

export const errorMessage = (error: unknown): string => (error instanceof Error ? error.message : String(error));
