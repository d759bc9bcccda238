import { posix } from 'node:path';
import { isWritten } from './claim.js';
import { diskFile } from './disk-file.js';
import { wholeMiB } from './disk-size.js';
import type { Preparer } from './preparation.js';
import { VolumeError } from './volume-error.js';

/** An image on the node, whose directory is mounted. Source: docs/reference/domain.md §6.4. */
export const hostDisk: Preparer = {
  prepare: async (preparation) => {
    const { vmi, volume, workspace, options } = preparation;
    const { path: onNode, type, capacity = 0 } = volume.hostDisk ?? { path: '', type: '' };
    const local = options.localFile?.(volume.name);
    const path = local ?? posix.join(workspace.paths.persistentVolume(volume.name), posix.basename(onNode));
    const isMade = type === 'DiskOrCreate';
    const bytes = wholeMiB(capacity);
    if (isMade && bytes === 0n)
      throw new VolumeError(volume.name, 'permanent', `hostDisk.capacity ${capacity} is below the smallest size, 1Mi`);
    const remedy = 'put a raw image there, or write type: DiskOrCreate and a capacity to have one made';
    const create = isMade ? bytes : { remedy };
    const owner = `hostDisk ${posix.dirname(onNode)}`;
    const facts = await diskFile(preparation, { path, owner, create, written: isWritten(vmi, volume) });
    return local === undefined ? facts : { ...facts, path };
  },
};
