import type { Change, ExampleTable } from '../rule/examples.js';

const kind = 'VirtualMachine' as const;
const RUN = 'spec.runStrategy';
const T = 'spec.template.spec';
const running = (value: boolean): Change => ({ [RUN]: undefined, 'spec.running': value });
const memory = (guest: string, maxGuest: string, more: Change = {}): Change => ({
  [`${T}.domain.memory`]: { guest, maxGuest },
  ...more,
});
const MAX_GUEST = `${T}.domain.memory.maxGuest`;

const snapshot: Change = { 'status.snapshotInProgress': 'nightly' };
const restore: Change = { 'status.restoreInProgress': 'yesterday' };
const volume2 = (image: string): Change => ({
  [`${T}.volumes[1]`]: { name: 'init', containerDisk: { image } },
});

const LABELS = 'spec.template.metadata.labels';
const ANNOTATIONS = 'spec.template.metadata.annotations';

export const virtualMachineExamples: ExampleTable = {
  'tpl.labels': {
    kind,
    accepts: [{ [LABELS]: { app: 'my-app' } }, { [LABELS]: { 'a.example/b': 'C_1', empty: '' } }],
    refuses: [
      [{ [LABELS]: { app: 'my app' } }, `${LABELS}.app`],
      [{ [LABELS]: { 'a b': 'c' } }, `${LABELS}[a b]`],
      [{ [LABELS]: { 'a/b/c': 'd' } }, `${LABELS}[a/b/c]`],
    ],
  },
  'tpl.annotations': {
    kind,
    accepts: [{ [ANNOTATIONS]: { 'a-note': 'b' } }, { [ANNOTATIONS]: { 'A.example/note': 'any text: ä\n' } }],
    refuses: [
      [{ [ANNOTATIONS]: { 'a note': 'b' } }, `${ANNOTATIONS}[a note]`],
      [{ [ANNOTATIONS]: { 'a/b/c': 'd' } }, `${ANNOTATIONS}[a/b/c]`],
    ],
  },
  'vm.template': {
    kind,
    accepts: [{ [T]: { domain: { devices: {}, memory: { guest: '1Gi' } } } }],
    refuses: [
      [{ 'spec.template': {} }, T],
      [{ 'spec.template': { metadata: { labels: { a: 'b' } } } }, T],
    ],
  },
  'vm.run-both': {
    kind,
    accepts: [{ [RUN]: 'Always' }, running(false), { [RUN]: 'Manual' }],
    refuses: [
      [{ 'spec.running': true, [RUN]: 'Always' }, 'spec.running'],
      [{ 'spec.running': true }, 'spec.running'],
      [{ 'spec.running': false, [RUN]: 'Always' }, 'spec.running'],
    ],
  },
  'vm.run-none': {
    kind,
    accepts: [{ [RUN]: 'Halted' }, running(true)],
    refuses: [
      [{ [RUN]: undefined }, RUN],
      [{ spec: { template: { spec: { domain: { devices: {}, memory: { guest: '1Gi' } } } } } }, RUN],
    ],
  },
  'vm.run-receiver': {
    why: 'This version does not receive a VM that another cluster sends.',
    kind,
    gates: ['DecentralizedLiveMigration'],
    accepts: [{ [RUN]: 'Halted' }, { [RUN]: 'Once' }],
    refuses: [
      [{ [RUN]: 'WaitAsReceiver' }, RUN],
      [{ [RUN]: 'WaitAsReceiver', 'spec.template.metadata.labels': { a: 'b' } }, RUN],
    ],
  },
  'vm.run-value': {
    kind,
    accepts: ['Always', 'Halted', 'Manual', 'RerunOnFailure', 'Once'].map((strategy) => ({ [RUN]: strategy })),
    refuses: [
      [{ [RUN]: 'Sometimes' }, RUN],
      [{ [RUN]: 'always' }, RUN],
      [{ [RUN]: '' }, RUN],
    ],
  },
  'vm.lu-memory': {
    kind,
    accepts: [
      memory('2Gi', '4Gi'),
      memory('1Gi', '1Gi'),
      memory('1026Mi', '2Gi'),
      memory('1Gi', '4Gi', { [`${T}.domain.cpu.cores`]: 2 }),
    ],
    refuses: [
      [memory('2Gi', '1Gi'), MAX_GUEST],
      [memory('1Gi', '2049Mi'), MAX_GUEST],
      [memory('1025Mi', '2Gi'), MAX_GUEST],
      [memory('512Mi', '1Gi', { [`${T}.domain.resources`]: {} }), MAX_GUEST],
      [memory('1Gi', '2Gi', { [`${T}.architecture`]: 's390x' }), MAX_GUEST],
    ],
  },
  'vm.snapshot-volumes': {
    why: 'A snapshot holds the volumes and their definition as they belong together.',
    kind,
    old: { ...snapshot, ...volume2('registry.example/a:v1') },
    accepts: [
      { ...snapshot, ...volume2('registry.example/a:v1'), 'metadata.labels': { a: 'b' } },
      { ...snapshot, ...volume2('registry.example/a:v1'), [`${T}.domain.cpu.cores`]: 2 },
    ],
    refuses: [
      [{ ...snapshot, ...volume2('registry.example/a:v2') }, `${T}.volumes[1].containerDisk.image`],
      [
        {
          ...snapshot,
          ...volume2('registry.example/a:v1'),
          [`${T}.volumes[2]`]: { name: 'c', emptyDisk: { capacity: '1Gi' } },
        },
        `${T}.volumes[2]`,
      ],
    ],
  },
  'vm.snapshot-running': {
    why: 'A snapshot is of a VM in one state.',
    kind,
    old: { ...snapshot, [RUN]: 'Always' },
    accepts: [{ ...snapshot, [RUN]: 'Always', [`${T}.domain.cpu.cores`]: 2 }],
    refuses: [
      [{ ...snapshot, [RUN]: 'Halted' }, RUN],
      // The stored object counts: leaving the status out does not help.
      [{ [RUN]: 'Manual' }, RUN],
      [{ ...snapshot, ...running(true) }, 'spec.running'],
    ],
  },
  'vm.restore-running': {
    why: 'A VM that starts while its volumes are restored would read half of each.',
    kind,
    old: { ...restore, [RUN]: 'Halted' },
    accepts: [
      { ...restore, [RUN]: 'Halted' },
      { ...restore, [RUN]: 'Halted', [`${T}.volumes[1]`]: { name: 'init', emptyDisk: { capacity: '1Gi' } } },
      // Says the same in the other field.
      { ...restore, ...running(false) },
    ],
    refuses: [
      [{ ...restore, [RUN]: 'Always' }, RUN],
      [{ ...restore, ...running(true) }, 'spec.running'],
    ],
  },
};

const REQUEST = 'status.volumeRequests';
const claim = (claimName: string) => ({ persistentVolumeClaim: { claimName } });
const add = (name: string, disk: object = { disk: { bus: 'scsi' } }, volumeSource: object = claim('data')) => ({
  addVolumeOptions: { name, disk: { name, ...disk }, volumeSource },
});
const remove = (name: string) => ({ removeVolumeOptions: { name } });
const requests = (...list: object[]): Change => ({ [REQUEST]: list });

export const volumeRequestExamples: ExampleTable = {
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

const DVT = 'spec.dataVolumeTemplates';
const storage = { resources: { requests: { storage: '2Gi' } } };
const blank = { blank: {} };
const template = (spec: object = { storage, source: blank }, metadata: object = { name: 'data' }) => ({
  metadata,
  spec,
});
/** The template's second volume uses the DataVolume. */
const templates = (...list: object[]): Change => ({
  [DVT]: list,
  [`${T}.volumes[1]`]: { name: 'init', dataVolume: { name: 'data' } },
});

export const dataVolumeTemplateExamples: ExampleTable = {
  'dvt.name': {
    kind,
    accepts: [templates(template())],
    refuses: [
      [templates(template(undefined, {})), `${DVT}[0].metadata.name`],
      [templates(template(), { spec: { storage, source: blank } }), `${DVT}[1].metadata.name`],
    ],
  },
  'dvt.name-form': {
    kind,
    accepts: [
      {
        ...templates(template(undefined, { name: 'a.b' })),
        [`${T}.volumes[1]`]: { name: 'init', dataVolume: { name: 'a.b' } },
      },
    ],
    refuses: ['A', 'a_b'].map((name) => [
      { ...templates(template(undefined, { name })), [`${T}.volumes[1]`]: { name: 'init', dataVolume: { name } } },
      `${DVT}[0].metadata.name`,
    ]),
  },
  'dvt.name-unique': {
    kind,
    accepts: [
      {
        ...templates(template(), template(undefined, { name: 'logs' })),
        [`${T}.volumes[0]`]: { name: 'root', dataVolume: { name: 'logs' } },
      },
      templates(template()),
    ],
    refuses: [
      [templates(template(), template()), `${DVT}[1].metadata.name`],
      [
        templates(template(), template({ storage, sourceRef: { kind: 'DataSource', name: 'x' } })),
        `${DVT}[1].metadata.name`,
      ],
    ],
  },
  'dvt.no-target': {
    kind,
    accepts: [templates(template()), templates(template({ pvc: { accessModes: ['ReadWriteOnce'] }, source: blank }))],
    refuses: [
      [templates(template({ source: blank })), `${DVT}[0].spec.storage`],
      [templates(template({ sourceRef: { kind: 'DataSource', name: 'x' } })), `${DVT}[0].spec.storage`],
    ],
  },
  'dvt.two-targets': {
    kind,
    accepts: [templates(template())],
    refuses: [
      [templates(template({ storage, pvc: {}, source: blank })), `${DVT}[0].spec.pvc`],
      [
        templates(template({ storage: {}, pvc: storage, source: { http: { url: 'https://a.example' } } })),
        `${DVT}[0].spec.pvc`,
      ],
    ],
  },
  'dvt.source': {
    kind,
    accepts: [
      templates(template()),
      templates(template({ storage, sourceRef: { kind: 'DataSource', name: 'x' } })),
      templates(template({ storage: { ...storage, dataSource: { kind: 'VolumeSnapshot', name: 'x' } } })),
      templates(template({ storage, source: { registry: { url: 'docker://a.example/b' } } })),
    ],
    refuses: [
      [templates(template({ storage })), `${DVT}[0].spec.source`],
      [templates(template({ storage, source: {} })), `${DVT}[0].spec.source`],
      [templates(template({ storage, source: { blank: {}, upload: {} } })), `${DVT}[0].spec.source`],
      [
        templates(
          template({ storage: { ...storage, dataSourceRef: { kind: 'VolumeSnapshot', name: 'x' } }, source: blank }),
        ),
        `${DVT}[0].spec.source`,
      ],
      [
        templates(
          template({
            pvc: { dataSource: { kind: 'VolumeSnapshot', name: 'x' } },
            sourceRef: { kind: 'DataSource', name: 'x' },
          }),
        ),
        `${DVT}[0].spec.sourceRef`,
      ],
    ],
  },
  'dvt.unreferenced': {
    why: 'A DataVolume that nobody uses would take its storage for the life of the VM.',
    kind,
    accepts: [
      templates(template()),
      { [DVT]: [template()], [`${T}.volumes[1]`]: { name: 'init', persistentVolumeClaim: { claimName: 'data' } } },
    ],
    refuses: [
      [{ [DVT]: [template()] }, `${DVT}[0]`],
      [templates(template(), template(undefined, { name: 'other' })), `${DVT}[1]`],
    ],
  },
  'vm.dvt-namespace': {
    why: 'A VM owns its DataVolumes, and an owner is in the same namespace.',
    kind,
    accepts: [templates(template(undefined, { name: 'data', namespace: 'default' }))],
    refuses: [
      [templates(template(undefined, { name: 'data', namespace: 'other' })), `${DVT}[0].metadata.namespace`],
      [templates(template(undefined, { name: 'data', namespace: 'kube-system' })), `${DVT}[0].metadata.namespace`],
    ],
  },
  'dvt.gate': {
    kind,
    config: { developerConfiguration: { disabledFeatureGates: ['DataVolumes'] } },
    accepts: [
      { [DVT]: [], [`${T}.volumes[1]`]: { name: 'init', persistentVolumeClaim: { claimName: 'data' } } },
      {},
      { [DVT]: [] },
    ],
    refuses: [template(), template({ pvc: {}, source: blank })].map((one) => [
      { [DVT]: [one], [`${T}.volumes[1]`]: { name: 'init', persistentVolumeClaim: { claimName: 'data' } } },
      DVT,
    ]),
  },
  'dvt.block-gate': {
    kind,
    config: { developerConfiguration: { disabledFeatureGates: ['BlockVolume'] } },
    accepts: [templates(template({ storage: { ...storage, volumeMode: 'Filesystem' }, source: blank }))],
    refuses: [
      [
        templates(template({ storage: { ...storage, volumeMode: 'Block' }, source: blank })),
        `${DVT}[0].spec.storage.volumeMode`,
      ],
      [templates(template({ pvc: { volumeMode: 'Block' }, source: blank })), `${DVT}[0].spec.pvc.volumeMode`],
    ],
  },
};
