import type { DiskContext } from '../../domain/index.js';
import { claimDevice, claimImage, claimInfo, claimName, localImage } from './claim.js';
import { diskFile } from './disk-file.js';
import type { Preparation, Preparer } from './preparation.js';
import { makeQcow2 } from './qcow2.js';

/** The image below the overlay. Nobody writes to it, so it must be there. */
const base = async (preparation: Preparation): Promise<DiskContext & { readonly path: string }> => {
  const { volume, workspace, options } = preparation;
  const local = options.localFile?.(volume.name);
  if (local !== undefined) return { ...(await localImage(preparation, local)), path: local };
  if (claimInfo(preparation).volumeMode === 'Block') {
    const path = workspace.paths.blockDevice(volume.name);
    return { ...(await claimDevice(preparation, path, false)), path };
  }
  const path = claimImage(preparation);
  const remedy = 'an ephemeral volume needs an image to begin with, so put a raw one there';
  const file = { path, owner: claimName(volume), create: { remedy }, written: false };
  return { ...(await diskFile(preparation, file)), path };
};

/** A qcow2 overlay that dies with the VM, over the image or device of a claim (docs/reference/domain.md §1.16). */
export const ephemeral: Preparer = {
  files: ({ name }, _index, paths) => [paths.overlay(name)],
  prepare: async (preparation) => {
    const { volume, workspace, options, own } = preparation;
    const image = await base(preparation);
    await makeQcow2(workspace, workspace.paths.overlay(volume.name), { file: image.path, format: image.format });
    const { format, blockDevice, path } = image;
    return {
      format,
      ...(blockDevice === undefined ? {} : { blockDevice }),
      // QEMU opens both in the same way.
      directIo: own.directIo && image.directIo === true,
      ...(options.localFile?.(volume.name) === undefined ? {} : { path }),
    };
  },
};
