import { CommandError } from '../workspace/command.js';
import { stagingName, type Workspace } from '../workspace/workspace.js';
import { VolumeError } from './volume-error.js';

/** An image of what is in a directory. */
export interface IsoOrder {
  readonly volume: string;
  /** What the image is, for errors. */
  readonly what: string;
  /** The directory whose content becomes the root of the image. Links in it stay links. */
  readonly directory: string;
  readonly iso: string;
  /** ISO 9660's volume id, by which the guest finds it: 32 bytes at most. */
  readonly label: string;
}

/** 100,000 files, more than a ConfigMap can have, take a few seconds on an idle node. */
const TIMEOUT_SECONDS = 30;
/**
 * A ConfigMap or Secret holds 1 MiB in as many files as it likes, each 2 KiB at least with its entries in both
 * directories.
 */
const LIMITS = { memoryBytes: 512n * 1024n * 1024n, fileBytes: 512n * 1024n * 1024n };

/**
 * Arguments: the image, its staging name, then xorriso's commands. It prints the image, and dd puts that into a new
 * file, because xorriso itself would write into whatever stands at a name. Both have to succeed: descriptor 3 carries
 * xorriso's exit code past dd.
 */
const SCRIPT = `
iso=$1 staging=$2
shift 2
rm -f -- "$iso".*.staging
code=$(
  {
    { xorriso -as mkisofs -quiet "$@" 3>&-; echo $? >&3; } |
      dd of="$staging" status=none conv=excl,fsync oflag=nofollow bs=64K 3>&- || echo dd >&3
  } 3>&1
)
[ "$code" = 0 ] && mv -f -T -- "$staging" "$iso"
`;

/**
 * Makes the image under a staging name, then renames it: what carries the name is whole. The directory is given as one
 * argument and its names never are, so a name can say nothing to xorriso.
 *
 * - `-J -joliet-long`: names of up to 103 characters for Windows; longer ones are cut there.
 * - `-r`: Rock Ridge, names of up to 255 bytes for all others; everything is root's and may be read by all in the
 * guest.
 *
 * @throws VolumeError
 */
export const makeIso = async (workspace: Workspace, order: IsoOrder): Promise<void> => {
  const { volume, what, directory, iso, label } = order;
  const names = ['-J', '-joliet-long', '-r'];
  try {
    await workspace.script('xorriso', SCRIPT, [iso, stagingName(iso), '-V', label, ...names, directory], {
      timeoutSeconds: TIMEOUT_SECONDS,
      limits: LIMITS,
    });
  } catch (error) {
    const reason = error instanceof CommandError ? error.message : String(error);
    throw new VolumeError(volume, 'transient', `${what} could not be made: ${reason}`, { cause: error });
  }
};
