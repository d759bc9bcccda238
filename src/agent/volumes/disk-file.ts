import { posix } from 'node:path';
import type { DiskContext } from '../../domain/index.js';
import { DEFAULT_RESERVE_BYTES, DEFAULT_TOLERATE_PERCENT, fittingSize, usable, type Space } from './disk-size.js';
import { inspectVolume, isRegularFile, type Inspection } from './inspect.js';
import type { Preparation } from './preparation.js';
import { VolumeError } from './volume-error.js';

/** A raw image that is to be a disk. */
export interface DiskFile {
  readonly path: string;
  /** Whose it is, for messages: `claim data`. */
  readonly owner: string;
  /** Bytes to make it of when there is none; undefined: it must be there, and this is what else to do. */
  readonly create: bigint | { readonly remedy: string };
  /** A disk of the guest writes to it. */
  readonly written: boolean;
}

/**
 * Arguments: the file, its bytes. Sparse, and complete when it has its name; one that someone else made meanwhile stays.
 * mv's own word on that differs between its versions, so the file itself is asked.
 */
const CREATE_SCRIPT = `
umask 007
rm -f -- "$1.staging" && truncate --size="$2" -- "$1.staging" || exit 1
mv -n -T -- "$1.staging" "$1"
rm -f -- "$1.staging"
[ -e "$1" ]
`;

/** The image as it is, or made. It is raw whatever its first bytes say: they are the guest's. @throws VolumeError */
export const diskFile = async (preparation: Preparation, file: DiskFile): Promise<DiskContext> => {
  const look = (): Promise<Inspection> =>
    inspectVolume(preparation.workspace, preparation.volume.name, file.path, file.owner);
  let found = await look();
  if (found.kind === undefined) {
    await create(preparation, file, found);
    found = await look();
  }
  requireUsable(preparation.volume.name, file, found);
  const { directIo, blockSize, bytes, allocatedBytes } = found;
  return { format: 'raw', directIo, blockSize, preallocated: allocatedBytes >= bytes };
};

const create = async (preparation: Preparation, file: DiskFile, found: Inspection): Promise<void> => {
  const { volume, options, workspace } = preparation;
  const name = posix.basename(file.path);
  const { directory } = found;
  const problem = (message: string, cause?: unknown): VolumeError =>
    new VolumeError(volume.name, false, `${name} of ${file.owner} ${message}`, { cause });
  if (!directory.searchable)
    throw problem(
      `cannot be looked for: ${ownership(directory)} owns its directory; give that to uid 107 (chown 107:107)`,
    );
  if (typeof file.create !== 'bigint') throw problem(`does not exist; ${file.create.remedy}`);
  const bytes = sizeFor(preparation, file, file.create, directory.availableBytes);
  try {
    if (directory.writable) await workspace.script('disk image', CREATE_SCRIPT, [file.path, bytes.toString()]);
    else if (options.makeDiskFile !== undefined) await options.makeDiskFile(volume.name, name, bytes);
    else
      throw problem(
        `cannot be made: ${ownership(directory)} owns its directory, or that is read-only; give it to uid 107 (chown 107:107), or put the image there`,
      );
  } catch (error) {
    if (error instanceof VolumeError) throw error;
    throw problem(
      `cannot be made with ${bytes} bytes: ${error instanceof Error ? error.message : String(error)}`,
      error,
    );
  }
};

const ownership = ({ uid, gid, mode }: { uid: number; gid: number; mode: string }): string =>
  `${uid}:${gid} (mode ${mode})`;

/** Less than was demanded is told, far less is refused. */
const sizeFor = ({ volume, options }: Preparation, file: DiskFile, demanded: bigint, available: bigint): bigint => {
  const toleratePercent = options.toleratePercent ?? DEFAULT_TOLERATE_PERCENT;
  const space: Space = {
    demanded,
    available,
    reserve: options.reserveBytes ?? DEFAULT_RESERVE_BYTES,
    toleratePercent,
  };
  const bytes = fittingSize(space);
  const what = `${posix.basename(file.path)} of ${file.owner}`;
  const numbers = `${demanded} bytes are demanded and ${usable(space)} available`;
  if (bytes === undefined)
    throw new VolumeError(
      volume.name,
      false,
      `${what} cannot be made: ${numbers} (${space.reserve} stay free), which is short by more than the tolerated ${toleratePercent} %; free some space, or use a larger volume`,
    );
  if (bytes < demanded)
    options.notice?.({
      type: 'Normal',
      reason: 'ToleratedSmallPV',
      message: `${what}: ${numbers}, within the tolerance of ${toleratePercent} %; the disk has ${bytes} bytes`,
    });
  return bytes;
};

const requireUsable = (volume: string, file: DiskFile, found: Inspection): void => {
  const name = posix.basename(file.path);
  const refuse = (message: string): VolumeError =>
    new VolumeError(volume, false, `${name} of ${file.owner} ${message}`);
  if (found.kind === undefined) throw refuse('is gone again, just after it was made; who else works there?');
  if (!isRegularFile(found)) throw refuse(`is a ${found.kind}, not a file; put the raw image itself there`);
  const remedy = `give it to the guest's uid (chown 107:107) or use a file system that is not read-only`;
  if (!found.readable) throw refuse(`cannot be read by the guest: it belongs to ${ownership(found)}; ${remedy}`);
  if (file.written && !found.writable)
    throw refuse(`cannot be written by the guest: it belongs to ${ownership(found)}; ${remedy}`);
  if (found.bytes === 0n) throw refuse('is empty (0 bytes); put a raw image there, or remove it to have one made');
};
