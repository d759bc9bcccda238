import { MEBIBYTE } from '../../api/quantity.js';
import { CommandError } from '../workspace/command.js';
import { VolumeError } from './volume-error.js';

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

/**
 * Whether a look failed for what it looked at. It was killed for its time, memory or output: the same image would do
 * the same again. What did not begin says nothing about the image.
 */
export const isImagesFault = (error: unknown): error is CommandError =>
  error instanceof CommandError && (error.end === 'killed' || error.exitCode === 1);

/** A look that was killed ends the VM: tried again, it would be killed again, and again. */
export const killedLook = (volume: string, what: string, error: CommandError): VolumeError =>
  new VolumeError(
    volume,
    'permanent',
    `${what} cannot be looked at within ${LOOK_MEMORY_BYTES / MEBIBYTE} MiB, ${LOOK_CPU_SECONDS} s of processor time and a bounded output (${error.message}); rebuild it (qemu-img convert -O qcow2)`,
    { cause: error },
  );
