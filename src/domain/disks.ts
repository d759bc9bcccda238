import { vcpuCount } from '../api/guest-size.js';
import type { Disk } from '../api/schema/disks.js';
import type { VirtualMachineInstance } from '../api/schema/kinds.js';
import { alias, pciAddress } from './address.js';
import type { DomainContext } from './context.js';
import { busOf, deviceNames, targetOf, type DeviceName } from './device-names.js';
import { diskSource, emptyDrive, type DiskSource } from './disk-source.js';
import { DomainError } from './error.js';
import { driverThreads, ioThreadPlan, type IoThreadPlan } from './iothreads.js';
import { virtioModel } from './virtio.js';
import { element, type XmlElement } from './xml.js';

const kindOf = (disk: Disk): 'disk' | 'cdrom' | 'lun' => (disk.cdrom ? 'cdrom' : disk.lun ? 'lun' : 'disk');

/** The value if it is one of `allowed`. */
const oneOf = (value: string | undefined, allowed: readonly string[], field: string): string | undefined => {
  if (value === undefined || value === '' || allowed.includes(value)) return value || undefined;
  throw new DomainError('InvalidValue', `${JSON.stringify(value)} is not one of ${allowed.join(', ')}`, field);
};

/** A shared disk must not be cached; otherwise the disk's own word, or what its file system can do (spec §4). */
const cacheOf = (disk: Disk, directIo: boolean | undefined, field: string): string | undefined => {
  const cache = oneOf(disk.cache, ['none', 'writethrough', 'writeback'], `${field}.cache`);
  if (disk.shareable === true) {
    if (cache === undefined || cache === 'none') return 'none';
    throw new DomainError('InvalidValue', 'a shareable disk needs cache "none"', `${field}.cache`);
  }
  if (cache === 'none' && directIo === false) {
    throw new DomainError('InvalidValue', '"none" needs direct I/O, which this file system lacks', `${field}.cache`);
  }
  return cache ?? (directIo === undefined ? undefined : directIo ? 'none' : 'writethrough');
};

const driver = (
  vmi: VirtualMachineInstance,
  disk: Disk,
  source: DiskSource,
  context: DomainContext,
  threads: IoThreadPlan,
  field: string,
) => {
  const { iothread, children } = driverThreads(threads.ofDisk.get(disk.name));
  const directIo = Object.hasOwn(context.disks, disk.name) ? context.disks[disk.name]?.directIo : undefined;
  const queues = vmi.spec.domain.devices.blockMultiQueue === true && busOf(disk) === 'virtio';
  const attributes = {
    name: 'qemu',
    type: source.format,
    cache: cacheOf(disk, source.source === undefined ? undefined : directIo, field),
    // stop: a full node pauses the guest instead of telling it that its disk broke.
    error_policy: oneOf(disk.errorPolicy, ['stop', 'ignore', 'report', 'enospace'], `${field}.errorPolicy`) ?? 'stop',
    io: oneOf(disk.io, ['native', 'threads'], `${field}.io`),
    discard: kindOf(disk) !== 'cdrom' && source.discard === true ? 'unmap' : undefined,
    queues: queues ? vcpuCount(vmi.spec) : undefined,
    iothread,
  };
  return element('driver', attributes, children);
};

const blockSize = (disk: Disk, field: string): XmlElement | undefined => {
  if (disk.blockSize?.matchVolume !== undefined) {
    throw new DomainError('NotSupported', 'is not supported yet; give the sizes in custom', `${field}.matchVolume`);
  }
  const custom = disk.blockSize?.custom;
  if (custom === undefined) return undefined;
  return element('blockio', {
    logical_block_size: custom.logical,
    physical_block_size: custom.physical,
    discard_granularity: custom.discardGranularity,
  });
};

const sourceOf = (vmi: VirtualMachineInstance, disk: Disk, context: DomainContext, field: string): DiskSource => {
  const volumes = vmi.spec.volumes ?? [];
  const index = volumes.findIndex(({ name }) => name === disk.name);
  const volume = volumes[index];
  if (volume !== undefined) return diskSource(volume, index, context);
  if (disk.cdrom) return emptyDrive;
  throw new DomainError('NotFound', `no volume is named ${JSON.stringify(disk.name)}; add one to spec.volumes`, field);
};

/**
 * A cdrom is read-only unless it says otherwise; cloud-init data are, where QEMU can do it: it has no read-only SATA disk,
 * and that is what a volume without a disk becomes. What a guest writes there is gone with the pod.
 */
const isReadonly = (disk: Disk, source: DiskSource): boolean => {
  if (disk.cdrom) return disk.cdrom.readonly !== false;
  const sata = busOf(disk) === 'sata';
  return targetOf(disk).readonly === true || (source.readonly === true && !sata);
};

const disk = (
  vmi: VirtualMachineInstance,
  spec: Disk,
  index: number,
  device: DeviceName,
  context: DomainContext,
  threads: IoThreadPlan,
): XmlElement => {
  const field = `spec.domain.devices.disks[${index}]`;
  const kind = kindOf(spec);
  const bus = busOf(spec);
  const source = sourceOf(vmi, spec, context, field);
  if (spec.lun && source.type !== 'block') {
    throw new DomainError('InvalidValue', 'a lun needs a block PVC or DataVolume behind it', `${field}.lun`);
  }
  const scsi =
    bus === 'scsi' ? element('address', { type: 'drive', controller: 0, bus: 0, unit: device.index }) : undefined;
  return element(
    'disk',
    { type: source.type, device: kind, model: kind === 'disk' && bus === 'virtio' ? virtioModel(vmi) : undefined },
    driver(vmi, spec, source, context, threads, field),
    source.source,
    source.backingStore,
    blockSize(spec, `${field}.blockSize`),
    element('target', { dev: device.name, bus, tray: spec.cdrom ? spec.cdrom.tray : undefined }),
    isReadonly(spec, source) ? element('readonly') : undefined,
    spec.shareable === true ? element('shareable') : undefined,
    kind === 'disk' && spec.serial ? element('serial', {}, spec.serial) : undefined,
    spec.bootOrder === undefined ? undefined : element('boot', { order: spec.bootOrder }),
    alias(spec.name, `${field}.name`),
    scsi ?? pciAddress(spec.disk?.pciAddress, `${field}.disk.pciAddress`),
  );
};

/** The disks in the order of the spec (spec/domain.md §1.15). */
export const disks = (vmi: VirtualMachineInstance, context: DomainContext): XmlElement[] => {
  const names = deviceNames(vmi);
  const threads = ioThreadPlan(vmi.spec);
  return (vmi.spec.domain.devices.disks ?? []).map((spec, index) =>
    disk(vmi, spec, index, names.get(spec.name) ?? { name: 'vda', index: 0 }, context, threads),
  );
};
