import type { Change, ExampleTable } from '../rule/examples.js';

const kind = 'VirtualMachine' as const;
const T = 'spec.template.spec';
const REQUEST = 'status.volumeRequests';
const claim = (claimName: string) => ({ persistentVolumeClaim: { claimName } });
const add = (name: string, disk: object = { disk: { bus: 'scsi' } }, volumeSource: object = claim('data')) => ({
  addVolumeOptions: { name, disk: { name, ...disk }, volumeSource },
});
const remove = (name: string) => ({ removeVolumeOptions: { name } });
const requests = (...list: object[]): Change => ({ [REQUEST]: list });

export const volumeRequestsExamples: ExampleTable = {
  'vr.both': {
    kind,
    accepts: [requests(add('a'), remove('init'))],
    refuses: [
      [requests({ ...add('a'), ...remove('init') }), `${REQUEST}[0]`],
      [requests(add('a'), { ...add('b'), ...remove('a') }), `${REQUEST}[1]`],
    ],
  },
  'vr.none': {
    kind,
    accepts: [requests(remove('init')), { [REQUEST]: [] }],
    refuses: [
      [requests({}), `${REQUEST}[0]`],
      [requests(add('a'), {}), `${REQUEST}[1]`],
    ],
  },
  'vr.add-dup': {
    kind,
    accepts: [requests(add('a'), add('b'))],
    refuses: [
      [requests(add('a'), add('a')), `${REQUEST}[1].addVolumeOptions.name`],
      [requests(add('a'), add('b'), add('b')), `${REQUEST}[2].addVolumeOptions.name`],
    ],
  },
  'vr.remove-dup': {
    kind,
    accepts: [requests(remove('root'), remove('init'))],
    refuses: [
      [requests(remove('init'), remove('init')), `${REQUEST}[1].removeVolumeOptions.name`],
      [requests(remove('init'), add('a'), remove('init')), `${REQUEST}[2].removeVolumeOptions.name`],
    ],
  },
  'vr.add-disk': {
    kind,
    accepts: [
      requests(add('a', { disk: { bus: 'scsi' } })),
      requests(add('a', { disk: { bus: 'virtio' }, dedicatedIOThread: true, bootOrder: 1 })),
      requests(add('a', { lun: { bus: 'scsi' } })),
    ],
    refuses: [
      [requests(add('a', { disk: { bus: 'sata' } })), `${REQUEST}[0].addVolumeOptions.disk.disk.bus`],
      [requests(add('a', { disk: {} })), `${REQUEST}[0].addVolumeOptions.disk.disk.bus`],
      [requests(add('a', { lun: { bus: 'virtio' } })), `${REQUEST}[0].addVolumeOptions.disk.lun.bus`],
      [requests(add('a', { cdrom: { bus: 'scsi' } })), `${REQUEST}[0].addVolumeOptions.disk`],
      [
        requests(add('a', { disk: { bus: 'scsi' }, dedicatedIOThread: true })),
        `${REQUEST}[0].addVolumeOptions.disk.dedicatedIOThread`,
      ],
      [requests(add('a', { disk: { bus: 'scsi' }, bootOrder: 0 })), `${REQUEST}[0].addVolumeOptions.disk.bootOrder`],
    ],
  },
  'vr.add-template': {
    kind,
    accepts: [
      requests(add('data')),
      {
        ...requests(add('data')),
        [`${T}.volumes[2]`]: { name: 'data', persistentVolumeClaim: { claimName: 'data', hotpluggable: true } },
      },
    ],
    refuses: [
      [requests(add('root')), `${REQUEST}[0].addVolumeOptions.name`],
      [requests(add('a'), add('init')), `${REQUEST}[1].addVolumeOptions.name`],
    ],
  },
  'vr.result-template': {
    why: 'A volume that is added to the template is there at the next start, and must let the VM start.',
    kind,
    accepts: [
      requests(add('no')),
      requests(add('a'), add('b', { disk: { bus: 'virtio' } }, { dataVolume: { name: 'b' } }), remove('a')),
    ],
    refuses: [
      [requests(add('No')), `${REQUEST}[0].addVolumeOptions.name`],
      [requests(add('a', undefined, {})), `${REQUEST}[0].addVolumeOptions.volumeSource`],
      [
        requests(add('b'), add('a', undefined, { dataVolume: { name: '' } })),
        `${REQUEST}[1].addVolumeOptions.volumeSource.dataVolume.name`,
      ],
      [requests(add('a', { disk: { bus: 'scsi' }, cache: 'all' })), `${REQUEST}[0].addVolumeOptions.disk.cache`],
    ],
  },
};
