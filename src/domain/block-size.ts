import type { Disk } from '../api/schema/disks.js';
import type { BlockSizes, DiskContext } from './domain-input.js';
import { busOf } from './device-names.js';
import { DomainError } from './error.js';
import { element, type XmlElement } from './xml.js';

/** The largest logical block that the drivers of guests handle: a page. */
const PAGE = 4096;
/** The smallest block of any disk, and the only logical one of QEMU's SATA disks. */
const SECTOR = 512;
/** QEMU's limit. */
const MAX_SIZE = 2_097_152;

const isPossible = (size: number): boolean => size >= SECTOR && size <= MAX_SIZE && Number.isInteger(Math.log2(size));

const isMatched = ({ blockSize }: Disk): boolean =>
  blockSize?.matchVolume !== undefined && blockSize.matchVolume.enabled !== false;

/**
 * The sizes the guest sees for a volume with these. Pure. Source: docs/reference/domain.md §1.15 "Block size": a size
 * that is not known is the other one; a granularity that does not fit is the physical size. In one thing we differ: a
 * file system of larger blocks (NFS has up to 1 MiB) gives a page as the logical size, since no guest could read a disk
 * of larger ones.
 */
export const matchedSizes = (volume: BlockSizes, bus: string): BlockSizes | undefined => {
  const physical = Math.max(volume.physical, volume.logical) || 0;
  if (!isPossible(physical)) return undefined;
  const wanted = volume.logical || physical;
  const logical = bus === 'sata' ? SECTOR : Math.min(isPossible(wanted) ? wanted : physical, PAGE);
  const { discardGranularity: granularity } = volume;
  const discardGranularity = granularity !== 0 && granularity % logical === 0 ? granularity : physical;
  return { logical, physical, discardGranularity };
};

const matched = (disk: Disk, facts: DiskContext | undefined, field: string): BlockSizes => {
  const at = `${field}.blockSize.matchVolume`;
  if (facts?.blockSize === undefined)
    throw new DomainError('MissingInput', 'the block sizes of the volume are not known; write them in custom', at);
  const sizes = matchedSizes(facts.blockSize, busOf(disk));
  if (sizes !== undefined) return sizes;
  const { logical, physical } = facts.blockSize;
  throw new DomainError(
    'InvalidValue',
    `the volume has blocks of ${logical} and ${physical} bytes, which no disk can have; write sizes in custom`,
    at,
  );
};

/** `<blockio>`: the sizes the disk names, or those of its volume. */
export const blockSize = (disk: Disk, facts: DiskContext | undefined, field: string): XmlElement | undefined => {
  const { custom } = disk.blockSize ?? {};
  const sizes = isMatched(disk) ? matched(disk, facts, field) : custom;
  if (sizes === undefined) return undefined;
  return element('blockio', {
    logical_block_size: sizes.logical,
    physical_block_size: sizes.physical,
    discard_granularity: sizes.discardGranularity,
  });
};
