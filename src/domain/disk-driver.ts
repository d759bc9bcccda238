import { ALIGNMENT, alignedBytes } from '../api/vmi/image-size.js';
import { vcpuCount } from '../api/vmi/guest-size.js';
import type { Disk } from '../api/schema/disks.js';
import type { VirtualMachineInstance } from '../api/schema/kinds.js';
import type { DiskContext } from './domain-input.js';
import { busOf } from './device-names.js';
import type { DiskSource } from './disk-source.js';
import { DomainError } from './error.js';
import { driverThreads } from './iothreads.js';
import { element, type XmlElement } from './xml.js';

type CacheMode = 'none' | 'writethrough' | 'writeback';

/** The value if it is one of `allowed`. */
const oneOf = <Word extends string>(
  value: string | undefined,
  allowed: readonly Word[],
  field: string,
): Word | undefined => {
  if (value === undefined || value === '') return undefined;
  const word = allowed.find((each) => each === value);
  if (word !== undefined) return word;
  throw new DomainError('InvalidValue', `${JSON.stringify(value)} is not one of ${allowed.join(', ')}`, field);
};

const pathOf = ({ source }: DiskSource): string => source?.attributes['file'] ?? source?.attributes['dev'] ?? '?';

/** Why O_DIRECT does not work, and what to do about it. */
const withoutDirectIo = (source: DiskSource, facts: DiskContext | undefined): { why: string; remedy: string } => {
  const bytes = facts?.unalignedBytes;
  if (bytes === undefined) return { why: `the file system of ${pathOf(source)} lacks it`, remedy: 'use other storage' };
  return {
    why: `${pathOf(source)} has ${bytes} bytes, no multiple of ${ALIGNMENT}`,
    remedy: `enlarge the image to ${alignedBytes(bytes)} bytes (truncate -s, or qemu-img resize -f raw)`,
  };
};

/** A disk, where its bytes are, what is known of them, and the disk's path for errors. */
export interface DriverSubject {
  readonly vmi: VirtualMachineInstance;
  readonly disk: Disk;
  readonly source: DiskSource;
  readonly facts: DiskContext | undefined;
  readonly shareable: boolean;
  /** I/O threads by number. */
  readonly threads: readonly number[] | undefined;
  readonly field: string;
}

/**
 * Whether the host caches: a shared disk must not be cached; otherwise the disk's own setting, or what its file system
 * can do.
 * Source: docs/reference/domain.md §4.
 */
const cacheOf = ({ disk, source, facts, shareable, field }: DriverSubject): CacheMode | undefined => {
  const cache = oneOf<CacheMode>(disk.cache, ['none', 'writethrough', 'writeback'], `${field}.cache`);
  // An empty drive has no file system to look at.
  const directIo = source.source === undefined ? undefined : facts?.directIo;
  if (shareable && cache !== undefined && cache !== 'none')
    throw new DomainError('InvalidValue', 'a shareable disk needs cache "none"', `${field}.cache`);
  if (shareable && source.format === 'qcow2')
    throw new DomainError('InvalidValue', 'only a raw image can be shared, and this is qcow2', `${field}.shareable`);
  const asks = cache === 'none' ? 'cache' : shareable ? 'shareable' : undefined;
  if (asks !== undefined && directIo === false) {
    const what = asks === 'cache' ? '"none"' : 'a disk that several VMs write to';
    const { why, remedy } = withoutDirectIo(source, facts);
    throw new DomainError(
      'InvalidValue',
      `${what} needs direct I/O, and ${why}; ${asks === 'cache' ? 'write writethrough or writeback, or ' : ''}${remedy}`,
      `${field}.${asks}`,
    );
  }
  if (asks !== undefined) return 'none';
  if (cache !== undefined) return cache;
  // Asking for native I/O asks for direct I/O.
  if (directIo === undefined) return disk.io === 'native' ? 'none' : undefined;
  return directIo ? 'none' : 'writethrough';
};

/**
 * Native is faster where nothing can block: on a device, or an image whose blocks are all there
 * (docs/reference/domain.md §4).
 */
const ioOf = ({ disk, source, facts, field }: DriverSubject, cache: CacheMode | undefined): string | undefined => {
  const io = oneOf(disk.io, ['native', 'threads'], `${field}.io`);
  if (io === 'native' && cache !== undefined && cache !== 'none') {
    const { why: cannot, remedy } = withoutDirectIo(source, facts);
    const why = disk.cache ? `the disk has cache ${cache}` : cannot;
    throw new DomainError(
      'InvalidValue',
      `"native" needs direct I/O (cache "none"), and ${why}; write threads${disk.cache ? '' : `, or ${remedy}`}`,
      `${field}.io`,
    );
  }
  if (io !== undefined) return io;
  const neverBlocks = source.type === 'block' || facts?.preallocated === true;
  return cache === 'none' && source.source !== undefined && neverBlocks ? 'native' : undefined;
};

/** `<driver>` of a disk. @throws DomainError */
export const diskDriver = (subject: DriverSubject): XmlElement => {
  const { vmi, disk, source, field } = subject;
  const { iothread, children } = driverThreads(subject.threads);
  const queues = vmi.spec.domain.devices.blockMultiQueue === true && busOf(disk) === 'virtio';
  const cache = cacheOf(subject);
  const attributes = {
    name: 'qemu',
    type: source.format,
    cache,
    // stop: a full node pauses the guest instead of reporting a broken disk to it.
    error_policy: oneOf(disk.errorPolicy, ['stop', 'ignore', 'report', 'enospace'], `${field}.errorPolicy`) ?? 'stop',
    io: ioOf(subject, cache),
    discard: !disk.cdrom && source.discard === true ? 'unmap' : undefined,
    queues: queues ? vcpuCount(vmi.spec) : undefined,
    iothread,
  };
  return element('driver', attributes, children);
};
