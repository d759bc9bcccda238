import type { CustomBlockSize, Disk } from '../../api/schema/disks.js';
import { targetOf } from './disks.js';
import { invalid, NOTHING, type Finding } from '../rule/finding.js';
import { inEach } from '../rule/in-each.js';
import { instanceRule } from '../rule/rule.js';

/** What QEMU accepts. */
const MIN_SIZE = 512;
const MAX_SIZE = 2_097_152;

const isPowerOfTwo = (size: number): boolean => Number.isInteger(Math.log2(size));

const sizeFinding = (field: string, size: number): Finding[] => {
  if (size < MIN_SIZE) return [invalid(field, `${size} is below the smallest block size: write ${MIN_SIZE} or more`)];
  if (size > MAX_SIZE) return [invalid(field, `${size} is above the largest block size: write ${MAX_SIZE} or less`)];
  if (!isPowerOfTwo(size)) return [invalid(field, `${size} is not a power of two: write 512, 1024, 2048, 4096 …`)];
  return [];
};

/** How the sizes fit together comes first: what is wrong there makes the single size a second cause of one mistake. */
const customFindings = (disk: Disk, path: string, custom: CustomBlockSize): Finding[] => {
  const { logical = 0, physical = 0, discardGranularity } = custom;
  if (logical > physical) {
    return [invalid(`${path}.logical`, `${logical} is above the physical size ${physical}: write ${physical} or less`)];
  }
  if (targetOf(disk)?.bus === 'sata' && logical !== MIN_SIZE) {
    return [
      invalid(`${path}.logical`, `${logical} is not possible on the bus "sata": write ${MIN_SIZE}, or bus: virtio`),
    ];
  }
  if (discardGranularity && logical !== 0 && discardGranularity % logical !== 0) {
    return [
      invalid(
        `${path}.discardGranularity`,
        `${discardGranularity} is not a multiple of the logical size ${logical}: write ${logical}, or a multiple of it`,
      ),
    ];
  }
  return [...sizeFinding(`${path}.logical`, logical), ...sizeFinding(`${path}.physical`, physical)];
};

export const blockSizeRules = [
  instanceRule({
    id: 'disk.block-both',
    field: '$.domain.devices.disks[].blockSize',
    source: '§6.6',
    summary: 'block sizes that are both given and taken from the volume',
    check: ({ path, spec }) =>
      inEach(spec.domain.devices.disks, `${path}.domain.devices.disks`, ({ blockSize }, at) =>
        blockSize?.custom && blockSize.matchVolume && blockSize.matchVolume.enabled !== false
          ? [invalid(`${at}.blockSize`, 'has custom and matchVolume, and a disk has one block size: keep one')]
          : NOTHING,
      ),
  }),
  instanceRule({
    id: 'disk.block-size',
    field: '$.domain.devices.disks[].blockSize.custom',
    source: '§6.6 (disk.block-logical, -sata, -discard, -min, -max, -pow2)',
    summary: 'a block size that no disk can have',
    check: ({ path, spec }) =>
      inEach(spec.domain.devices.disks, `${path}.domain.devices.disks`, (disk, at) => {
        const { custom, matchVolume } = disk.blockSize ?? {};
        if (!custom || (matchVolume && matchVolume.enabled !== false)) return NOTHING;
        return customFindings(disk, `${at}.blockSize.custom`, custom);
      }),
  }),
];
