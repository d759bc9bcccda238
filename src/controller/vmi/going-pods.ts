import { isDeleting } from '../../api/vmi/phase.js';
import { timestamp } from '../../api/timestamp.js';
import type { SlimPod } from '../cache-transforms.js';

/** A cache that is behind for longer than this is not behind. */
const BEHIND_MS = 30_000;

/**
 * Pods whose deletion the API server has taken from us. A cache that does not show it yet, but shows what kubelet wrote
 * meanwhile, shows a pod that does well: a VMI that took it would fail when the deletion comes into sight.
 */
export class GoingPods {
  /** By UID, the oldest first. */
  private readonly since = new Map<string, number>();

  constructor(private readonly now: () => number) {}

  mark({ metadata }: SlimPod): void {
    for (const [uid, at] of this.since) if (this.isOver(at)) this.since.delete(uid);
    this.since.set(metadata?.uid ?? '', this.now());
  }

  /** The pod of the cache, with the deletion that it does not show yet. */
  seen(pod: SlimPod): SlimPod {
    const at = this.since.get(pod.metadata?.uid ?? '');
    if (at === undefined || isDeleting(pod) || this.isOver(at)) return pod;
    return { ...pod, metadata: { ...pod.metadata, deletionTimestamp: timestamp(at) } };
  }

  private isOver(at: number): boolean {
    return this.now() - at > BEHIND_MS;
  }
}
