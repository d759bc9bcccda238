import type { Volume } from '../api/schema/volumes.js';
import type { DiskContext, DomainContext } from './context.js';
import { DomainError } from './error.js';
import { element, type XmlElement } from './xml.js';

/** Where the bytes of a disk are. */
export interface DiskSource {
  readonly type: 'file' | 'block';
  readonly format: 'raw' | 'qcow2';
  /** Undefined: an empty drive. */
  readonly source?: XmlElement;
  readonly backingStore?: XmlElement;
  /** The guest's discards may punch holes: what is only the VM's own, or a PVC. */
  readonly discard?: boolean;
  readonly readonly?: boolean;
}

/** Ends the chain, so that libvirt and QEMU never look into an image for the name of another file to open. */
const endOfChain = (): XmlElement => element('backingStore');

const file = (path: string): XmlElement => element('source', { file: path });

const known = (context: DomainContext, volume: string, field: string): DiskContext => {
  const disk = Object.hasOwn(context.disks, volume) ? context.disks[volume] : undefined;
  if (disk !== undefined) return disk;
  throw new DomainError('MissingInput', `the image of volume ${JSON.stringify(volume)} has not been examined`, field);
};

/** The guest writes to an overlay that dies with the pod; the image below it stays as it was. */
const containerDisk = (volume: string, index: number, context: DomainContext, field: string): DiskSource => {
  const { format, path } = known(context, volume, field);
  const image = path ?? context.paths.containerDisk(volume, index);
  return {
    type: 'file',
    format: 'qcow2',
    source: file(context.paths.overlay(volume)),
    backingStore: element(
      'backingStore',
      { type: 'file' },
      element('format', { type: format }),
      file(image),
      endOfChain(),
    ),
    discard: true,
  };
};

const claim = (volume: string, context: DomainContext, field: string): DiskSource => {
  const { format, blockDevice = false, path } = known(context, volume, field);
  const chain = format === 'qcow2' ? endOfChain() : undefined;
  if (blockDevice) {
    const source = element('source', { dev: path ?? context.paths.blockDevice(volume) });
    return { type: 'block', format, source, backingStore: chain, discard: true };
  }
  const source = file(path ?? `${context.paths.persistentVolume(volume)}/disk.img`);
  return { type: 'file', format, source, backingStore: chain, discard: true };
};

/** Source: spec/domain.md §1.16; `index` is the volume's place in `spec.volumes`. */
export const diskSource = (volume: Volume, index: number, context: DomainContext): DiskSource => {
  const field = `spec.volumes[${index}]`;
  if (volume.containerDisk) return containerDisk(volume.name, index, context, `${field}.containerDisk`);
  if (volume.persistentVolumeClaim) return claim(volume.name, context, `${field}.persistentVolumeClaim`);
  if (volume.dataVolume) return claim(volume.name, context, `${field}.dataVolume`);
  if (volume.emptyDisk) {
    const source = file(context.paths.emptyDisk(volume.name));
    return { type: 'file', format: 'qcow2', source, backingStore: endOfChain(), discard: true };
  }
  if (volume.cloudInitNoCloud) {
    return { type: 'file', format: 'raw', source: file(context.paths.cloudInitIso(volume.name)), readonly: true };
  }
  const kind = Object.keys(volume).find((key) => key !== 'name') ?? 'a volume without a source';
  throw new DomainError('NotSupported', `${kind} cannot be a disk yet; use containerDisk, emptyDisk or a PVC`, field);
};

/** A cdrom whose tray is empty. */
export const emptyDrive: DiskSource = { type: 'file', format: 'raw' };
