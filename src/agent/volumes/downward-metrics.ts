import { newDisk } from './vhostmd-disk.js';
import type { Preparer } from './preparation.js';

/** The disk of vhostmd, without metrics as yet; kept when it exists, because the guest and the agent have it open. */
export const downwardMetrics: Preparer = {
  files: ({ name }, _index, paths) => [paths.downwardMetrics(name)],
  prepare: async ({ volume: { name }, workspace }) => {
    const path = workspace.paths.downwardMetrics(name);
    if (!(await workspace.exists(path))) await workspace.writeFile(path, newDisk());
    return { format: 'raw' };
  },
};
