import { StatusError } from '../../agent-api/status-error.js';

/**
 * Forwarded connections of one replica at a time. Each is a connection of the API server's, which also asks for
 * admission (LIMITS in server.ts), and may hold half a MiB of memory while both of its ends are slow.
 */
export const MOST_FORWARDS = { ofUser: 96, ofReplica: 256 } as const;

/** Who has how many of them. */
export class ForwardLimit {
  private readonly users = new Map<string, number>();
  private all = 0;

  /** @returns what gives the place back, once @throws StatusError 429 */
  take(user: string): () => void {
    const own = this.users.get(user) ?? 0;
    if (own >= MOST_FORWARDS.ofUser || this.all >= MOST_FORWARDS.ofReplica)
      throw new StatusError(
        'TooManyRequests',
        `${own} connections to ports of VMs are yours and ${this.all} are open at this replica of virt-webhook, of at most ${MOST_FORWARDS.ofUser} and ${MOST_FORWARDS.ofReplica}: close some, or try again`,
      );
    this.users.set(user, own + 1);
    this.all += 1;
    let taken = true;
    return () => {
      if (!taken) return;
      taken = false;
      this.all -= 1;
      const left = (this.users.get(user) ?? 1) - 1;
      if (left === 0) this.users.delete(user);
      else this.users.set(user, left);
    };
  }
}
