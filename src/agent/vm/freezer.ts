import { isLibvirtError } from 'node-libvirt';
import type { Clock } from '../../kube/clock.js';
import { freezeStatus } from '../hypervisor/guest-report.js';
import type { Hypervisor } from '../hypervisor/hypervisor.js';
import { recordOf } from '../../api/record.js';
import { Limiter } from './limiter.js';

type Guest = Pick<Hypervisor, 'guestAgent'>;

/** Seconds. A guest writes what it has in hand before it is frozen; virt-webhook waits ten. */
const FREEZE_TIMEOUT = 7;
const THAW_TIMEOUT = 5;
const STATUS_TIMEOUT = 2;
/** Who waits longer for his turn would not hear the answer any more, and nothing is frozen for nobody. */
const TURN_MS = 2_000;
/** A guest that does not thaw is told again; later one whose agent says that it may not. */
const AGAIN_MS = 10_000;
const REFUSED_AGAIN_MS = 60_000;
/** A guest that does not say whether it is frozen is asked again. */
const ASK_AGAIN_MS = 60_000;

const RESTARTED = 'the agent of its node was restarted';
const TIME_OVER = 'the time of its freeze is over';

const ask = (guest: Guest, execute: string, seconds: number): Promise<unknown> =>
  guest.guestAgent(JSON.stringify({ execute }), seconds);

/** Undefined where it does not say. */
const statusOf = async (guest: Guest): Promise<'frozen' | 'thawed' | undefined> => {
  try {
    return freezeStatus(recordOf(await ask(guest, 'guest-fsfreeze-status', STATUS_TIMEOUT)).return);
  } catch {
    return undefined;
  }
};

const isSilence = (error: unknown): boolean =>
  isLibvirtError(error, 'AGENT_UNRESPONSIVE') || isLibvirtError(error, 'AGENT_UNSYNCED');

/** What was frozen is not any more, and nobody had asked for that. */
export class ThawedMeanwhile extends Error {
  override readonly name = 'ThawedMeanwhile';
}
/** Others are freezing or thawing it. */
export class FreezerBusy extends Error {
  override readonly name = 'FreezerBusy';
}

/** A thaw that is due; another one takes its place. */
interface Deadline {
  disarm: () => void;
}

/**
 * The file systems of one VM's guest, frozen for a backup and thawed again: when somebody says so, when the time is
 * over that was given at the freeze, or when the agent that knew of it has ended. A guest that stays frozen is dead: so
 * from before a freeze until the guest has said that it is thawed there is always a thaw that is due.
 */
export class Freezer {
  /** Unknown: not asked yet, restarted, or a freeze was sent and what became of it was not said. */
  private state: 'unknown' | 'thawed' | 'frozen' = 'unknown';
  private deadline: Deadline | undefined;
  /** This agent has frozen it, or has seen to it that it is not: what its status says is ours. */
  private isKnown = false;
  private isClosed = false;
  private askedAt = -Infinity;
  private boots = 0;
  /** One command at a time: the answer to one must not be taken for what a later one did. */
  private readonly turns = new Limiter(1);

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
    return this.state === 'frozen';
  }

  /** The guest has not said that it is thawed. */
  get mayBeFrozen(): boolean {
    return this.state !== 'thawed';
  }

  /**
   * Freezes, or gives more or less time to what is frozen.
   * @throws LibvirtError as the guest's agent refuses; ThawedMeanwhile, FreezerBusy
   */
  freeze(guest: Guest, forMs: number): Promise<void> {
    const [askedAt, wasFrozen] = [this.clock.now(), this.frozen];
    return this.turns.run(async () => {
      if (this.clock.now() - askedAt > TURN_MS) throw new FreezerBusy('it is being frozen or thawed');
      if (this.frozen) return this.prolong(guest, forMs);
      if (wasFrozen && this.thawedBecause !== undefined) throw new ThawedMeanwhile(this.thawedBecause);
      return this.freezeNow(guest, forMs);
    });
  }

  /** @throws LibvirtError; the time of the freeze goes on then */
  thaw(guest: Guest): Promise<void> {
    this.isKnown = true;
    return this.turns.run(async () => {
      await ask(guest, 'guest-fsfreeze-thaw', THAW_TIMEOUT);
      this.isThawed(undefined);
    });
  }

  /**
   * At each look. Another agent of this node may have frozen it, and what it knew of the time ended with it: it had
   * written so, or is gone in between, and then the guest knows. Nobody waits for its answer.
   */
  resume(saidFrozen: boolean): void {
    if (this.state !== 'unknown') return;
    if (saidFrozen && !this.isKnown) {
      this.isKnown = true;
      this.set('frozen');
      this.thawAfter(0, RESTARTED);
      return;
    }
    const guest = this.guest();
    if (guest === undefined || this.clock.now() - this.askedAt < ASK_AGAIN_MS) return;
    this.askedAt = this.clock.now();
    void this.turns.run(() => this.learn(guest));
  }

  /** The guest was reset, or has rebooted: nothing of it is frozen, unless a freeze is under way. */
  rebooted(): void {
    this.boots += 1;
    this.askedAt = -Infinity;
    if (!this.frozen) return;
    this.thawedBecause = 'the guest was restarted';
    // The thaw that is due stays so until the guest says that it is thawed.
    this.set('unknown');
  }

  close(): void {
    this.isClosed = true;
    this.cancel();
  }

  private async freezeNow(guest: Guest, forMs: number): Promise<void> {
    const { boots } = this;
    this.isKnown = true;
    this.state = 'unknown';
    // Before it is frozen: an answer that comes late, or never, must not leave it so.
    this.thawAfter(forMs, TIME_OVER);
    try {
      await ask(guest, 'guest-fsfreeze-freeze', FREEZE_TIMEOUT);
    } catch (error) {
      const status = isSilence(error) ? undefined : await statusOf(guest);
      // An agent that is frozen refuses to freeze: then that is what was asked for.
      if (status !== 'frozen') {
        if (status === 'thawed') this.isThawed(undefined);
        // It may freeze yet.
        else this.thawAfter(0, TIME_OVER);
        throw error;
      }
    }
    if (boots !== this.boots) throw new ThawedMeanwhile('the guest was restarted');
    this.set('frozen');
  }

  /** A guest may have thawed by itself. */
  private async prolong(guest: Guest, forMs: number): Promise<void> {
    const answer = await ask(guest, 'guest-fsfreeze-status', STATUS_TIMEOUT);
    if (freezeStatus(recordOf(answer).return) === 'thawed') {
      const why = 'the guest has thawed them itself, or was restarted';
      this.isThawed(why);
      throw new ThawedMeanwhile(why);
    }
    if (!this.frozen) throw new ThawedMeanwhile(this.thawedBecause ?? '');
    this.thawAfter(forMs, TIME_OVER);
  }

  /** Never rejects. */
  private async learn(guest: Guest): Promise<void> {
    if (this.state !== 'unknown') return;
    const status = await statusOf(guest);
    if (status === undefined) return;
    this.isKnown = true;
    if (status === 'thawed') {
      this.isThawed(this.thawedBecause);
      return;
    }
    this.set('frozen');
    if (this.deadline === undefined) this.thawAfter(0, RESTARTED);
  }

  private isThawed(why: string | undefined): void {
    this.cancel();
    this.thawedBecause = why;
    this.set('thawed');
  }

  private set(state: 'unknown' | 'thawed' | 'frozen'): void {
    const was = this.frozen;
    this.state = state;
    if (this.frozen !== was) this.changed();
  }

  private cancel(): void {
    this.deadline?.disarm();
    this.deadline = undefined;
  }

  private thawAfter(ms: number, why: string): void {
    this.cancel();
    if (this.isClosed) return;
    const mine: Deadline = { disarm: () => undefined };
    mine.disarm = this.clock.after(ms, () => void this.turns.run(() => this.thawWhenDue(mine, why)));
    this.deadline = mine;
  }

  /** Never rejects. */
  private async thawWhenDue(mine: Deadline, why: string): Promise<void> {
    // It has had another time while this one waited for its turn.
    if (this.deadline !== mine) return;
    let againMs = AGAIN_MS;
    try {
      const guest = this.guest();
      if (guest !== undefined) {
        await ask(guest, 'guest-fsfreeze-thaw', THAW_TIMEOUT);
        this.isThawed(this.frozen ? why : this.thawedBecause);
        return;
      }
    } catch (error) {
      if (isLibvirtError(error) && !isSilence(error)) againMs = REFUSED_AGAIN_MS;
    }
    if (this.deadline === mine) this.thawAfter(againMs, why);
  }
}
