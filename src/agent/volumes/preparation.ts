import type { VmPaths } from '../../api/pod-layout.js';
import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import type { Volume } from '../../api/schema/volumes.js';
import type { DiskContext } from '../../domain/index.js';
import type { Workspace } from '../workspace/workspace.js';

/** Where a volume's image is: the root of a containerDisk's file system, or a file that the user named. */
export type ImageSource = { readonly root: string } | { readonly file: string };

/** What is reported to the owner of a VM about one of its volumes: an event. */
export interface VolumeNotice {
  readonly type: 'Normal' | 'Warning';
  readonly reason: 'ToleratedSmallPV' | 'UnalignedImage';
  readonly message: string;
}

export interface PrepareOptions {
  /** Finds the image of the containerDisk that is volume `index`. */
  readonly imageSource: (volume: string, index: number) => Promise<ImageSource>;
  /**
   * A file or device on this machine that is the claim or host disk of a volume (`kubectl virt run`), by absolute path.
   */
  readonly localFile?: (volume: string) => string | undefined;
  /** Who runs the guest, as chown takes it, for messages. Default: 107:107. */
  readonly guest?: string;
  /** Gives the block device of a volume to the guest's uid. Absent: it is the guest's already. */
  readonly takeBlockDevice?: (volume: string) => Promise<void>;
  /**
   * Makes a sparse file for the guest's uid in the directory of a volume, where that uid may not do it itself; one that
   * is there stays as it is. Absent: nobody can.
   */
  readonly makeDiskFile?: (volume: string, name: string, bytes: bigint) => Promise<void>;
  /** `configuration.developerConfiguration.diskVerification.memoryLimit` in bytes. */
  readonly memoryLimitBytes: bigint;
  /** `configuration.developerConfiguration.minimumReservePVCBytes`: what a claim keeps free. Default: 131072. */
  readonly reserveBytes?: bigint;
  /** `configuration.developerConfiguration.pvcTolerateLessSpaceUpToPercent`. Default: 10. */
  readonly toleratePercent?: number;
  readonly notice?: (notice: VolumeNotice) => void;
}

/** What is known of the file system on which a VM's own files are: overlays, emptyDisks, images made for it. */
export type OwnFileSystem = Required<Pick<DiskContext, 'directIo' | 'blockSize'>>;

/** One volume that is to be made ready. */
export interface Preparation {
  readonly vmi: VirtualMachineInstance;
  readonly volume: Volume;
  /** Its place in `spec.volumes`. */
  readonly index: number;
  readonly workspace: Workspace;
  readonly own: OwnFileSystem;
  readonly options: PrepareOptions;
}

/** How volumes of one source are made ready. */
export interface Preparer {
  /**
   * Files of the VM's own that are going to be made; their directories are there when {@link prepare} begins. What the
   * disk of such a volume is like is known of their file system, unless {@link prepare} knows better.
   */
  readonly files?: (volume: Volume, index: number, paths: VmPaths) => readonly string[];
  /**
   * Safe to run again after a kill at any point: what is complete is kept, what is not carries a staging name.
   * @throws VolumeError, CommandError
   */
  readonly prepare: (preparation: Preparation) => Promise<DiskContext>;
}
