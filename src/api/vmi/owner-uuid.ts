import { createHash } from 'node:crypto';
import type { VirtualMachineInstance } from '../schema/kinds.js';

/** Random, once and for all: nobody else's UUIDs are made in it. */
const NAMESPACE = Buffer.from('0f1c7a3ed2b548f6a5c19b3e6d7f2a84', 'hex');

/** Version 5 of RFC 9562: the same name gives the same UUID. */
const uuidOf = (name: string): string => {
  const bytes = createHash('sha1').update(NAMESPACE).update(name).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
};

/**
 * The firmware UUID of a guest whose VirtualMachine has none, because it was stored while no webhook ran: the same at
 * every start. From the VirtualMachine's uid and not from its name: a licence server or an inventory may look after
 * several clusters, in which names repeat. Undefined for an instance of no VirtualMachine.
 */
export const uuidOfOwner = ({ metadata }: VirtualMachineInstance): string | undefined => {
  const owner = metadata?.ownerReferences?.find(
    ({ kind, controller }) => controller === true && kind === 'VirtualMachine',
  );
  return owner?.uid ? uuidOf(owner.uid) : undefined;
};
