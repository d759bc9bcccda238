/** One process at a time does what is slow and shared: a lock file that outlives no kill. */
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startTime } from './processes.js';

/** The holder is alive when the pid in the file still has the start time in the file. */
const holder = (file: string): number | undefined => {
  try {
    const [pid = '', start] = readFileSync(file, 'utf8').trim().split(' ');
    return start !== undefined && startTime(Number(pid)) === start ? Number(pid) : undefined;
  } catch {
    return undefined;
  }
};

/** Runs `work` while holding the lock; waits, saying so once, while another process holds it. */
export const withLock = async <T>(file: string, log: (line: string) => void, work: () => Promise<T>): Promise<T> => {
  mkdirSync(path.dirname(file), { recursive: true });
  const own = `${file}.${process.pid}`;
  writeFileSync(own, `${process.pid} ${startTime(process.pid) ?? ''}`);
  let told = false;
  try {
    for (;;) {
      try {
        // A hard link appears with its content, or not at all.
        linkSync(own, file);
        break;
      } catch {
        const pid = holder(file);
        if (pid === undefined) rmSync(file, { force: true });
        else if (!told) log(`process ${pid} is at it (${file}); waiting for it`);
        told ||= pid !== undefined;
        await sleep(pid === undefined ? 10 : 1000);
      }
    }
    try {
      return await work();
    } finally {
      rmSync(file, { force: true });
    }
  } finally {
    rmSync(own, { force: true });
  }
};
