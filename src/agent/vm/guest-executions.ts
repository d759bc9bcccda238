import { randomUUID } from 'node:crypto';
import { readExecStatus, type GuestExecAnswer } from '../../agent-api/guest-exec.js';
import { isRecord } from '../../api/record.js';
import { sleep, type Clock } from '../../kube/clock.js';
import type { Hypervisor } from '../hypervisor/hypervisor.js';

/** Of one guest at a time; what they are costs the guest, and their ids us next to nothing. */
const MOST = 16;
/** A command that nobody has asked for in so long is forgotten here; it goes on in the guest. */
const FORGOTTEN_MS = 60 * 60_000;
/** Seconds. An agent that answers does so at once. */
const TIMEOUT = 3;
/** Characters of an answer: nearly the largest message that is taken of a libvirtd. */
const MOST_ANSWER = 1_000_000;
const FIRST_POLL_MS = 50;
const LAST_POLL_MS = 1_000;

interface Execution {
  readonly pid: number;
  askedAt: number;
  /** Somebody waits for it: the guest's agent says how a command ended only once. */
  isWaitedFor: boolean;
}

type Guest = Pick<Hypervisor, 'guestAgent'>;

export class TooManyExecutions extends Error {
  override readonly name = 'TooManyExecutions';
}
export class UnknownExecution extends Error {
  override readonly name = 'UnknownExecution';
}

/** The commands that users run in one VM's guest. */
export class GuestExecutions {
  private readonly running = new Map<string, Execution>();
  private starting = 0;
  private requests = 0;

  constructor(private readonly clock: Clock) {}

  /** One user's request; so many at a time. @throws TooManyExecutions */
  async request<T>(act: () => Promise<T>): Promise<T> {
    if (this.requests >= MOST) throw new TooManyExecutions(`${MOST} requests for its commands are under way`);
    this.requests += 1;
    try {
      return await act();
    } finally {
      this.requests -= 1;
    }
  }

  /**
   * Starts a command.
   * @param input base64
   * @returns its id, which nobody can guess
   * @throws TooManyExecutions; LibvirtError as the guest's agent refuses
   */
  async start(guest: Guest, [path = '', ...arg]: readonly string[], input: string | undefined): Promise<string> {
    this.forgetOld();
    if (this.running.size + this.starting >= MOST) throw new TooManyExecutions(`${MOST} commands run in it`);
    this.starting += 1;
    try {
      const options = { path, arg, 'capture-output': true, ...(input === undefined ? {} : { 'input-data': input }) };
      const answer = await this.ask(guest, 'guest-exec', options);
      const pid = isRecord(answer) ? answer['pid'] : undefined;
      if (typeof pid !== 'number' || !Number.isSafeInteger(pid)) throw new Error('the guest agent gave no pid');
      const id = randomUUID();
      this.running.set(id, { pid, askedAt: this.clock.now(), isWaitedFor: false });
      return id;
    } finally {
      this.starting -= 1;
    }
  }

  /**
   * Waits for the end of a command, not longer than `patienceMs` and one question.
   * @throws UnknownExecution; LibvirtError, also for more output than can be had: then it is forgotten
   */
  async wait(guest: Guest, id: string, patienceMs: number): Promise<GuestExecAnswer> {
    const execution = this.running.get(id);
    if (execution === undefined) throw new UnknownExecution('no command of this id runs in it');
    if (execution.isWaitedFor) throw new TooManyExecutions('somebody waits for this command already');
    execution.isWaitedFor = true;
    execution.askedAt = this.clock.now();
    const until = this.clock.now() + patienceMs;
    try {
      for (let pause = FIRST_POLL_MS; ; pause = Math.min(2 * pause, LAST_POLL_MS)) {
        const ended = readExecStatus(await this.ask(guest, 'guest-exec-status', { pid: execution.pid }));
        if (ended !== undefined) {
          this.running.delete(id);
          return { id, ...ended };
        }
        if (this.clock.now() + pause > until) return { id, exited: false };
        await sleep(this.clock, pause);
      }
    } catch (error) {
      this.running.delete(id);
      throw error;
    } finally {
      execution.isWaitedFor = false;
    }
  }

  private async ask(guest: Guest, execute: string, of: object): Promise<unknown> {
    const answer = await guest.guestAgent(JSON.stringify({ execute, arguments: of }), TIMEOUT, MOST_ANSWER);
    return isRecord(answer) ? answer['return'] : undefined;
  }

  private forgetOld(): void {
    for (const [id, { askedAt, isWaitedFor }] of this.running)
      if (!isWaitedFor && this.clock.now() - askedAt > FORGOTTEN_MS) this.running.delete(id);
  }
}
