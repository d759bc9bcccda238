import { StatusError } from '../../agent-api/status-error.js';

/**
 * Streams of one replica at a time: consoles, screens, who looks on, and forwarded connections. Each is a connection of
 * the API server's, which also asks for admission and must always find room for that (LIMITS in server.ts), and may
 * hold half a MiB of memory while both of its ends are slow. Users alone are no bound: a tenant has as many service
 * accounts as he likes, but his VMs are in his namespaces.
 */
export const MOST_STREAMS = { ofUser: 96, ofNamespace: 96, ofReplica: 256 } as const;

/** Whose a stream is. */
interface StreamOwner {
  readonly user: string;
  /** That of the VM. */
  readonly namespace: string;
}

/** How many each has. */
class Counts {
  private readonly counts = new Map<string, number>();

  of(name: string): number {
    return this.counts.get(name) ?? 0;
  }

  change(name: string, by: 1 | -1): void {
    const count = this.of(name) + by;
    if (count === 0) this.counts.delete(name);
    else this.counts.set(name, count);
  }
}

const tooMany = (what: string, most: number): StatusError =>
  new StatusError(
    'TooManyRequests',
    `${what} has ${most} consoles, screens and forwarded connections open at this replica of virt-webhook, which is all that it may have at a time: close some, or try again`,
  );

/** Who has how many of them. */
export class StreamLimit {
  private readonly users = new Counts();
  private readonly namespaces = new Counts();
  private all = 0;

  /** @returns what gives the place back, once @throws StatusError 429 */
  take({ user, namespace }: StreamOwner): () => void {
    if (this.users.of(user) >= MOST_STREAMS.ofUser) throw tooMany('your user', MOST_STREAMS.ofUser);
    if (this.namespaces.of(namespace) >= MOST_STREAMS.ofNamespace)
      throw tooMany(`the namespace ${namespace}`, MOST_STREAMS.ofNamespace);
    if (this.all >= MOST_STREAMS.ofReplica) throw tooMany('everybody together', MOST_STREAMS.ofReplica);
    const change = (by: 1 | -1): void => {
      this.users.change(user, by);
      this.namespaces.change(namespace, by);
      this.all += by;
    };
    change(1);
    let taken = true;
    return () => {
      if (!taken) return;
      taken = false;
      change(-1);
    };
  }
}
