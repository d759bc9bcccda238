import type { Volume } from '../schema/volumes.js';

/** What a volume's bytes come from: the name of the one field beside `name`. */
export type VolumeSourceKind = Exclude<keyof Volume, 'name'>;

/** Every source of a volume and its settings have the same name. */
export type SettingsOf<Kind extends VolumeSourceKind> = NonNullable<Volume[Kind]>;

/** The source of a volume; undefined where none is set. Admission sees to it that there is one at most. */
export const volumeSourceKind = (volume: Volume): VolumeSourceKind | undefined =>
  (Object.keys(volume) as (keyof Volume)[]).find(
    (key): key is VolumeSourceKind => key !== 'name' && volume[key] !== undefined,
  );

export type DiskTarget = 'disk' | 'cdrom' | 'lun';

/** An image that the agent makes among the VM's own files, and that is deleted with the pod. */
export interface MadeImage<Settings> {
  /** Its path, by its name in `VmPaths`. */
  readonly at: 'cloudInitIso' | 'contentIso' | 'downwardMetrics' | 'emptyDisk';
  /** `iso` needs xorriso where it is made, and is raw to QEMU. */
  readonly format: 'iso' | 'raw' | 'qcow2';
  /** Otherwise it is read-only where QEMU can do that, and the guest discards nothing. */
  readonly writable: boolean;
  /** Size of the disk; `small`: the files of a Secret or ConfigMap (1 MiB at most) or the like. */
  readonly capacity: 'small' | ((settings: Settings) => string | number);
}

/**
 * What the guest's disk is. `persistent`: an image or device that outlives the VM, which the guest writes; `overlay`: a
 * qcow2 file of the VM's own over an image that nobody writes; `none`: no disk.
 */
export type VolumeImage<Settings> = 'persistent' | 'overlay' | 'none' | MadeImage<Settings>;

/** Something that a source names and takes out of its namespace, or of the node. */
export interface SourceReference {
  readonly kind: 'ConfigMap' | 'Secret' | 'PersistentVolumeClaim' | 'ServiceAccount' | 'NodeDirectory';
  /** As it was written: it may be missing or empty. */
  readonly name: string | undefined;
  /** Path of the field that names it, below the source. */
  readonly field: string;
  /** Its files become the guest's, and the VM starts without them too. */
  readonly optional?: boolean;
}

/**
 * What each layer must know of a source; all of it is required, so that a new source answers every question. Where code
 * must differ (pod, domain, preparation) a complete record is keyed by the sources that need it.
 */
export interface VolumeSource<Settings> {
  /** Why admission refuses it, continuing "not acted on yet: "; false: it is acted on. */
  readonly refused: string | false;
  /** What in `domain.devices.disks` may show it; nothing for what is no disk. */
  readonly targets: readonly DiskTarget[];
  /** The one bus that a disk of it may be on, where there is only one. */
  readonly onlyBus: 'virtio' | undefined;
  readonly image: VolumeImage<Settings>;
  /**
   * Where kubelet mounts what the pod gets of it, by its name in `VmPaths` (a block device besides); `none`: nothing.
   */
  readonly mount: 'content' | 'secret' | 'persistentVolume' | 'none';
  /** A file system of the guest may show what kubelet mounts of it (`domain.devices.filesystems`). */
  readonly directory: boolean;
  /** What it names: the right to use that is asked for at admission, and `kubectl virt run` looks for it. */
  readonly references: (settings: Settings) => readonly SourceReference[];
  /** A VM has one of them at most. */
  readonly single: boolean;
  /** Can be added to a VM that runs. */
  readonly hotplug: boolean;
  /**
   * For `kubectl virt run`. `works`: the manifests hold it all; `inCluster`: what only a cluster has; `elsewhere`: what
   * this machine does not have, so that a local image has to stand for it.
   */
  readonly withoutCluster:
    'works' | { readonly inCluster: string } | { readonly elsewhere: (settings: Settings) => string };
}
