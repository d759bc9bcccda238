import { recordOf } from '../../api/record.js';
import type { Clock } from '../../kube/clock.js';
import { osInfo } from '../hypervisor/guest-agent.js';
import { agentInfo, fileSystems, freezeStatus, hostName, timeZone, users } from '../hypervisor/guest-report.js';
import type { Hypervisor } from '../hypervisor/hypervisor.js';

/** What a user may ask of the guest's agent, and how its answer is read; none changes anything. */
const READERS = {
  'guest-info': agentInfo,
  'guest-get-osinfo': osInfo,
  'guest-get-host-name': hostName,
  'guest-get-timezone': timeZone,
  'guest-get-users': users,
  'guest-get-fsinfo': fileSystems,
  'guest-fsfreeze-status': freezeStatus,
} as const satisfies Readonly<Record<string, (answer: unknown) => unknown>>;

export type GuestQuestion = keyof typeof READERS;
export type GuestAnswer<Q extends GuestQuestion> = ReturnType<(typeof READERS)[Q]>;

/** How old an answer may be: however many ask, the guest is asked so often and no more. */
const FRESH_MS = 2_000;
/** One that answers does so at once. Seconds. */
const TIMEOUT = 5;

/**
 * What users ask one VM's guest agent. Each question is sent once for all who ask it in the same seconds: a guest's
 * agent answers one at a time, and may hang. What it answered is kept no longer, and only what was read of it: of a
 * node full of guests that answer all they may it would be gigabytes.
 */
export class GuestQuestions {
  private readonly asked = new Map<GuestQuestion, { readonly seconds: number; readonly answer: Promise<unknown> }>();

  constructor(private readonly clock: Clock) {}

  /** @throws LibvirtError where the agent does not answer, or not to this; Error for an answer of no bounds */
  ask<Q extends GuestQuestion>(
    hypervisor: Pick<Hypervisor, 'guestAgent'>,
    question: Q,
    seconds = TIMEOUT,
  ): Promise<GuestAnswer<Q>> {
    const patience = Math.min(seconds, TIMEOUT);
    const known = this.asked.get(question);
    if (known !== undefined) {
      const answer = known.answer as Promise<GuestAnswer<Q>>;
      // It was given less time: that it failed says nothing of whether it would have been answered.
      return known.seconds < patience ? answer.catch(() => this.ask(hypervisor, question, seconds)) : answer;
    }
    const answer = hypervisor
      .guestAgent(JSON.stringify({ execute: question }), patience)
      .then((said) => READERS[question](recordOf(said).return) as GuestAnswer<Q>);
    this.asked.set(question, { seconds: patience, answer });
    const forget = (): void => void this.asked.delete(question);
    const forgetLater = (): void => void this.clock.after(FRESH_MS, forget);
    // Who asks hears of a failure; nothing is left for whoever does not.
    answer.then(forgetLater, patience < TIMEOUT ? forget : forgetLater);
    return answer;
  }

  /** Answers that are kept; for tests. */
  get size(): number {
    return this.asked.size;
  }
}
