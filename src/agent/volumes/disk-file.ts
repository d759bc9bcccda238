import { posix } from 'node:path';
import { GUEST_ID } from '../../api/pod-layout.js';
import type { DiskContext } from '../../domain/index.js';
import { stagingName } from '../workspace/workspace.js';
import { DEFAULT_RESERVE_BYTES, DEFAULT_TOLERATE_PERCENT, fittingSize, usable, type Space } from './disk-size.js';
import { rawDirectIo } from './direct-io.js';
import { inspectVolume, isRegularFile, type Inspection } from './inspect.js';
import type { Preparation, PrepareOptions, VolumeNotice } from './preparation.js';
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
 * Arguments: the file, its bytes, its staging name. Sparse, and complete when it has its name; one that someone else
 * made meanwhile stays. What mv reports about that differs between its versions, so the file itself is checked.
 */
const CREATE_SCRIPT = `
umask 007
rm -f -- "$1".*.staging
dd if=/dev/null of="$3" status=none conv=excl oflag=nofollow bs=1 count=0 seek="$2" || exit 1
mv -n -T -- "$3" "$1"
rm -f -- "$3"
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
  requireUsable(preparation, file, found);
  const { blockSize, bytes, allocatedBytes } = found;
  const directIo = rawDirectIo(preparation, `${posix.basename(file.path)} of ${file.owner}`, found);
  return { format: 'raw', ...directIo, blockSize, preallocated: allocatedBytes >= bytes };
};

/** An error of the image: what is wrong with it. Never permanent: the storage can be repaired while the pod waits. */
const problemOf =
  ({ volume }: Preparation, { path, owner }: DiskFile) =>
  (message: string, cause?: unknown): VolumeError =>
    new VolumeError(volume.name, 'transient', `${posix.basename(path)} of ${owner} ${message}`, { cause });

const create = async (preparation: Preparation, file: DiskFile, { directory }: Inspection): Promise<void> => {
  const { volume, options, workspace } = preparation;
  const problem = problemOf(preparation, file);
  const give = `give that to the guest's user (chown ${guestOf(options)})`;
  if (!directory.searchable) throw problem(`cannot be looked for: ${ownership(directory)} owns its directory; ${give}`);
  if (typeof file.create !== 'bigint') throw problem(`does not exist; ${file.create.remedy}`);
  const { bytes, notice } = sizeFor(preparation, file, file.create, directory.availableBytes);
  if (!directory.writable && options.makeDiskFile === undefined)
    throw problem(
      `cannot be made: ${ownership(directory)} owns its directory, or it is read-only; ${give}, or put the image there`,
    );
  try {
    if (directory.writable) {
      const args = [file.path, bytes.toString(), stagingName(file.path)];
      await workspace.script('disk image', CREATE_SCRIPT, args);
    } else await options.makeDiskFile?.(volume.name, posix.basename(file.path), bytes);
  } catch (error) {
    throw problem(
      `cannot be made with ${bytes} bytes: ${error instanceof Error ? error.message : String(error)}`,
      error,
    );
  }
  if (notice !== undefined) options.notice?.(notice);
};

/** The guest's user as chown takes it. */
const guestOf = ({ guest = `${GUEST_ID}:${GUEST_ID}` }: PrepareOptions): string => guest;

const ownership = ({ uid, gid, mode }: { uid: number; gid: number; mode: string }): string =>
  `${uid}:${gid} (mode ${mode})`;

/** Less than was requested is reported, far less is refused. */
const sizeFor = (
  preparation: Preparation,
  file: DiskFile,
  demanded: bigint,
  available: bigint,
): { readonly bytes: bigint; readonly notice?: VolumeNotice } => {
  const { reserveBytes: reserve = DEFAULT_RESERVE_BYTES, toleratePercent = DEFAULT_TOLERATE_PERCENT } =
    preparation.options;
  const space: Space = { demanded, available, reserve, toleratePercent };
  const bytes = fittingSize(space);
  const numbers = `${demanded} bytes are demanded and ${usable(space)} available`;
  if (bytes === undefined)
    throw problemOf(
      preparation,
      file,
    )(
      `cannot be made: ${numbers} (${reserve} stay free), which is short by more than the tolerated ${toleratePercent} %; free some space, or use a larger volume`,
    );
  if (bytes === demanded) return { bytes };
  const what = `${posix.basename(file.path)} of ${file.owner}`;
  const message = `${what}: ${numbers}, which is tolerated (up to ${toleratePercent} % less); the disk has ${bytes} bytes`;
  return { bytes, notice: { type: 'Normal', reason: 'ToleratedSmallPV', message } };
};

const requireUsable = (preparation: Preparation, file: DiskFile, found: Inspection): void => {
  const refuse = problemOf(preparation, file);
  if (found.kind === undefined) throw refuse('is gone again, just after it was made; who else works there?');
  if (!isRegularFile(found)) throw refuse(`is a ${found.kind}, not a file; put the raw image itself there`);
  const verb = !found.readable ? 'read' : file.written && !found.writable ? 'written' : undefined;
  if (verb !== undefined)
    throw refuse(
      `cannot be ${verb} by the guest: it belongs to ${ownership(found)}, or its file system is read-only; give it to the guest's user (chown ${guestOf(preparation.options)})`,
    );
  if (found.bytes === 0n) throw refuse('is empty (0 bytes); put a raw image there, or remove it to have one made');
};
