import { canonicalUuid, isUuid, standsForNoUuid } from '../../api/uuid.js';
import { because, invalid, NOTHING } from '../rule/finding.js';
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

/** What is wrong with a text that the firmware is to report; undefined: nothing. Continues a field. */
const textProblem = (what: string, text: string | undefined): string | undefined => {
  if (!text) return undefined;
  if (UNPRINTABLE.test(text)) return `${show(text)} has unprintable characters: write letters, digits and punctuation`;
  const bytes = Buffer.byteLength(text);
  return bytes <= MAX_SERIAL ? undefined : `has ${bytes} bytes, and ${what} at most ${MAX_SERIAL}: write a shorter one`;
};

const CHASSIS = ['manufacturer', 'version', 'serial', 'asset', 'sku'] as const;

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
      const problem = textProblem('a serial number', spec.domain.firmware?.serial);
      return problem === undefined ? [] : [invalid(`${path}.domain.firmware.serial`, problem)];
    },
  }),
  instanceRule({
    id: 'fw.chassis',
    field: '$.domain.chassis',
    source: 'none: XML or the guest would cut or refuse it',
    summary: `a text about the chassis with unprintable characters, or of more than ${MAX_SERIAL} bytes`,
    check: ({ path, spec }) => {
      const { chassis } = spec.domain;
      if (chassis === undefined) return NOTHING;
      return CHASSIS.flatMap((name) => {
        const problem = textProblem('such a text', chassis[name]);
        return problem === undefined ? [] : [invalid(`${path}.domain.chassis.${name}`, problem)];
      });
    },
  }),
  instanceRule({
    id: 'fw.bios-serial',
    field: '$.domain.firmware.bootloader.bios.useSerial',
    source: 'none: libvirt would refuse it',
    summary: 'a BIOS that is to use the serial console of a VM without one',
    check: ({ path, spec: { domain } }) =>
      domain.firmware?.bootloader?.bios?.useSerial && domain.devices.autoattachSerialConsole === false
        ? because(`${path}.domain.devices.autoattachSerialConsole`, [
            invalid(
              `${path}.domain.firmware.bootloader.bios.useSerial`,
              'needs a serial console, and autoattachSerialConsole is false: remove one of the two',
            ),
          ])
        : NOTHING,
  }),
];
