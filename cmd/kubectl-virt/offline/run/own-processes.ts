import { readdirSync, readFileSync } from 'node:fs';

/*
 * QEMU and passt outlive a libvirtd that is killed, and are no children of ours. Files that name them belong to the
 * guest's user, who could write any number there, and a pid may have been reused for another process by now. So only
 * what the kernel reports is trusted: a process is ours when it runs as the user whom we chose, in all four senses, and
 * its environment has a directory of this very run. Only that user could forge the second, and that user could end the
 * process anyway.
 */

interface Owner {
  readonly uid: number;
  /** Of this run alone: mkdtemp made its name. */
  readonly directory: string;
}

/** Of a process as the kernel shows it; undefined when it has ended or may not be examined. */
const read = (pid: number, file: string): string | undefined => {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return undefined;
  }
};

/** Real, effective, saved and file system uid. */
const runsAs = (pid: number, uid: number): boolean =>
  /^Uid:\s+(.*)$/m
    .exec(read(pid, 'status') ?? '')?.[1]
    ?.split(/\s+/)
    .every((each) => Number(each) === uid) === true;

export const isOwn = (pid: number, { uid, directory }: Owner): boolean =>
  runsAs(pid, uid) && (read(pid, 'environ') ?? '').split('\0').some((entry) => entry.includes(`=${directory}/`));

const ownProcesses = (owner: Owner): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    // 1 is the machine's, and we are not among those that are ended.
    .filter((pid) => pid > 1 && pid !== process.pid && isOwn(pid, owner));

/** Rounds, because one that is about to end may still start another. */
const ROUNDS = 5;

/** Ends what this run has started and left: QEMU and its helpers. */
export const killOwn = (owner: Owner): void => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const found = ownProcesses(owner);
    if (found.length === 0) return;
    for (const pid of found) {
      try {
        if (isOwn(pid, owner)) process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
    }
  }
};
