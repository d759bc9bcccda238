import { isLibvirtError } from 'node-libvirt';
import type { Clock } from '../../kube/clock.js';
import type { Hypervisor } from '../hypervisor/hypervisor.js';

type Guest = Pick<Hypervisor, 'guestAgent'>;

/** Seconds. A guest writes what it has in hand before it is frozen; virt-webhook waits ten. */
const FREEZE_TIMEOUT = 7;
const THAW_TIMEOUT = 5;
/** A guest that does not thaw is told again. */
const AGAIN_MS = 10_000;

const ask = (guest: Guest, execute: string, seconds: number): Promise<unknown> =>
  guest.guestAgent(JSON.stringify({ execute }), seconds);

/**
 * The file systems of one VM's guest, frozen for a backup and thawed again: when somebody says so, when the time is
 * over that was given at the freeze, or when the agent that knew of it has ended. A guest that stays frozen is dead.
 */
export class Freezer {
  private isFrozen = false;
  private disarm: (() => void) | undefined;
  /** This agent has frozen it, or has seen to it that it is not: what its status says is ours. */
  private isKnown = false;

  /** Why it was thawed last, where nobody asked for it. */
  thawedBecause: string | undefined;

  constructor(
    /** Undefined while no guest agent is connected. */
    private readonly guest: () => Guest | undefined,
    private readonly clock: Clock,
    /** Called when it is frozen, or not any more. */
    private readonly changed: () => void,
  ) {}

  get frozen(): boolean {
    return this.isFrozen;
  }

  /** Freezes, or gives more or less time to what is frozen. @throws LibvirtError as the guest's agent refuses */
  async freeze(guest: Guest, forMs: number): Promise<void> {
    this.isKnown = true;
    // Before it is frozen: an answer that comes late, or never, must not leave it so.
    this.thawAfter(forMs);
    if (this.isFrozen) return;
    try {
      await ask(guest, 'guest-fsfreeze-freeze', FREEZE_TIMEOUT);
    } catch (error) {
      // What it may not do it has not done.
      if (isLibvirtError(error, 'AGENT_UNRESPONSIVE')) this.thawAfter(0);
      else this.cancel();
      throw error;
    }
    this.set(true);
  }

  /** @throws LibvirtError; the time of the freeze goes on then */
  async thaw(guest: Guest): Promise<void> {
    this.isKnown = true;
    await ask(guest, 'guest-fsfreeze-thaw', THAW_TIMEOUT);
    this.cancel();
    this.thawedBecause = undefined;
    this.set(false);
  }

  /** Another agent of this node has frozen it, and what it knew of the time ended with it. */
  resume(saidFrozen: boolean): void {
    if (this.isKnown || !saidFrozen) return;
    this.isKnown = true;
    this.isFrozen = true;
    this.thawAfter(0, 'the agent of its node was restarted');
  }

  close(): void {
    this.cancel();
  }

  private set(isFrozen: boolean): void {
    if (this.isFrozen === isFrozen) return;
    this.isFrozen = isFrozen;
    this.changed();
  }

  private cancel(): void {
    this.disarm?.();
    this.disarm = undefined;
  }

  private thawAfter(ms: number, why = 'the time of its freeze is over'): void {
    this.cancel();
    this.disarm = this.clock.after(ms, () => {
      void this.thawBecause(why).then((isThawed) => {
        if (!isThawed && this.disarm !== undefined) this.thawAfter(AGAIN_MS, why);
      });
    });
  }

  /** @returns whether it is; never rejects */
  private async thawBecause(why: string): Promise<boolean> {
    const guest = this.guest();
    if (guest === undefined) return false;
    try {
      await ask(guest, 'guest-fsfreeze-thaw', THAW_TIMEOUT);
    } catch {
      return false;
    }
    this.cancel();
    this.thawedBecause = why;
    this.set(false);
    return true;
  }
}
