import { DEV, extra, type ExampleTable, V, volume } from '../rule/examples.js';

const filesystem = (name: string) => ({ [`${DEV}.filesystems`]: [{ name, virtiofs: {} }] });
const CONTAINER_PATH = { gates: ['ContainerPathVolumes'] } as const;

export const volumeDevicesExamples: ExampleTable = {
  'map.containerpath': {
    ...CONTAINER_PATH,
    why: 'A directory of the launcher is shared with the guest as a filesystem; it has no blocks.',
    accepts: [{ ...volume({ containerPath: { path: '/data' } }), ...filesystem('root'), [`${DEV}.disks`]: [] }],
    refuses: [
      [
        { ...volume({ containerPath: { path: '/data' } }), [`${DEV}.disks`]: [{ name: 'root', disk: {} }] },
        `${V}.containerPath`,
      ],
      [extra({ containerPath: { path: '/a' } }), 'spec.volumes[2].containerPath'],
      [
        {
          ...extra({ containerPath: { path: '/a' } }),
          ...filesystem('x'),
          [`${DEV}.disks[2]`]: { name: 'x', disk: { bus: 'virtio' } },
        },
        'spec.volumes[2].containerPath',
      ],
    ],
  },
  'map.containerpath-reserved': {
    ...CONTAINER_PATH,
    why: 'Whoever could write there could speak for the launcher.',
    accepts: [
      { ...volume({ containerPath: { path: '/data' } }), ...filesystem('root'), [`${DEV}.disks`]: [] },
      { ...extra({ containerPath: { path: '/var/run/other' } }), ...filesystem('x') },
    ],
    refuses: [
      [
        { ...volume({ containerPath: { path: '/var/run/libvirt' } }), ...filesystem('root'), [`${DEV}.disks`]: [] },
        `${V}.containerPath.path`,
      ],
      [
        { ...extra({ containerPath: { path: '/var/run/kubevirt/x' } }), ...filesystem('x') },
        'spec.volumes[2].containerPath.path',
      ],
    ],
  },
};
