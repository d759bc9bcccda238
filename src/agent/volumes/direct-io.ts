import type { DiskContext } from '../../domain/index.js';
import { ALIGNMENT, alignedBytes, isAligned } from '../../api/vmi/image-size.js';
import type { Inspection } from './inspect.js';
import type { Preparation } from './preparation.js';

/**
 * Whether QEMU can go past the host's cache to a raw image. On a file system that can, it cannot with an image whose
 * size is no multiple of a block: QEMU would refuse it. Such an image is left as it is and gets the host's cache; its
 * owner is told.
 */
export const rawDirectIo = (
  { volume, options }: Preparation,
  what: string,
  { directIo, bytes }: Inspection,
): Pick<DiskContext, 'directIo' | 'unalignedBytes'> => {
  if (!directIo || isAligned(bytes)) return { directIo };
  const message = `volume ${volume.name}: ${what} has ${bytes} bytes, no multiple of ${ALIGNMENT}, so the host caches it, which is slower; enlarge it to ${alignedBytes(bytes)} bytes (truncate -s, or qemu-img resize -f raw)`;
  options.notice?.({ type: 'Warning', reason: 'UnalignedImage', message });
  return { directIo: false, unalignedBytes: bytes };
};
