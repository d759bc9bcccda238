import { DEV, type ExampleTable } from '../rule/examples.js';

const FIRMWARE = 'spec.domain.firmware';

export const smbiosExamples: ExampleTable = {
  'fw.uuid': {
    accepts: ['5d307ca9-b3ef-428c-8861-06e72d69f223', '5D307CA9-B3EF-F28C-0861-06E72D69F223'].map((uuid) => ({
      [`${FIRMWARE}.uuid`]: uuid,
    })),
    refuses: [
      'web-1',
      '5d307ca9b3ef428c886106e72d69f223',
      '{5d307ca9-b3ef-428c-8861-06e72d69f223}',
      '00000000-0000-0000-0000-000000000000',
      'FFFFFFFF-ffff-ffff-ffff-ffffffffffff',
    ].map((uuid) => [{ [`${FIRMWARE}.uuid`]: uuid }, `${FIRMWARE}.uuid`]),
  },
  'fw.serial': {
    accepts: ['a'.repeat(256), 'é'.repeat(128), 'A-1, "B" <c>'].map((serial) => ({ [`${FIRMWARE}.serial`]: serial })),
    refuses: ['a'.repeat(257), 'é'.repeat(129), 'two\nlines', 'bell\u0007', 'half\ud83d'].map((serial) => [
      { [`${FIRMWARE}.serial`]: serial },
      `${FIRMWARE}.serial`,
    ]),
  },
  'fw.chassis': {
    accepts: [{ 'spec.domain.chassis': { asset: 'a'.repeat(256), serial: 'A-1, "B" <c>' } }],
    refuses: [
      [{ 'spec.domain.chassis': { asset: 'a'.repeat(257) } }, 'spec.domain.chassis.asset'],
      [{ 'spec.domain.chassis': { manufacturer: 'bell\u0007' } }, 'spec.domain.chassis.manufacturer'],
      [{ 'spec.domain.chassis': { sku: 'half\ud83d' } }, 'spec.domain.chassis.sku'],
    ],
  },
  'fw.bios-serial': {
    accepts: [{ [`${FIRMWARE}.bootloader`]: { bios: { useSerial: true } } }],
    refuses: [
      [
        { [`${FIRMWARE}.bootloader`]: { bios: { useSerial: true } }, [`${DEV}.autoattachSerialConsole`]: false },
        `${FIRMWARE}.bootloader.bios.useSerial`,
      ],
      [
        {
          [`${FIRMWARE}.bootloader`]: { bios: { useSerial: true } },
          [`${DEV}.autoattachSerialConsole`]: false,
          [`${DEV}.autoattachGraphicsDevice`]: false,
        },
        `${FIRMWARE}.bootloader.bios.useSerial`,
      ],
    ],
  },
};
