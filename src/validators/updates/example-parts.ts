import type { Change } from '../rule/examples.js';

/* Values that the examples of several files are made of. */

export const DISKS = 'spec.domain.devices.disks';
export const VOLUMES = 'spec.volumes';
export const disk = (name: string, more: object = { disk: { bus: 'scsi' } }) => ({ name, ...more });
export const claim = (name: string, claimName = name) => ({
  name,
  persistentVolumeClaim: { claimName, hotpluggable: true },
});
export const start = [disk('root', { disk: { bus: 'virtio' } }), disk('init', { disk: { bus: 'virtio' } })];
export const startVolumes = [
  { name: 'root', containerDisk: { image: 'registry.example/disk:v1' } },
  { name: 'init', cloudInitNoCloud: { userData: '#cloud-config' } },
];
/** A VM that runs, with the volume `data` added since. */
export const running = (disks: readonly object[] = [], volumes: readonly object[] = [], more: Change = {}): Change => ({
  [DISKS]: [...start, ...disks],
  [VOLUMES]: [...startVolumes, ...volumes],
  'status.volumeStatus': [
    { name: 'root', target: 'vda' },
    { name: 'init', target: 'vdb' },
    { name: 'data', target: 'sda', hotplugVolume: {} },
  ],
  ...more,
});
