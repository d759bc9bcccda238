import type { Clock } from '../../kube/clock.js';
import { readGuestInfo, type GuestInfo } from '../hypervisor/guest-agent.js';
import type { Hypervisor } from '../hypervisor/hypervisor.js';

/** How often what the guest agent reports is refreshed: interfaces and OS, docs/reference/domain.md §9.6. */
export const GUEST_INFO_REFRESH_MS = 120_000;

/** What one VM's guest agent reported last: asked for when the agent appears, and now and then afterwards. */
export class GuestInfoCache {
  private answer: { info: GuestInfo; at: number } | undefined;

  constructor(private readonly clock: Clock) {}

  /** Without asking. */
  get last(): GuestInfo | undefined {
    return this.answer?.info;
  }

  /** @param hypervisor undefined while no guest agent is connected */
  async get(hypervisor: Hypervisor | undefined): Promise<GuestInfo | undefined> {
    if (hypervisor === undefined) {
      this.answer = undefined;
      return undefined;
    }
    const fresh = this.answer !== undefined && this.clock.now() - this.answer.at < GUEST_INFO_REFRESH_MS;
    if (!fresh) this.answer = { info: await readGuestInfo(hypervisor), at: this.clock.now() };
    return this.answer?.info;
  }
}
