import { posix } from 'node:path';
import { DISK_IMAGE } from '../api/pod-layout.js';
import type { Volume } from '../api/schema/volumes.js';
import { volumeSourceKind, type MadeImage } from '../api/vmi/volume-source.js';
import {
  isActedOn,
  isMade,
  SOURCE_KINDS,
  VOLUME_SOURCES,
  type ActedOnSource,
  type MadeSource,
} from '../api/vmi/volume-sources.js';
import type { DiskContext, DomainContext } from './domain-input.js';
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
  /** Read-only where QEMU can do that; it has no read-only SATA disk. */
  readonly readonly?: boolean;
  /** Cannot be opened for writing at all. */
  readonly immutable?: boolean;
  /** Other VMs may have it open for writing at the same time, at their owner's risk. */
  readonly shareable?: boolean;
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
const overlayOver = (
  { volume, context }: Subject,
  type: DiskSource['type'],
  format: DiskSource['format'],
  image: XmlElement,
): DiskSource => ({
  type: 'file',
  format: 'qcow2',
  source: file(context.paths.overlay(volume.name)),
  backingStore: element('backingStore', { type }, element('format', { type: format }), image, endOfChain()),
  discard: true,
});

const containerDisk = (subject: Subject): DiskSource => {
  const { volume, index, context } = subject;
  const { format, path } = known(subject);
  return overlayOver(subject, 'file', format, file(path ?? context.paths.containerDisk(volume.name, index)));
};

/** The image or device of a claim. */
const claimed = (subject: Subject): Required<Pick<DiskSource, 'type' | 'format' | 'source'>> => {
  const { volume, context } = subject;
  const { format, blockDevice = false, path } = known(subject);
  return blockDevice
    ? { type: 'block', format, source: element('source', { dev: path ?? context.paths.blockDevice(volume.name) }) }
    : {
        type: 'file',
        format,
        source: file(path ?? posix.join(context.paths.persistentVolume(volume.name), DISK_IMAGE)),
      };
};

/** A raw image has no chain to end, and nothing looks into it for one. */
const chainOf = (format: DiskSource['format']): XmlElement | undefined =>
  format === 'qcow2' ? endOfChain() : undefined;

const claim = (subject: Subject): DiskSource => {
  const source = claimed(subject);
  const immutable = subject.volume.persistentVolumeClaim?.readOnly === true;
  return { ...source, backingStore: chainOf(source.format), discard: true, readonly: immutable, immutable };
};

/** Below the overlay QEMU opens the claim read-only, and other VMs may do so at the same time. */
const ephemeral = (subject: Subject): DiskSource => {
  const { type, format, source } = claimed(subject);
  return overlayOver(subject, type, format, source);
};

const hostDisk = (subject: Subject): DiskSource => {
  const { volume, context } = subject;
  const { format, path } = known(subject);
  const { path: onNode = '', shared } = volume.hostDisk ?? {};
  return {
    type: 'file',
    format,
    source: file(path ?? posix.join(context.paths.persistentVolume(volume.name), posix.basename(onNode))),
    backingStore: chainOf(format),
    discard: true,
    shareable: shared === true,
  };
};

/** What the agent made when the VM started, as its source declares it. */
const made = ({ volume, context }: Subject, { at, format, writable }: MadeImage<never>): DiskSource => ({
  type: 'file',
  format: format === 'qcow2' ? 'qcow2' : 'raw',
  source: file(context.paths[at](volume.name)),
  backingStore: chainOf(format === 'qcow2' ? 'qcow2' : 'raw'),
  ...(writable ? { discard: true } : { readonly: true }),
});

/** Disks whose bytes come from elsewhere. Source: docs/reference/domain.md §1.16. */
const SOURCES: Readonly<Record<Exclude<ActedOnSource, MadeSource>, (subject: Subject) => DiskSource>> = {
  containerDisk,
  dataVolume: claim,
  ephemeral,
  hostDisk,
  persistentVolumeClaim: claim,
};

/** Where the disk of a volume is; `index` is the volume's place in `spec.volumes`. @throws DomainError */
export const diskSource = (volume: Volume, index: number, context: DomainContext): DiskSource => {
  const kind = volumeSourceKind(volume);
  const at = `spec.volumes[${index}]`;
  if (!isActedOn(kind)) {
    const [what, known] = [kind ?? 'a volume without a source', SOURCE_KINDS.filter(isActedOn).sort().join(', ')];
    throw new DomainError('NotSupported', `${what} cannot be a disk yet; use ${known}`, at);
  }
  const subject = { volume, index, context, field: `${at}.${kind}` };
  return isMade(kind) ? made(subject, VOLUME_SOURCES[kind].image) : SOURCES[kind](subject);
};

/** A cdrom whose tray is empty. */
export const emptyDrive: DiskSource = { type: 'file', format: 'raw' };
