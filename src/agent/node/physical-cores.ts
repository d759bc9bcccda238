import { join } from 'node:path';
import { kernelNames, kernelText } from '../pod/small-file.js';

/**
 * Cores of the node that are online: hardware threads of one core are one. Undefined where the kernel does not say.
 * @param root Where /sys is; for tests
 */
export const physicalCores = (root = '/'): number | undefined => {
  const directory = join(root, 'sys/devices/system/cpu');
  const cores = kernelNames(directory)
    .filter((name) => /^cpu\d+$/.test(name))
    .flatMap((cpu) => {
      // A CPU that is offline has no topology.
      const of = (file: string) => kernelText(join(directory, cpu, 'topology', file))?.trim();
      const [board, core] = [of('physical_package_id'), of('core_id')];
      return board === undefined || core === undefined ? [] : [`${board}/${core}`];
    });
  return new Set(cores).size || undefined;
};
