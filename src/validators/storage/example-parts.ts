import { DEV } from '../rule/examples.js';

/* Values that the examples of several files are made of. */

export const disksAndVolumes = (disks: readonly string[], volumes: readonly object[]) => ({
  [`${DEV}.disks`]: disks.map((name) => ({ name, disk: { bus: 'virtio' } })),
  'spec.volumes': volumes,
});
