import { isIP } from 'node:net';
import type { VirtualMachineInstanceGuestOSInfo as GuestOSInfo } from '../../api/schema/guest-info.js';
import { foreignText } from './foreign-text.js';
import type { Hypervisor } from './hypervisor.js';
import { isRecord } from '../../api/record.js';

/** What the guest reports about itself through qemu-guest-agent. The guest may lie: nothing here decides anything. */
export interface GuestInfo {
  readonly os?: GuestOSInfo;
  readonly interfaces: readonly GuestInterface[];
}

export interface GuestInterface {
  readonly name: string;
  readonly mac: string;
  readonly addresses: readonly string[];
}

/** An agent that answers does so at once; one that hangs must not hold up anything for long. Seconds. */
const TIMEOUT = 5;
/** Bytes of the guest's text that are written to the API; longer text is cut. */
const MAX_TEXT = 256;
/** Names of interfaces: Linux's have 15 bytes, Windows' are words. */
const MAX_NAME = 64;
/** Interfaces that are looked at: a guest that runs containers has hundreds, and the VMI's own are among the first. */
const MAX_INTERFACES = 1_024;
/** Of one interface. */
const MAX_ADDRESSES = 16;
const MAC = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/;

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

/** Exported for tests. */
export const osInfo = (answer: unknown): GuestOSInfo | undefined => {
  if (!isRecord(answer)) return undefined;
  const info: GuestOSInfo = {};
  for (const [theirs, ours] of Object.entries(OS_FIELDS)) {
    const value = answer[theirs];
    if (typeof value === 'string') info[ours] = foreignText(value, MAX_TEXT);
  }
  return Object.keys(info).length === 0 ? undefined : info;
};

/** Exported for tests. */
export const guestInterfaces = (answer: unknown): GuestInfo['interfaces'] => {
  if (!Array.isArray(answer)) return [];
  return answer.slice(0, MAX_INTERFACES).flatMap((entry: unknown) => {
    if (!isRecord(entry)) return [];
    const { name, 'hardware-address': mac } = entry;
    if (typeof name !== 'string' || typeof mac !== 'string' || mac.length !== 17) return [];
    const address = mac.toLowerCase();
    if (!MAC.test(address)) return [];
    return [{ name: foreignText(name, MAX_NAME), mac: address, addresses: guestAddresses(entry['ip-addresses']) }];
  });
};

/** Link-local ones lead nowhere without the name of a link. */
const guestAddresses = (list: unknown): string[] =>
  (Array.isArray(list) ? list.slice(0, MAX_ADDRESSES) : []).flatMap((entry: unknown) => {
    const address = isRecord(entry) ? entry['ip-address'] : undefined;
    return typeof address === 'string' && address.length <= 45 && isIP(address) !== 0 && !/^fe80:/i.test(address)
      ? [address]
      : [];
  });
