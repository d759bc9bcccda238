import type { Clock } from '../../kube/clock.js';
import { withoutNumbers } from '../../kube/without-numbers.js';

/** How often what was said before is said again, though in other words. */
const SAME_MS = 60_000;
/** Causes of one failure that are news at once; a guest's uid may choose the words, and has no end of them. */
const MOST_CAUSES = 3;

interface Said {
  at: number;
  readonly causes: Set<string>;
}

/**
 * Which problems of VMs are news. A cause is reported as soon as it is seen; the same one with another pid, time or
 * size, one that takes turns with another, and ever new words, once a minute.
 */
export class Complaints {
  private readonly said = new Map<string, Said>();

  constructor(private readonly clock: Clock) {}

  /**
   * To be called before a problem is reported.
   * @param before What stands there. Nothing: the VM is well, and a new failure begins.
   */
  isNews(key: string, before: string | undefined, problem: string): boolean {
    if (before === problem) return false;
    const now = this.clock.now();
    // What another life of the agent said counts as said just now.
    const known = before === undefined ? undefined : (this.said.get(key) ?? said(now, before));
    const cause = withoutNumbers(problem);
    if (known !== undefined && now - known.at < SAME_MS) {
      if (known.causes.has(cause) || known.causes.size >= MOST_CAUSES) return false;
      known.causes.add(cause);
      known.at = now;
      return true;
    }
    this.said.set(key, said(now, problem));
    return true;
  }

  forget(key: string): void {
    this.said.delete(key);
  }
}

const said = (at: number, problem: string): Said => ({ at, causes: new Set([withoutNumbers(problem)]) });

/** Where a file lies on the node is not for the VM's owner: its name says enough. */
export const withoutPaths = (text: string): string => text.replace(/(?:\/[^/\s]+)+\/([^/\s]+)/g, '$1');
