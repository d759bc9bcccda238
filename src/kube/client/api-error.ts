import type { Status, StatusDetails } from '../types.js';

/** The API server answered, and refused. `code` is HTTP's, `reason` metav1's (`NotFound`, `AlreadyExists`, `Conflict` …). */
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

/** No answer at all: refused, reset, timed out, untrusted certificate. `code` is Node's (`ECONNREFUSED` …) or `TIMEOUT`. */
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

const hasCode = (error: unknown, code: number): error is ApiError => error instanceof ApiError && error.code === code;

export const isNotFound = (error: unknown): error is ApiError => hasCode(error, 404);
/** A write lost a race, or its precondition (resourceVersion, JSON patch `test`) did not hold. */
export const isConflict = (error: unknown): error is ApiError =>
  hasCode(error, 409) && error.reason !== 'AlreadyExists';
export const isAlreadyExists = (error: unknown): error is ApiError =>
  hasCode(error, 409) && error.reason === 'AlreadyExists';
/** The resource version or continue token is too old: list again. */
export const isGone = (error: unknown): error is ApiError => hasCode(error, 410);
/** Admission or validation refused the object: the same request will fail again. */
export const isInvalid = (error: unknown): error is ApiError => hasCode(error, 422) || hasCode(error, 400);
/** A JSON patch whose `test` did not hold. API servers answer 422 with this text, newer ones too. */
export const isPatchTestFailed = (error: unknown): error is ApiError =>
  error instanceof ApiError && /test (operation )?(does not apply|failed)|testing path .* failed/i.test(error.message);

export const errorMessage = (error: unknown): string => (error instanceof Error ? error.message : String(error));
