import type { VirtualMachineInstance } from '../schema/kinds.js';
import type { Volume } from '../schema/volumes.js';
import { PERSISTENT_STATE } from '../pod-layout.js';
import { STATE_VOLUME } from './persistent-state.js';
import { sourceOf, SOURCE_KINDS, VOLUME_SOURCES } from './volume-sources.js';

type Spec = Pick<VirtualMachineInstance['spec'], 'domain' | 'volumes'>;

/** Bytes of the name by which a guest mounts a file system: the field of the virtio device has no more. */
export const MAX_FILESYSTEM_NAME = 36;

/** The sources whose directory a guest can have, in the order of the table. */
export const DIRECTORY_SOURCES = SOURCE_KINDS.filter((kind) => VOLUME_SOURCES[kind].directory);

export const isDirectory = (volume: Volume): boolean => sourceOf(volume)?.source.directory === true;

const names = (list: readonly { readonly name: string }[] | undefined, wanted: string): boolean =>
  list?.some(({ name }) => name === wanted) === true;

/** Whether a file system of the guest is the volume's. */
export const isShared = ({ domain: { devices } }: Spec, volume: string): boolean => names(devices.filesystems, volume);

/** Shown as a file system and as no disk, so that no image is made or looked for: its files are all there is to it. */
export const isOnlyShared = (spec: Spec, volume: string): boolean =>
  isShared(spec, volume) && !names(spec.domain.devices.disks, volume);

/** The volumes that file systems of the guest show, in the order of the volumes. */
export const sharedVolumes = (spec: Spec): Volume[] =>
  (spec.volumes ?? []).filter((volume) => isDirectory(volume) && isShared(spec, volume.name));

/**
 * What `status.volumeStatus[].target` says of a volume without a disk: of a file system what the guest mounts, of the
 * state of firmware and TPM its volume in the pod.
 * (Kubernetes 1.20 makes null of an empty text in a list that a merge patch replaces.)
 */
export const unnamed = ({ spec }: Pick<VirtualMachineInstance, 'spec'>, volume: string): string =>
  volume === STATE_VOLUME ? PERSISTENT_STATE.name : isShared(spec, volume) ? volume : '';
