import { canonicalUuid, isUuid, standsForNoUuid } from '../../api/uuid.js';
import { invalid } from '../rule/finding.js';
import { instanceRule } from '../rule/rule.js';
import { show } from '../rule/wording.js';

/*
 * What the firmware reports to the guest about itself. The reference passes it on unseen; libvirt or QEMU then refuses
 * to start.
 */

/**
 * Bytes. QEMU ends above 65535 for all of SMBIOS together (tested); no tool shows more than this, and a disk's serial
 * number has the same limit.
 */
const MAX_SERIAL = 256;
/** Characters that end a string in SMBIOS, or that XML cannot hold. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\uFFFE\uFFFF]/u;

const uuidProblem = (uuid: string): string | undefined => {
  if (!isUuid(uuid)) {
    const usual = canonicalUuid(uuid);
    return usual === undefined
      ? `${show(uuid)} is no UUID: write one such as "5d307ca9-b3ef-428c-8861-06e72d69f223", or nothing for a random one`
      : `${show(uuid)} is not the usual form of a UUID: write "${usual}"`;
  }
  return standsForNoUuid(uuid)
    ? `${show(uuid)} tells the guest that it has no UUID: write another one, or nothing for a random one`
    : undefined;
};

export const smbiosRules = [
  instanceRule({
    id: 'fw.uuid',
    field: '$.domain.firmware.uuid',
    source: 'none: libvirt would refuse it',
    summary: 'a UUID that is malformed, or that stands for none',
    check: ({ path, spec }) => {
      const uuid = spec.domain.firmware?.uuid;
      const problem = uuid ? uuidProblem(uuid) : undefined;
      return problem === undefined ? [] : [invalid(`${path}.domain.firmware.uuid`, problem)];
    },
  }),
  instanceRule({
    id: 'fw.serial',
    field: '$.domain.firmware.serial',
    source: 'none: QEMU or the guest would cut or refuse it',
    summary: `a serial number with unprintable characters, or of more than ${MAX_SERIAL} bytes`,
    check: ({ path, spec }) => {
      const serial = spec.domain.firmware?.serial;
      if (!serial) return [];
      const field = `${path}.domain.firmware.serial`;
      if (UNPRINTABLE.test(serial)) {
        return [invalid(field, `${show(serial)} has unprintable characters: write letters, digits and punctuation`)];
      }
      const bytes = Buffer.byteLength(serial);
      return bytes <= MAX_SERIAL
        ? []
        : [invalid(field, `has ${bytes} bytes, and a serial number at most ${MAX_SERIAL}: write a shorter one`)];
    },
  }),
];
