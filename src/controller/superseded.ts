import type { Clock } from '../kube/clock.js';
import type { KubernetesObject } from '../kube/types.js';

/** A cache that is behind for longer than this is not behind: a restored etcd restarts its version numbers. */
const SUPERSEDED_MS = 30_000;

/**
 * Versions of objects that our own writes have replaced. A cache that still shows one of them is behind: acting on it
 * would repeat the write, only to be refused with a conflict.
 */
export class Superseded {
  private readonly objects = new Map<string, { versions: Set<string>; at: number }>();

  constructor(private readonly clock: Pick<Clock, 'now'>) {}

  mark({ metadata }: KubernetesObject): void {
    const { uid = '', resourceVersion = '' } = metadata ?? {};
    const versions = this.objects.get(uid)?.versions ?? new Set();
    this.objects.set(uid, { versions: versions.add(resourceVersion), at: this.clock.now() });
  }

  /** Forgets the object when it is not behind any more. */
  has({ metadata }: KubernetesObject): boolean {
    const { uid = '', resourceVersion = '' } = metadata ?? {};
    const known = this.objects.get(uid);
    if (!known) return false;
    const behind = known.versions.has(resourceVersion) && this.clock.now() - known.at < SUPERSEDED_MS;
    if (!behind) this.objects.delete(uid);
    return behind;
  }

  forget({ metadata }: KubernetesObject): void {
    this.objects.delete(metadata?.uid ?? '');
  }
}

/** When to look again if the watch does not bring the newer version first. */
export const BEHIND = { requeueAfterMs: 1_000 } as const;
