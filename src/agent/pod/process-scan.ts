import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isContainers } from './cgroup-paths.js';
import { procText } from './proc-text.js';

interface Search {
  readonly podUid: string;
  readonly id: string;
  readonly found: number[];
  readonly resolve: (pids: readonly number[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Finds the processes of containers by a pass over /proc. One pass serves all that search at the time, and the next
 * begins when it has ended: on a full node a dozen VMs start at once, and a pass of each would read every process a
 * dozen times.
 */
export class ProcessScan {
  private waiting: Search[] = [];
  private running = false;

  /** @param proc The host's /proc (the agent shares the host's PID namespace); a test gives its own. */
  constructor(private readonly proc: string) {}

  /** Of a pass that begins after the call: what is there now is seen. */
  pidsOf(podUid: string, id: string): Promise<readonly number[]> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ podUid, id, found: [], resolve, reject });
      if (!this.running) void this.run();
    });
  }

  private async run(): Promise<void> {
    this.running = true;
    while (this.waiting.length > 0) {
      const searches = this.waiting;
      this.waiting = [];
      try {
        await this.pass(searches);
        for (const { resolve, found } of searches) resolve(found);
      } catch (error) {
        for (const { reject } of searches) reject(error);
      }
    }
    this.running = false;
  }

  private async pass(searches: readonly Search[]): Promise<void> {
    const pids = (await readdir(this.proc)).filter((name) => /^\d+$/.test(name));
    await Promise.all(
      pids.map(async (pid) => {
        const cgroups = await procText(join(this.proc, pid, 'cgroup'));
        for (const { podUid, id, found } of searches)
          // The first is the same for nearly every process, and quick.
          if (cgroups.includes(id) && isContainers(cgroups, podUid, id)) found.push(Number(pid));
      }),
    );
  }
}
