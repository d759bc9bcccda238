import { MEBIBYTE } from '../../api/quantity.js';
import { CommandError } from '../workspace/command.js';
import { VolumeError, type Owner } from './volume-error.js';

/**
 * The most memory that a look into an image nobody vouches for may take, whatever the configuration allows: the pod
 * pays for it, beside its libvirtd. qemu-img needs less than half of that for any image that a guest can use.
 */
const LOOK_MEMORY_BYTES = 128n * MEBIBYTE;
/** Looking reads a header, or the names of a directory; this much processor time only an image made to hurt takes. */
export const LOOK_CPU_SECONDS = 10;

/** For commands that are fed by an image. */
export const LOOK_LIMITS = { cpuSeconds: LOOK_CPU_SECONDS, memoryBytes: LOOK_MEMORY_BYTES };

/** What is set, within what is safe. */
export const lookMemory = (configuredBytes: bigint): bigint =>
  configuredBytes < LOOK_MEMORY_BYTES ? configuredBytes : LOOK_MEMORY_BYTES;

/** A look takes milliseconds; this much only where the node is busy or its storage hangs. */
export const LOOK_TIMEOUT_SECONDS = 60;

/**
 * Whether a look failed for what it looked at, or was cut short. What did not begin says nothing about the image.
 */
export const isImagesFault = (error: unknown): error is CommandError =>
  error instanceof CommandError && (isCut(error) || error.exitCode === 1);

const isCut = ({ end }: CommandError): boolean => end === 'killed' || end === 'timed-out';

/**
 * The error of a look that was cut short. Killed for its processor time, memory or output it ends the VM: the same
 * image would do the same again, and again. The clock alone says nothing about the image.
 * @returns undefined where the look ended by itself
 */
export const cutLook = (owner: Owner, what: string, error: CommandError): VolumeError | undefined => {
  if (!isCut(error)) return undefined;
  const cause = { cause: error };
  if (error.end === 'timed-out') {
    const wait = 'it is tried again: the node is busy, or its storage hangs';
    return new VolumeError(
      owner,
      'transient',
      `looking at ${what} ${error.message.replace(/^\S+ /, '')}; ${wait}`,
      cause,
    );
  }
  const limits = `${LOOK_MEMORY_BYTES / MEBIBYTE} MiB, ${LOOK_CPU_SECONDS} s of processor time and a bounded output`;
  const remedy = 'rebuild it (qemu-img convert -O qcow2)';
  return new VolumeError(
    owner,
    'permanent',
    `${what} cannot be looked at within ${limits} (${error.message}); ${remedy}`,
    cause,
  );
};
