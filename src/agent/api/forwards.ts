import { StatusError } from '../../agent-api/status-error.js';

/**
 * Forwarded connections at a time. Each may hold half a MiB here while both of its ends are slow, and all of them share
 * what consoles leave of a webhook's connections (server.ts): so that neither a VM nor a tenant can take all there are.
 */
export const MOST_FORWARDS = { ofVm: 64, ofNamespace: 96, ofNode: 192 } as const;

/** One end of a connection, whatever its protocol. */
interface End {
  /** Nothing is left of it. */
  readonly gone: Promise<unknown>;
  close(code: number, reason: string): void;
}

/** A place among them, from the request on. */
export interface ForwardPlace {
  /** Gives it back; nothing when it has been. */
  free(): void;
  /** Holds it until nothing is left of the connection. */
  hold(end: End): void;
}

const tooMany = (what: string, most: number): StatusError =>
  new StatusError(
    'TooManyRequests',
    `${what} has ${most} forwarded connections, which is all that it may have at a time: close some`,
  );

/** The open connections to ports of this node's guests. */
export class Forwards {
  private readonly places = new Set<{ readonly key: string; end?: End }>();

  get size(): number {
    return this.places.size;
  }

  /** @param key `namespace/name` @throws StatusError 429 */
  reserve(key: string): ForwardPlace {
    const [namespace = ''] = key.split('/');
    const count = (of: (key: string) => boolean): number => [...this.places].filter((place) => of(place.key)).length;
    if (count((other) => other === key) >= MOST_FORWARDS.ofVm) throw tooMany(key, MOST_FORWARDS.ofVm);
    if (count((other) => other.startsWith(`${namespace}/`)) >= MOST_FORWARDS.ofNamespace)
      throw tooMany(`the namespace ${namespace} on this node`, MOST_FORWARDS.ofNamespace);
    if (this.places.size >= MOST_FORWARDS.ofNode) throw tooMany('the node', MOST_FORWARDS.ofNode);
    const place: { readonly key: string; end?: End } = { key };
    this.places.add(place);
    const free = (): void => void this.places.delete(place);
    return {
      free,
      hold: (end) => {
        place.end = end;
        void end.gone.then(free);
      },
    };
  }

  /** Ends a VM's connections. */
  close(key: string, code: number, reason: string): void {
    for (const place of [...this.places]) if (place.key === key) place.end?.close(code, reason);
  }

  closeAll(code: number, reason: string): void {
    for (const { end } of [...this.places]) end?.close(code, reason);
  }
}

interface Streams {
  close(key: string, code: number, reason: string): void;
  closeAll(code: number, reason: string): void;
}

/** Ends the streams of every kind. @param key of a VM; undefined: of all */
export const closeStreams = (
  { consoles, forwards }: { readonly consoles: Streams; readonly forwards: Streams },
  key: string | undefined,
  code: number,
  reason: string,
): void => {
  for (const streams of [consoles, forwards]) {
    if (key === undefined) streams.closeAll(code, reason);
    else streams.close(key, code, reason);
  }
};
