import type { Change, ExampleTable } from '../rule/examples.js';

const kind = 'VirtualMachine' as const;
const T = 'spec.template.spec';
const DVT = 'spec.dataVolumeTemplates';
const storage = { resources: { requests: { storage: '2Gi' } } };
const pvc = { ...storage, accessModes: ['ReadWriteOnce'] };
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

export const dataVolumeTemplatesExamples: ExampleTable = {
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
    accepts: [templates(template()), templates(template({ pvc, source: blank }))],
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
            pvc: { ...pvc, dataSource: { kind: 'VolumeSnapshot', name: 'x' } },
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
    refuses: [template(), template({ pvc, source: blank })].map((one) => [
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
      [templates(template({ pvc: { ...pvc, volumeMode: 'Block' }, source: blank })), `${DVT}[0].spec.pvc.volumeMode`],
    ],
  },
};
