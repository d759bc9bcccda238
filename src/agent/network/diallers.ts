import { fileURLToPath } from 'node:url';
import { StatusError } from '../../agent-api/status-error.js';
import { workerFile } from '../../kube/program/worker-file.js';
import { inNetworkOf } from '../pod/pod-namespace.js';
import type { ContainerIdentity, ContainerProcess } from '../pod/pod-process.js';
import type { Command } from '../workspace/command.js';
import type { DialWish } from './dial-wish.js';
import { Dialler, type DialledSocket, type EnterNetwork } from './dialler.js';

/** Each is a process of some 15 MiB of the agent's own memory. */
const MOST_LIVING = 4;
const MOST_WAITING = 128;
/**
 * A pod that has connected for so long lets others go first: a guest that never answers holds a program for seconds.
 */
const TURN_MS = 5_000;

/** Nobody: who has none of the agent's rights, in case a guest finds a way into what connects to it. */
const NOBODY = '65534';
/** Exported for tests. */
export const DIAL_PROGRAM: Command = [
  ...(['setpriv', '--no-new-privs', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', '--'] as const),
  ...[process.execPath, '--max-semi-space-size=1', fileURLToPath(workerFile('network-dial'))],
];

/** Enters the network namespace of a container's process, and nothing else of it. */
export const networkOf =
  (place: () => Promise<{ readonly container: ContainerIdentity; readonly process: ContainerProcess }>): EnterNetwork =>
  async (use) => {
    const { container, process: first } = await place();
    return inNetworkOf(container, first, DIAL_PROGRAM, use);
  };

/** Whoever waits for a program of its VM. */
interface Waiter {
  readonly key: string;
  wake: () => void;
}

/** The programs that connect in pods' networks: a few at a time, each while connections are opened in its pod. */
export class Diallers {
  private readonly living = new Map<string, { readonly dialler: Dialler; readonly since: number }>();
  /** In the order in which they came. */
  private readonly waiting: Waiter[] = [];

  /**
   * @param key of the VM
   * @throws DialError, StatusError 429, ConfinementError
   */
  async dial(key: string, enter: EnterNetwork, wish: DialWish): Promise<DialledSocket> {
    if (this.waiting.length >= MOST_WAITING)
      throw new StatusError('TooManyRequests', 'too many connections are being opened on this node: try again');
    const own: Waiter = { key, wake: () => undefined };
    this.waiting.push(own);
    let dialler = this.turn(own, enter);
    while (dialler === undefined) {
      await new Promise<void>((resolve) => (own.wake = resolve));
      dialler = this.turn(own, enter);
    }
    this.waiting.splice(this.waiting.indexOf(own), 1);
    return dialler.dial(wish);
  }

  /** The VM is not this agent's any more. */
  end(key: string): void {
    this.living.get(key)?.dialler.end();
  }

  private turn(own: Waiter, enter: EnterNetwork): Dialler | undefined {
    const found = this.living.get(own.key);
    if (found === undefined) return this.makeRoom() ? this.start(own.key, enter) : undefined;
    const ahead = this.waiting.slice(0, this.waiting.indexOf(own)).some(({ key }) => key !== own.key);
    return ahead && performance.now() - found.since > TURN_MS ? undefined : found.dialler;
  }

  private makeRoom(): boolean {
    if (this.living.size < MOST_LIVING) return true;
    const idle = [...this.living.values()].find(({ dialler }) => dialler.isIdle);
    idle?.dialler.end();
    return idle !== undefined;
  }

  private start(key: string, enter: EnterNetwork): Dialler {
    const wakeAll = (): void => {
      for (const { wake } of this.waiting) wake();
    };
    const dialler: Dialler = new Dialler(
      enter,
      () => {
        if (this.living.get(key)?.dialler === dialler) this.living.delete(key);
        wakeAll();
      },
      wakeAll,
    );
    this.living.set(key, { dialler, since: performance.now() });
    return dialler;
  }
}
