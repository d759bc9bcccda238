import { wholeMiB } from './disk-size.js';
import type { Preparer } from './preparation.js';
import { makeQcow2 } from './qcow2.js';
import { VolumeError } from './volume-error.js';

/** A sparse qcow2 file of whole MiB, kept when it exists. Source: docs/reference/domain.md §1.16. */
export const emptyDisk: Preparer = {
  files: ({ name }, _index, paths) => [paths.emptyDisk(name)],
  prepare: async ({ volume: { name, emptyDisk: source }, workspace }) => {
    const capacity = source?.capacity ?? 0;
    const bytes = wholeMiB(capacity);
    if (bytes <= 0n)
      throw new VolumeError(name, 'permanent', `emptyDisk.capacity ${capacity} is below the smallest size, 1Mi`);
    await makeQcow2(workspace, workspace.paths.emptyDisk(name), bytes);
    return { format: 'qcow2' };
  },
};
