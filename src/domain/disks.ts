import type { Disk } from '../api/schema/disks.js';
import type { VirtualMachineInstance } from '../api/schema/kinds.js';
import { diskAlias } from '../api/vmi/device-alias.js';
import { alias, pciAddress } from './address.js';
import { blockSize } from './block-size.js';
import type { DomainContext } from './domain-input.js';
import { busOf, deviceNames, targetOf, type DeviceName } from './device-names.js';
import { diskDriver } from './disk-driver.js';
import { diskSource, emptyDrive, type DiskSource } from './disk-source.js';
import { DomainError } from './error.js';
import { ioThreadPlan, type IoThreadPlan } from './iothreads.js';
import { diskKind, factsOf } from './lun.js';
import { virtioPciKind } from '../api/vmi/pci-kind.js';
import { virtioModel } from './virtio.js';
import { element, type XmlElement } from './xml.js';

const sourceOf = (vmi: VirtualMachineInstance, disk: Disk, context: DomainContext, field: string): DiskSource => {
  const volumes = vmi.spec.volumes ?? [];
  const index = volumes.findIndex(({ name }) => name === disk.name);
  const volume = volumes[index];
  if (volume !== undefined) return diskSource(volume, index, context);
  if (disk.cdrom) return emptyDrive;
  throw new DomainError('NotFound', `no volume is named ${JSON.stringify(disk.name)}; add one to spec.volumes`, field);
};

/**
 * A cdrom is read-only unless it says otherwise; cloud-init data are, where QEMU can do it: it has no read-only SATA
 * disk, and that is what a volume without a disk becomes. What a guest writes there is deleted with the pod.
 */
const isReadonly = (disk: Disk, source: DiskSource, field: string): boolean => {
  if (disk.cdrom) return disk.cdrom.readonly !== false;
  const sata = busOf(disk) === 'sata';
  if (sata && source.immutable === true) {
    const remedy = 'give it the bus virtio or scsi, write "cdrom: {}", or remove readOnly from the volume';
    throw new DomainError('InvalidValue', `the volume is read-only, and a SATA disk cannot be: ${remedy}`, field);
  }
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
  const bus = busOf(spec);
  const source = sourceOf(vmi, spec, context, field);
  const facts = factsOf(context, spec);
  const kind = diskKind(spec, source, facts);
  const shareable = spec.shareable === true || source.shareable === true;
  const scsi =
    bus === 'scsi' ? element('address', { type: 'drive', controller: 0, bus: 0, unit: device.index }) : undefined;
  return element(
    'disk',
    { type: source.type, device: kind, model: kind === 'disk' && bus === 'virtio' ? virtioModel(vmi) : undefined },
    diskDriver({ vmi, disk: spec, source, facts, shareable, threads: threads.ofDisk.get(spec.name), field }),
    source.source,
    source.backingStore,
    // A lun has the blocks and the serial number of its device.
    kind === 'lun' ? undefined : blockSize(spec, facts, field),
    element('target', { dev: device.name, bus, tray: spec.cdrom ? spec.cdrom.tray : undefined }),
    isReadonly(spec, source, field) ? element('readonly') : undefined,
    shareable ? element('shareable') : undefined,
    kind !== 'lun' && spec.serial ? element('serial', {}, spec.serial) : undefined,
    spec.bootOrder === undefined ? undefined : element('boot', { order: spec.bootOrder }),
    alias(diskAlias(spec.name), `${field}.name`),
    scsi ?? pciAddress(spec.disk?.pciAddress, virtioPciKind(vmi.spec.domain), `${field}.disk.pciAddress`),
  );
};

/** The disks in the order of the spec (docs/reference/domain.md §1.15). */
export const disks = (vmi: VirtualMachineInstance, context: DomainContext): XmlElement[] => {
  const names = deviceNames(vmi);
  const threads = ioThreadPlan(vmi.spec);
  return (vmi.spec.domain.devices.disks ?? []).map((spec, index) => {
    const device = names.get(spec.name);
    if (device === undefined) throw new Error(`deviceNames gave disk ${JSON.stringify(spec.name)} no name`);
    return disk(vmi, spec, index, device, context, threads);
  });
};
