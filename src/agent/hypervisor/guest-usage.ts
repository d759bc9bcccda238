import { foreignText } from './foreign-text.js';
import type { Hypervisor } from './hypervisor.js';
import { isRecord } from '../../api/record.js';

/** What the guest says of itself through qemu-guest-agent. It may lie. */
export interface GuestUsage {
  readonly fileSystems: readonly GuestFileSystem[];
  /** Averages over 1, 5 and 15 minutes of what runs or would run. */
  readonly load?: readonly [number, number, number];
}

export interface GuestFileSystem {
  readonly disk: string;
  readonly mountPoint: string;
  readonly type: string;
  readonly capacityBytes: number;
  readonly usedBytes: number;
}

/** Seconds. */
const TIMEOUT = 5;
/** File systems of one guest; one that runs containers mounts hundreds, and its own are among the first. */
const MAX_FILE_SYSTEMS = 32;
const MAX_MOUNT_POINT = 128;
const MAX_WORD = 32;
/** An exbibyte. No disk is larger, and up to it numbers are nearly exact. */
const MAX_BYTES = 2 ** 60;
/** Processes of a guest. */
const MAX_LOAD = 1e6;

export const isBytes = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MAX_BYTES;

/** Exported for tests. */
export const guestFileSystems = (answer: unknown): GuestFileSystem[] => {
  if (!Array.isArray(answer)) return [];
  const found = new Map<string, GuestFileSystem>();
  // An answer has some hundred thousand characters at most, so its list can be walked.
  for (const entry of answer as readonly unknown[]) {
    if (found.size === MAX_FILE_SYSTEMS) break;
    if (!isRecord(entry)) continue;
    const { name, mountpoint, type, 'total-bytes': capacity, 'used-bytes': used } = entry;
    if (typeof name !== 'string' || typeof mountpoint !== 'string' || typeof type !== 'string') continue;
    // An agent older than QEMU 3.1 says no sizes, and one of file systems without any says none of them.
    if (!isBytes(capacity) || !isBytes(used) || used > capacity) continue;
    const labels = {
      disk: foreignText(name, MAX_WORD),
      mountPoint: foreignText(mountpoint, MAX_MOUNT_POINT),
      type: foreignText(type, MAX_WORD),
    };
    const key = JSON.stringify(labels);
    if (!found.has(key)) found.set(key, { ...labels, capacityBytes: capacity, usedBytes: used });
  }
  return [...found.values()];
};

/** Exported for tests. */
export const guestLoad = (answer: unknown): GuestUsage['load'] => {
  if (!isRecord(answer)) return undefined;
  const [one, five, fifteen] = ['load1m', 'load5m', 'load15m'].map((name) => answer[name]);
  const isLoad = (value: unknown): value is number => typeof value === 'number' && value >= 0 && value <= MAX_LOAD;
  return isLoad(one) && isLoad(five) && isLoad(fifteen) ? [one, five, fifteen] : undefined;
};

/** Asks the guest agent; what it does not know or answer is left out. */
export const readGuestUsage = async (hypervisor: Pick<Hypervisor, 'guestAgent'>): Promise<GuestUsage> => {
  const ask = async (execute: string): Promise<unknown> => {
    try {
      const answer = await hypervisor.guestAgent(JSON.stringify({ execute }), TIMEOUT);
      return isRecord(answer) ? answer.return : undefined;
    } catch {
      return undefined;
    }
  };
  const fileSystems = guestFileSystems(await ask('guest-get-fsinfo'));
  const load = guestLoad(await ask('guest-get-load'));
  return { fileSystems, ...(load === undefined ? {} : { load }) };
};
