import { createHash } from 'node:crypto';
import { accessKey, type Access, type UserInfo } from '../../api/access/access.js';
import { ConnectionError } from './api-error.js';
import type { KubeClient } from './client.js';
import { systemClock, type Clock } from '../clock.js';
import { subjectAccessReviewPath } from './resources.js';

/** Whether a user has a right. Rejects when it could not be asked. */
export interface AccessReviewer {
  isAllowed(user: UserInfo, access: Access, timeoutMs: number): Promise<boolean>;
}

export interface AccessReviewOptions {
  readonly client: Pick<KubeClient, 'create'>;
  readonly clock?: Pick<Clock, 'now'>;
  /**
   * How long "yes" is believed; absent: it is asked every time. "No" is asked again after a second, because rights are
   * given to who was refused.
   */
  readonly believedForMs?: number;
  /**
   * Reviews on their way at once; what comes beyond is refused, not queued: its admission would be over before its
   * turn.
   */
  readonly maxInFlight?: number;
}

/**
 * Reviews at once. The API server allows a client some hundred requests at once by default; we have other business
 * there too.
 */
const MAX_IN_FLIGHT = 64;
const DENIED_FOR_MS = 1_000;
/** Answers kept: 100 bytes each, 1 MiB in all. */
const MAX_ANSWERS = 10_000;

const STALE: readonly string[] = ['ECONNRESET', 'EPIPE'];

interface Answer {
  readonly status?: { readonly allowed?: boolean };
}

const reviewOf = ({ username, uid, groups, extra }: UserInfo, access: Access) => ({
  apiVersion: 'authorization.k8s.io/v1',
  kind: 'SubjectAccessReview',
  spec: { user: username, ...(uid ? { uid } : {}), groups, extra, resourceAttributes: access },
});

/** A digest, because a user may have a thousand groups. */
const questionKey = (user: UserInfo, access: Access): string =>
  createHash('sha256')
    .update(JSON.stringify([user.username, user.uid ?? '', user.groups, user.extra, accessKey(access)]))
    .digest('base64');

/** SubjectAccessReviews, each asked once at a time, their number bounded. */
export class AccessReviews implements AccessReviewer {
  private readonly answers = new Map<string, { readonly allowed: boolean; readonly until: number }>();
  private readonly inFlight = new Map<string, Promise<boolean>>();
  private readonly clock: Pick<Clock, 'now'>;

  constructor(private readonly options: AccessReviewOptions) {
    this.clock = options.clock ?? systemClock;
  }

  /** @throws ApiError, ConnectionError, or Error when too many are asked at once */
  async isAllowed(user: UserInfo, access: Access, timeoutMs: number): Promise<boolean> {
    const key = questionKey(user, access);
    const known = this.answers.get(key);
    if (known !== undefined && known.until > this.clock.now()) return known.allowed;
    const asked = this.inFlight.get(key);
    if (asked !== undefined) return asked;
    if (this.inFlight.size >= (this.options.maxInFlight ?? MAX_IN_FLIGHT))
      throw new Error('too many rights are being asked about at once');
    const asking = this.ask(user, access, timeoutMs)
      .then((allowed) => this.keep(key, allowed))
      .finally(() => this.inFlight.delete(key));
    this.inFlight.set(key, asking);
    return asking;
  }

  private async ask(user: UserInfo, access: Access, timeoutMs: number): Promise<boolean> {
    // The signal ends waiting for a busy server too.
    const options = { timeoutMs, signal: AbortSignal.timeout(timeoutMs) };
    const ask = () => this.options.client.create<Answer>(subjectAccessReviewPath(), reviewOf(user, access), options);
    try {
      const { status } = await ask().catch((error: unknown) => {
        // A kept-alive connection that the server closed just now. A review changes nothing, so it may be asked again.
        if (error instanceof ConnectionError && STALE.includes(error.code)) return ask();
        throw error;
      });
      return status?.allowed === true;
    } catch (error) {
      if (options.signal.aborted) throw new Error(`it did not answer within ${timeoutMs / 1000} s`, { cause: error });
      throw error;
    }
  }

  private keep(key: string, allowed: boolean): boolean {
    const { believedForMs = 0 } = this.options;
    if (believedForMs === 0) return allowed;
    const [oldest] = this.answers.keys();
    if (this.answers.size >= MAX_ANSWERS && oldest !== undefined) this.answers.delete(oldest);
    this.answers.delete(key);
    const forMs = allowed ? believedForMs : Math.min(believedForMs, DENIED_FOR_MS);
    this.answers.set(key, { allowed, until: this.clock.now() + forMs });
    return allowed;
  }
}
