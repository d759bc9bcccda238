import type { VirtualMachineInstanceGuestOSInfo as GuestOSInfo } from '../api/schema/guest-info.js';
import type { Hypervisor } from './hypervisor.js';

/** What the guest tells about itself through qemu-guest-agent. The guest may lie: nothing here decides anything. */
export interface GuestInfo {
  readonly os?: GuestOSInfo;
  readonly interfaces: readonly { readonly name: string; readonly mac: string }[];
}

/** An agent that answers does so at once; one that hangs must not hold up anything for long. Seconds. */
const TIMEOUT = 5;
/** Text of the guest's that goes into the API; longer is cut. */
const MAX_TEXT = 256;
const MAX_INTERFACES = 64;

/** virQEMU's names of `guest-get-osinfo` to the API's. */
const OS_FIELDS: Readonly<Record<string, keyof GuestOSInfo>> = {
  name: 'name',
  'pretty-name': 'prettyName',
  version: 'version',
  'version-id': 'versionId',
  'kernel-release': 'kernelRelease',
  'kernel-version': 'kernelVersion',
  machine: 'machine',
  id: 'id',
};

/** Asks the guest agent; a command that it does not know or answer leaves its part out. */
export const readGuestInfo = async (hypervisor: Pick<Hypervisor, 'guestAgent'>): Promise<GuestInfo> => {
  const ask = async (command: string): Promise<unknown> => {
    try {
      const answer = await hypervisor.guestAgent(JSON.stringify({ execute: command }), TIMEOUT);
      return isRecord(answer) ? answer.return : undefined;
    } catch {
      return undefined;
    }
  };
  const os = osInfo(await ask('guest-get-osinfo'));
  const interfaces = guestInterfaces(await ask('guest-network-get-interfaces'));
  return { ...(os === undefined ? {} : { os }), interfaces };
};

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** Exported for tests. */
export const osInfo = (answer: unknown): GuestOSInfo | undefined => {
  if (!isRecord(answer)) return undefined;
  const info: GuestOSInfo = {};
  for (const [theirs, ours] of Object.entries(OS_FIELDS)) {
    const value = answer[theirs];
    if (typeof value === 'string') info[ours] = value.slice(0, MAX_TEXT);
  }
  return Object.keys(info).length === 0 ? undefined : info;
};

/** Exported for tests. */
export const guestInterfaces = (answer: unknown): GuestInfo['interfaces'] => {
  if (!Array.isArray(answer)) return [];
  return answer.slice(0, MAX_INTERFACES).flatMap((entry: unknown) => {
    if (!isRecord(entry)) return [];
    const { name, 'hardware-address': mac } = entry;
    return typeof name === 'string' && typeof mac === 'string'
      ? [{ name: name.slice(0, MAX_TEXT), mac: mac.toLowerCase().slice(0, MAX_TEXT) }]
      : [];
  });
};
