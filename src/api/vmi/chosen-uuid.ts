import { createHash } from 'node:crypto';
import type { VirtualMachineInstance } from '../schema/kinds.js';
import { isUuid } from '../uuid.js';
import { uuidOfOwner } from './owner-uuid.js';

/*
 * Whether a user chose a guest's UUID. One that admission made up is no other guest's, so only chosen ones are kept
 * apart. A made up one (by the webhook alone) shows it by itself, wherever it is copied to: its last eight digits
 * follow from the others.
 */

const LENGTH = 36;
const OWN_DIGITS = 28;

const digitsFor = (digits: string): string =>
  createHash('sha1')
    .update('kubevirt.io/system-uuid')
    .update(digits)
    .digest('hex')
    .slice(0, LENGTH - OWN_DIGITS);

/** @param random A UUID of random digits; what is none (a placeholder in a document) stays as it is. */
export const madeUpUuid = (random: string): string => {
  const digits = random.toLowerCase().slice(0, OWN_DIGITS);
  return isUuid(random) ? digits + digitsFor(digits) : random;
};

const isMadeUp = (uuid: string): boolean => uuid.slice(OWN_DIGITS) === digitsFor(uuid.slice(0, OWN_DIGITS));

/** The UUID that a user wrote, in lower case; undefined: none, and the guest has one of its own. */
export const chosenUuid = (vmi: VirtualMachineInstance): string | undefined => {
  const uuid = vmi.spec.domain.firmware?.uuid?.toLowerCase();
  if (uuid === undefined || !isUuid(uuid) || isMadeUp(uuid) || uuid === uuidOfOwner(vmi)) return undefined;
  return uuid;
};
