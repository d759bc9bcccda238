import { V, type Change, type ExampleTable } from './shared.js';

const volume = (source: object): Change => ({ [V]: { name: 'root', ...source } });
const empty = (capacity: string | number): Change => volume({ emptyDisk: { capacity } });
const created = (capacity: string | number): Change =>
  volume({ hostDisk: { path: '/disks/a.img', type: 'DiskOrCreate', capacity } });

export const volumeSourcesExamples: ExampleTable = {
  'vol.empty-capacity': {
    accepts: [empty('1Mi'), empty('2Pi'), empty(1_048_576)],
    refuses: [
      [empty('1023Ki'), `${V}.emptyDisk.capacity`],
      [empty('-1Gi'), `${V}.emptyDisk.capacity`],
      [empty(0), `${V}.emptyDisk.capacity`],
      [empty('2251799813685249'), `${V}.emptyDisk.capacity`],
    ],
  },
  'vol.hostdisk-size': {
    gates: ['HostDisk'],
    accepts: [created('1Mi'), created('2Pi'), created(0), created('0')],
    refuses: [
      [created(20), `${V}.hostDisk.capacity`],
      [created('-1Gi'), `${V}.hostDisk.capacity`],
      [created('3Pi'), `${V}.hostDisk.capacity`],
    ],
  },
  'vol.ephemeral-claim': {
    accepts: [volume({ ephemeral: { persistentVolumeClaim: { claimName: 'c' } } })],
    refuses: [
      [volume({ ephemeral: {} }), `${V}.ephemeral.persistentVolumeClaim`],
      [
        volume({ ephemeral: { persistentVolumeClaim: { claimName: '' } } }),
        `${V}.ephemeral.persistentVolumeClaim.claimName`,
      ],
    ],
  },
  'vol.sysprep-source': {
    accepts: [volume({ sysprep: { configMap: { name: 'c' } } }), volume({ sysprep: { secret: { name: 's' } } })],
    refuses: [
      [volume({ sysprep: {} }), `${V}.sysprep`],
      [volume({ sysprep: { configMap: { name: 'c' }, secret: { name: 's' } } }), `${V}.sysprep`],
      [volume({ sysprep: { configMap: {} } }), `${V}.sysprep.configMap.name`],
      [volume({ sysprep: { secret: { name: '' } } }), `${V}.sysprep.secret.name`],
    ],
  },
};
