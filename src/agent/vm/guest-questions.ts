import { recordOf } from '../../api/record.js';
import type { Clock } from '../../kube/clock.js';
import type { Hypervisor } from '../hypervisor/hypervisor.js';

/** What a user may ask of the guest's agent; none changes anything. */
export type GuestQuestion =
  | 'guest-info'
  | 'guest-get-osinfo'
  | 'guest-get-host-name'
  | 'guest-get-timezone'
  | 'guest-get-users'
  | 'guest-get-fsinfo'
  | 'guest-fsfreeze-status';

/** How old an answer may be: however many ask, the guest is asked so often and no more. */
const FRESH_MS = 2_000;
/** One that answers does so at once. Seconds. */
const TIMEOUT = 5;

/**
 * What users ask one VM's guest agent. Each question is sent once for all who ask it in the same seconds: a guest's
 * agent answers one at a time, and may hang.
 */
export class GuestQuestions {
  private readonly asked = new Map<GuestQuestion, { readonly at: number; readonly answer: Promise<unknown> }>();

  constructor(private readonly clock: Clock) {}

  /** @throws LibvirtError where the agent does not answer, or not to this; Error for an answer of no bounds */
  ask(hypervisor: Pick<Hypervisor, 'guestAgent'>, question: GuestQuestion, seconds = TIMEOUT): Promise<unknown> {
    const known = this.asked.get(question);
    if (known !== undefined && this.clock.now() - known.at < FRESH_MS) return known.answer;
    const answer = hypervisor
      .guestAgent(JSON.stringify({ execute: question }), Math.min(seconds, TIMEOUT))
      .then((said) => recordOf(said).return);
    this.asked.set(question, { at: this.clock.now(), answer });
    // Who asks hears of it; nothing is left for whoever does not.
    answer.catch(() => undefined);
    return answer;
  }
}
