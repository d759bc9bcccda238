import type { Clock } from '../../kube/clock.js';
import { readGuestUsage, type GuestFileSystem, type GuestUsage } from '../hypervisor/guest-usage.js';
import type { Hypervisor } from '../hypervisor/hypervisor.js';

/** As old as figures of file systems may be before they are asked for again. */
const REFRESH_MS = 60_000;
/** Older ones say nothing: the agent in the guest has stopped answering. */
const STALE_MS = 5 * REFRESH_MS;
/**
 * Names of file systems that are shown of one guest: so many at once, and later a new one in so long. Each is a series
 * that the monitoring system keeps for weeks, and a guest could invent others every minute.
 */
const NAMES = 64;
const NAME_EVERY_MS = 60 * 60_000;

/** What one VM's guest agent says of its guest: asked for where somebody wants metrics, and never waited for. */
export class GuestUsageCache {
  private last: { readonly usage: GuestUsage; readonly at: number } | undefined;
  private askedAt = -Infinity;
  private asking = false;
  private readonly names = new Set<string>();
  private allowance = NAMES;
  private allowanceAt: number;

  constructor(private readonly clock: Clock) {
    this.allowanceAt = clock.now();
  }

  /** As it was last said. @param hypervisor undefined while no guest agent is connected */
  get(hypervisor: Pick<Hypervisor, 'guestAgent'> | undefined): GuestUsage | undefined {
    if (hypervisor === undefined) return (this.last = undefined);
    const now = this.clock.now();
    if (!this.asking && now - this.askedAt >= REFRESH_MS) void this.refresh(hypervisor, now);
    return this.last !== undefined && now - this.last.at <= STALE_MS ? this.last.usage : undefined;
  }

  private async refresh(hypervisor: Pick<Hypervisor, 'guestAgent'>, now: number): Promise<void> {
    this.asking = true;
    this.askedAt = now;
    const usage = await readGuestUsage(hypervisor);
    this.last = {
      usage: { ...usage, fileSystems: usage.fileSystems.filter((fileSystem) => this.isShown(fileSystem)) },
      at: this.clock.now(),
    };
    this.asking = false;
  }

  private isShown({ disk, mountPoint, type }: GuestFileSystem): boolean {
    const name = JSON.stringify([disk, mountPoint, type]);
    if (this.names.has(name)) return true;
    const earned = Math.floor((this.clock.now() - this.allowanceAt) / NAME_EVERY_MS);
    if (earned > 0) {
      this.allowance = Math.min(NAMES, this.allowance + earned);
      this.allowanceAt += earned * NAME_EVERY_MS;
    }
    if (this.allowance === 0) return false;
    this.allowance -= 1;
    this.names.add(name);
    return true;
  }
}
