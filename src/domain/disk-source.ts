import type { Volume } from '../api/schema/volumes.js';
import { volumeSourceKind, type VolumeSourceKind } from '../api/volume-source.js';
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

/** A volume, its place in `spec.volumes`, what is known of it, and the path of its source for errors. */
interface Subject {
  readonly volume: Volume;
  readonly index: number;
  readonly context: DomainContext;
  readonly field: string;
}

/** Ends the chain, so that libvirt and QEMU never look into an image for the name of another file to open. */
const endOfChain = (): XmlElement => element('backingStore');

const file = (path: string): XmlElement => element('source', { file: path });

const known = ({ context, volume: { name }, field }: Subject): DiskContext => {
  const disk = Object.hasOwn(context.disks, name) ? context.disks[name] : undefined;
  if (disk !== undefined) return disk;
  throw new DomainError('MissingInput', `the image of volume ${JSON.stringify(name)} has not been examined`, field);
};

/** The guest writes to an overlay that dies with the pod; the image below it stays as it was. */
const containerDisk = (subject: Subject): DiskSource => {
  const { volume, index, context } = subject;
  const { format, path } = known(subject);
  const image = path ?? context.paths.containerDisk(volume.name, index);
  return {
    type: 'file',
    format: 'qcow2',
    source: file(context.paths.overlay(volume.name)),
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

const claim = (subject: Subject): DiskSource => {
  const { volume, context } = subject;
  const { format, blockDevice = false, path } = known(subject);
  const chain = format === 'qcow2' ? endOfChain() : undefined;
  if (blockDevice) {
    const source = element('source', { dev: path ?? context.paths.blockDevice(volume.name) });
    return { type: 'block', format, source, backingStore: chain, discard: true };
  }
  const source = file(path ?? `${context.paths.persistentVolume(volume.name)}/disk.img`);
  return { type: 'file', format, source, backingStore: chain, discard: true };
};

const emptyDisk = ({ volume, context }: Subject): DiskSource => ({
  type: 'file',
  format: 'qcow2',
  source: file(context.paths.emptyDisk(volume.name)),
  backingStore: endOfChain(),
  discard: true,
});

const cloudInit = ({ volume, context }: Subject): DiskSource => ({
  type: 'file',
  format: 'raw',
  source: file(context.paths.cloudInitIso(volume.name)),
  readonly: true,
});

/** Source: spec/domain.md §1.16. */
const SOURCES: Partial<Record<VolumeSourceKind, (subject: Subject) => DiskSource>> = {
  cloudInitNoCloud: cloudInit,
  containerDisk,
  dataVolume: claim,
  emptyDisk,
  persistentVolumeClaim: claim,
};

/** Where the disk of a volume is; `index` is the volume's place in `spec.volumes`. @throws DomainError */
export const diskSource = (volume: Volume, index: number, context: DomainContext): DiskSource => {
  const kind = volumeSourceKind(volume);
  const at = `spec.volumes[${index}]`;
  const build = kind === undefined ? undefined : SOURCES[kind];
  if (kind !== undefined && build !== undefined) return build({ volume, index, context, field: `${at}.${kind}` });
  const what = kind ?? 'a volume without a source';
  throw new DomainError('NotSupported', `${what} cannot be a disk yet; use ${Object.keys(SOURCES).join(', ')}`, at);
};

/** A cdrom whose tray is empty. */
export const emptyDrive: DiskSource = { type: 'file', format: 'raw' };
