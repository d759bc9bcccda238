import type { VmPaths } from '../../api/pod-layout.js';
import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import type { Volume } from '../../api/schema/volumes.js';
import type { DiskContext } from '../../domain/index.js';
import type { Workspace } from '../workspace/workspace.js';

/** Where a volume's image is: the root of a containerDisk's file system, or a file that the user named. */
export type ImageSource = { readonly root: string } | { readonly file: string };

/** What the owner of a VM should hear about one of its volumes: an event. */
export interface VolumeNotice {
  readonly type: 'Normal' | 'Warning';
  readonly reason: 'ToleratedSmallPV' | 'LunNotSupportedForFile';
  readonly message: string;
}

export interface PrepareOptions {
  /** Finds the image of the containerDisk (or, for `kubectl virt run`, PVC) that is volume `index`. */
  readonly imageSource: (volume: string, index: number) => Promise<ImageSource>;
  /** Gives the block device of a volume to the guest's uid. Absent: it is the guest's already. */
  readonly claimBlockDevice?: (volume: string) => Promise<void>;
  /** `configuration.developerConfiguration.diskVerification.memoryLimit` in bytes. */
  readonly memoryLimitBytes: bigint;
  /** `configuration.developerConfiguration.minimumReservePVCBytes`: what a claim keeps free. Default: 131072. */
  readonly reserveBytes?: bigint;
  /** `configuration.developerConfiguration.pvcTolerateLessSpaceUpToPercent`. Default: 10. */
  readonly toleratePercent?: number;
  readonly notice?: (notice: VolumeNotice) => void;
}

/** One volume that is to be made ready. */
export interface Preparation {
  readonly vmi: VirtualMachineInstance;
  readonly volume: Volume;
  /** Its place in `spec.volumes`. */
  readonly index: number;
  readonly workspace: Workspace;
  readonly options: PrepareOptions;
}

/** How volumes of one source are made ready. */
export interface Preparer {
  /** Files that are going to be made; their directories are there when {@link prepare} begins. */
  readonly files?: (volume: Volume, index: number, paths: VmPaths) => readonly string[];
  /**
   * Safe to run again after a kill at any point: what is complete is kept, what is not carries a staging name.
   * @throws VolumeError, CommandError
   */
  readonly prepare: (preparation: Preparation) => Promise<DiskContext>;
}
