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
/** Of a namespace's VMs: a tenant whose guests never answer leaves the others' a way. */
const MOST_LIVING_OF_NAMESPACE = 2;
/** No more than there may be connections (MOST_FORWARDS), and some room for other namespaces' among them. */
const MOST_WAITING = { ofNamespace: 64, ofNode: 192 };
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

/** Whose guest a connection is to. */
export interface DialOwner {
  /** Of the VM, once and for all. */
  readonly key: string;
  readonly namespace: string;
}

/** Whoever waits for a program of its VM. */
interface Waiter extends DialOwner {
  wake: () => void;
}

interface Living {
  readonly dialler: Dialler;
  readonly namespace: string;
  readonly since: number;
}

/** The programs that connect in pods' networks: a few at a time, each while connections are opened in its pod. */
export class Diallers {
  private readonly living = new Map<string, Living>();
  /** In the order in which they came. */
  private readonly waiting: Waiter[] = [];
  /** Namespaces that wait, in the order in which they had their last turn; one that had none is not here. */
  private readonly served = new Set<string>();

  /**
   * @param given up: nobody waits for the connection any more
   * @throws DialError, StatusError 429, ConfinementError
   */
  async dial(
    { key, namespace }: DialOwner,
    enter: EnterNetwork,
    wish: DialWish,
    given?: AbortSignal,
  ): Promise<DialledSocket> {
    const neighbours = this.waiting.filter((waiter) => waiter.namespace === namespace);
    if (neighbours.length >= MOST_WAITING.ofNamespace || this.waiting.length >= MOST_WAITING.ofNode)
      throw new StatusError('TooManyRequests', 'too many connections are being opened on this node: try again');
    const own: Waiter = { key, namespace, wake: () => undefined };
    const wake = (): void => own.wake();
    given?.addEventListener('abort', wake);
    this.waiting.push(own);
    try {
      let dialler = this.turn(own, enter);
      while (dialler === undefined) {
        if (given?.aborted !== true) await new Promise<void>((resolve) => (own.wake = resolve));
        if (given?.aborted === true) throw new Error('nobody waits for the connection any more');
        dialler = this.turn(own, enter);
      }
      return await this.leave(own, () => dialler.dial(wish));
    } finally {
      given?.removeEventListener('abort', wake);
      this.leave(own, () => undefined);
    }
  }

  /** The VM is not this agent's any more. */
  end(key: string): void {
    this.living.get(key)?.dialler.end();
  }

  /** Whose turn is next may have changed. */
  private leave<T>(own: Waiter, then: () => T): T {
    const place = this.waiting.indexOf(own);
    if (place < 0) return then();
    this.waiting.splice(place, 1);
    if (!this.waiting.some(({ namespace }) => namespace === own.namespace)) this.served.delete(own.namespace);
    const result = then();
    this.wakeAll();
    return result;
  }

  private wakeAll(): void {
    for (const { wake } of [...this.waiting]) wake();
  }

  private turn(own: Waiter, enter: EnterNetwork): Dialler | undefined {
    const found = this.living.get(own.key);
    if (found === undefined) return this.next() === own && this.makeRoom() ? this.start(own, enter) : undefined;
    const ahead = this.waiting.slice(0, this.waiting.indexOf(own)).some((other) => this.mayStart(other));
    return ahead && performance.now() - found.since > TURN_MS ? undefined : found.dialler;
  }

  private mayStart({ key, namespace }: Waiter): boolean {
    return !this.living.has(key) && this.busyOf(namespace) < MOST_LIVING_OF_NAMESPACE;
  }

  /** Who of those that need a program gets the next: of the namespace that has the fewest, and waits the longest. */
  private next(): Waiter | undefined {
    const turns = [...this.served];
    const rank = ({ namespace }: Waiter): number =>
      this.busyOf(namespace) * (turns.length + 1) + turns.indexOf(namespace) + 1;
    return this.waiting
      .filter((waiter) => this.mayStart(waiter))
      .reduce<Waiter | undefined>(
        (best, one) => (best === undefined || rank(one) < rank(best) ? one : best),
        undefined,
      );
  }

  /** Programs that have something to do; others end as soon as there is need. */
  private busyOf(namespace: string): number {
    return [...this.living.values()].filter((one) => one.namespace === namespace && !one.dialler.isIdle).length;
  }

  private makeRoom(): boolean {
    if (this.living.size < MOST_LIVING) return true;
    const idle = [...this.living.values()].find(({ dialler }) => dialler.isIdle);
    idle?.dialler.end();
    return idle !== undefined;
  }

  private start({ key, namespace }: DialOwner, enter: EnterNetwork): Dialler {
    const dialler: Dialler = new Dialler(
      enter,
      () => {
        if (this.living.get(key)?.dialler === dialler) this.living.delete(key);
        this.wakeAll();
      },
      () => this.wakeAll(),
    );
    this.living.set(key, { dialler, namespace, since: performance.now() });
    this.served.delete(namespace);
    this.served.add(namespace);
    return dialler;
  }
}
