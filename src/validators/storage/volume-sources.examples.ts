import { type Change, type ExampleTable, V } from '../rule/examples.js';

const volume = (source: object): Change => ({ [V]: { name: 'root', ...source } });
const empty = (capacity: string | number): Change => volume({ emptyDisk: { capacity } });
const created = (capacity: string | number): Change =>
  volume({ hostDisk: { path: '/disks/a.img', type: 'DiskOrCreate', capacity } });
const FIELD = `${V}.downwardAPI.fields[0]`;
const field = (file: object): Change => volume({ downwardAPI: { fields: [file] } });
const labelExamples = (source: string, settings: object): ExampleTable[string] => {
  const labelled = (volumeLabel: string): Change => volume({ [source]: { ...settings, volumeLabel } });
  return {
    accepts: [labelled('app config'), labelled(''), labelled('l'.repeat(32))],
    refuses: [
      [labelled('a-label-that-is-longer-than-an-image-has'), `${V}.${source}.volumeLabel`],
      [labelled('größe'), `${V}.${source}.volumeLabel`],
    ],
  };
};

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
  'vol.configmap-label': labelExamples('configMap', { name: 'c' }),
  'vol.secret-label': labelExamples('secret', { secretName: 's' }),
  'vol.downwardapi-label': labelExamples('downwardAPI', {}),
  'vol.downward-field': {
    accepts: [
      field({ path: 'pod/labels', fieldRef: { fieldPath: 'metadata.labels' } }),
      field({ path: 'a..b', fieldRef: { fieldPath: 'metadata.uid' } }),
      field({ path: 'cpu', resourceFieldRef: { resource: 'limits.cpu', containerName: 'compute' } }),
    ],
    refuses: [
      [field({ path: '/pod/labels', fieldRef: { fieldPath: 'metadata.labels' } }), `${FIELD}.path`],
      [field({ path: 'a/../b', fieldRef: { fieldPath: 'metadata.labels' } }), `${FIELD}.path`],
      [field({ path: '..data', fieldRef: { fieldPath: 'metadata.labels' } }), `${FIELD}.path`],
      [field({ path: '', fieldRef: { fieldPath: 'metadata.labels' } }), `${FIELD}.path`],
      [field({ path: 'labels' }), FIELD],
      [
        field({
          path: 'x',
          fieldRef: { fieldPath: 'metadata.uid' },
          resourceFieldRef: { resource: 'limits.cpu', containerName: 'compute' },
        }),
        FIELD,
      ],
      [field({ path: 'cpu', resourceFieldRef: { resource: 'limits.cpu' } }), `${FIELD}.resourceFieldRef.containerName`],
    ],
  },
};
