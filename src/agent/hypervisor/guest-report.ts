import type {
  GuestAgentCommandInfo,
  VirtualMachineInstanceFileSystem as FileSystem,
  VirtualMachineInstanceFileSystemDisk as Disk,
  VirtualMachineInstanceGuestOSUser as User,
} from '../../api/schema/guest-info.js';
import { isRecord, recordOf } from '../../api/record.js';
import { foreignText } from './foreign-text.js';
import { isBytes } from './guest-usage.js';

/*
 * What the guest's agent answers, made into the lists that users ask for. The guest may lie and answer anything: what
 * is not of its form is left out, and all there is has a bound in number and in bytes. Pure.
 */

/** Of a text in an answer, bytes. */
const MAX_TEXT = 256;
const MAX_WORD = 64;
/** qemu-guest-agent 10 has 50. */
const MAX_COMMANDS = 256;
/** Sessions of a server that many work at. */
const MAX_USERS = 256;
/** One that runs containers mounts hundreds, and its own are among the first. */
const MAX_FILE_SYSTEMS = 128;
/** Disks below one file system: of an array. */
const MAX_DISKS = 8;
/** Seconds since 1970: the year 5138. */
const MAX_TIME = 1e11;
/** Zones are within 14 h of UTC. Seconds. */
const MAX_OFFSET = 24 * 3_600;

const textOf = (value: unknown, most = MAX_TEXT): string | undefined =>
  typeof value === 'string' ? foreignText(value, most) : undefined;

/** The first entries of what should be a list of objects. */
const recordsOf = (answer: unknown, most: number): readonly Readonly<Record<string, unknown>>[] =>
  (Array.isArray(answer) ? answer.slice(0, most) : []).filter(isRecord);

/** Of `guest-info`. */
export const agentInfo = (
  answer: unknown,
): { readonly guestAgentVersion?: string; readonly supportedCommands: GuestAgentCommandInfo[] } => {
  const { version, supported_commands: commands } = recordOf(answer);
  const guestAgentVersion = textOf(version, MAX_WORD);
  return {
    ...(guestAgentVersion === undefined ? {} : { guestAgentVersion }),
    supportedCommands: recordsOf(commands, MAX_COMMANDS).flatMap(({ name, enabled }) => {
      const word = textOf(name, MAX_WORD);
      return word === undefined ? [] : [{ name: word, enabled: enabled === true }];
    }),
  };
};

/** Of `guest-get-host-name`. */
export const hostName = (answer: unknown): string | undefined => textOf(recordOf(answer)['host-name']);

/** Of `guest-get-timezone`: the zone's name and its distance from UTC in seconds, as in `CET, 3600`. */
export const timeZone = (answer: unknown): string | undefined => {
  const { zone, offset } = recordOf(answer);
  if (typeof offset !== 'number' || !Number.isInteger(offset) || Math.abs(offset) > MAX_OFFSET) return undefined;
  return `${textOf(zone, MAX_WORD) ?? 'unknown'}, ${offset}`;
};

/** Of `guest-fsfreeze-status`. */
export const freezeStatus = (answer: unknown): 'frozen' | 'thawed' | undefined =>
  answer === 'frozen' || answer === 'thawed' ? answer : undefined;

/** Of `guest-get-users`. */
export const users = (answer: unknown): User[] =>
  recordsOf(answer, MAX_USERS).flatMap(({ user, domain, 'login-time': at }) => {
    const userName = textOf(user);
    if (userName === undefined) return [];
    const of = textOf(domain);
    const isTime = typeof at === 'number' && at >= 0 && at <= MAX_TIME;
    return [{ userName, ...(of === undefined ? {} : { domain: of }), ...(isTime ? { loginTime: at } : {}) }];
  });

const disks = (answer: unknown): Disk[] =>
  recordsOf(answer, MAX_DISKS).flatMap(({ 'bus-type': bus, serial }) => {
    const busType = textOf(bus, MAX_WORD);
    const of = textOf(serial);
    return busType === undefined ? [] : [{ busType, ...(of === undefined ? {} : { serial: of }) }];
  });

/** Of `guest-get-fsinfo`. One without sizes (of no disk, or by an agent older than QEMU 3.1) has 0. */
export const fileSystems = (answer: unknown): FileSystem[] =>
  recordsOf(answer, MAX_FILE_SYSTEMS).flatMap(
    ({ name, mountpoint, type, 'total-bytes': total, 'used-bytes': used, disk }) => {
      const [diskName, mountPoint, fileSystemType] = [textOf(name), textOf(mountpoint), textOf(type, MAX_WORD)];
      if (diskName === undefined || mountPoint === undefined || fileSystemType === undefined) return [];
      const [totalBytes, usedBytes] = [isBytes(total) ? total : 0, isBytes(used) ? used : 0];
      return [{ diskName, mountPoint, fileSystemType, usedBytes, totalBytes, disk: disks(disk) }];
    },
  );
