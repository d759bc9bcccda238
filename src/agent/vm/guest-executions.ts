import { randomUUID } from 'node:crypto';
import { ConnectionClosedError } from 'node-libvirt';
import { readExecStatus, type GuestExecAnswer } from '../../agent-api/guest-exec.js';
import { isRecord } from '../../api/record.js';
import { errorMessage } from '../../kube/client/api-error.js';
import { sleep, type Clock } from '../../kube/clock.js';
import { AnswerTooLong } from '../hypervisor/answer-too-long.js';
import type { Hypervisor } from '../hypervisor/hypervisor.js';

/** Of one guest at a time; what they are costs the guest, and their ids us next to nothing. */
const MOST = 16;
/** A command that nobody has asked for in so long is forgotten here; it goes on in the guest. */
const FORGOTTEN_MS = 60 * 60_000;
/** One that nobody has asked for in so long makes room for another: who waits asks every second or two. */
const UNWATCHED_MS = 15_000;
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

/** qemu-guest-agent's words, of older and newer versions: it has restarted, or has said how the command ended. */
const NO_PID = /PID -?\d+ does not exist|Invalid parameter 'pid'/i;

/** What a command wrote is more than is read; what is asked for on a connection of its own ends that one alone. */
export const isTooMuch = (error: unknown): boolean =>
  error instanceof AnswerTooLong || (error instanceof ConnectionClosedError && error.reason === 'limit');

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
   * @param begin called before the guest hears of it, where it is not refused here
   * @returns its id, which nobody can guess
   * @throws TooManyExecutions; LibvirtError as the guest's agent refuses
   */
  async start(
    guest: Guest,
    [path = '', ...arg]: readonly string[],
    input: string | undefined,
    begin: () => void = () => undefined,
  ): Promise<string> {
    this.makeRoom();
    this.starting += 1;
    try {
      begin();
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
   * Waits for the end of a command, not longer than `patienceMs` and one question, or than others let it.
   * @throws UnknownExecution; LibvirtError, AnswerTooLong. It is forgotten only where no other question has an answer
   */
  async wait(
    guest: Guest,
    id: string,
    patienceMs: number,
    mayWait: () => boolean = () => true,
  ): Promise<GuestExecAnswer> {
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
        if (this.clock.now() + pause > until || !mayWait()) return { id, exited: false };
        await sleep(this.clock, pause);
      }
    } catch (error) {
      // An agent that did not answer once may yet say how it ended.
      if (isTooMuch(error) || NO_PID.test(errorMessage(error))) this.running.delete(id);
      throw error;
    } finally {
      execution.isWaitedFor = false;
      execution.askedAt = this.clock.now();
    }
  }

  private async ask(guest: Guest, execute: string, of: object): Promise<unknown> {
    const answer = await guest.guestAgent(JSON.stringify({ execute, arguments: of }), TIMEOUT, MOST_ANSWER);
    return isRecord(answer) ? answer['return'] : undefined;
  }

  /** @throws TooManyExecutions where somebody waits for each that runs */
  private makeRoom(): void {
    const idle = [...this.running].filter(([, { isWaitedFor }]) => !isWaitedFor);
    const silentFor = (askedAt: number): number => this.clock.now() - askedAt;
    for (const [id, { askedAt }] of idle) if (silentFor(askedAt) > FORGOTTEN_MS) this.running.delete(id);
    if (this.running.size + this.starting < MOST) return;
    const oldest = idle.sort(([, one], [, other]) => one.askedAt - other.askedAt)[0];
    if (oldest === undefined || silentFor(oldest[1].askedAt) < UNWATCHED_MS)
      throw new TooManyExecutions(`${MOST} commands run in it`);
    this.running.delete(oldest[0]);
  }
}
