import { CPU, D, DEV, REQ, V, type ExampleTable } from './rule/examples.js';

const TIMES = 'status.phaseTransitionTimestamps';
const time = (phaseTransitionTimestamp: string) => [{ phase: 'Pending', phaseTransitionTimestamp }];
const volumes = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ name: `data-${i}`, emptyDisk: { capacity: '1Gi' } }));

/** Examples of what the check against the schemas refuses (src/api/schema-check/schema-rules.ts). */
export const schemaExamples: ExampleTable = {
  'schema.unknown': {
    why: 'The API server would drop the field without a word, and the VM would not be what was asked for.',
    accepts: [{ 'spec.domain.memory': { guest: '1Gi' } }],
    refuses: [
      [{ 'spec.domain.memry': { guest: '1Gi' } }, 'spec.domain.memry'],
      [{ [`${D}.bus`]: 'virtio' }, `${D}.bus`],
    ],
  },
  'schema.required': {
    accepts: [{ [V]: { name: 'root', emptyDisk: { capacity: '2Gi' } } }],
    refuses: [
      [{ [V]: { name: 'root', emptyDisk: {} } }, `${V}.emptyDisk.capacity`],
      [{ [`${DEV}.disks[2]`]: { disk: {} } }, `${DEV}.disks[2].name`],
    ],
  },
  'schema.type': {
    accepts: [{ [`${CPU}.cores`]: 2 }],
    refuses: [
      [{ [`${CPU}.cores`]: 'two' }, `${CPU}.cores`],
      [{ [`${DEV}.disks`]: { name: 'root' } }, `${DEV}.disks`],
      [{ 'spec.hostname': 7 }, 'spec.hostname'],
    ],
  },
  'schema.enum': {
    accepts: [{ 'spec.dnsPolicy': 'ClusterFirst' }],
    refuses: [
      [{ 'spec.dnsPolicy': 'clusterFirst' }, 'spec.dnsPolicy'],
      [{ [`${V}.containerDisk.imagePullPolicy`]: 'Sometimes' }, `${V}.containerDisk.imagePullPolicy`],
    ],
  },
  'schema.range': {
    accepts: [{ [`${CPU}.cores`]: 4 }],
    refuses: [
      [{ [`${CPU}.cores`]: -4 }, `${CPU}.cores`],
      [{ [`${CPU}.threads`]: 2 ** 32 }, `${CPU}.threads`],
    ],
  },
  'schema.length': {
    gates: ['ContainerPathVolumes'],
    accepts: [
      {
        [V]: { name: 'root', containerPath: { path: '/data' } },
        [`${DEV}.filesystems`]: [{ name: 'root', virtiofs: {} }],
        [`${DEV}.disks`]: [],
      },
    ],
    refuses: [4097, 9999].map((length) => [
      {
        [V]: { name: 'root', containerPath: { path: `/${'a'.repeat(length - 1)}` } },
        [`${DEV}.filesystems`]: [{ name: 'root', virtiofs: {} }],
        [`${DEV}.disks`]: [],
      },
      `${V}.containerPath.path`,
    ]),
  },
  'schema.format': {
    accepts: [{ [TIMES]: time('2026-01-31T12:00:00Z') }],
    refuses: [
      [{ [TIMES]: time('31 January 2026') }, `${TIMES}[0].phaseTransitionTimestamp`],
      [{ [TIMES]: time('') }, `${TIMES}[0].phaseTransitionTimestamp`],
    ],
  },
  'schema.quantity': {
    accepts: [{ [`${REQ}.memory`]: '1Gi' }, { [`${REQ}.memory`]: '1.5Gi' }],
    refuses: [
      [{ [`${REQ}.memory`]: '1GiB' }, `${REQ}.memory`],
      [{ [`${REQ}.memory`]: '1 Gi' }, `${REQ}.memory`],
    ],
  },
  'schema.max-items': {
    accepts: [{ [`${DEV}.disks`]: [], 'spec.volumes': volumes(256) }],
    refuses: [
      [{ [`${DEV}.disks`]: [], 'spec.volumes': volumes(257) }, 'spec.volumes'],
      [{ [`${DEV}.disks`]: [], 'spec.volumes': volumes(999) }, 'spec.volumes'],
    ],
  },
  'schema.duplicate': {
    accepts: [
      {
        'spec.resourceClaims': [
          { name: 'gpu', resourceClaimName: 'gpu-1' },
          { name: 'nic', resourceClaimName: 'nic-1' },
        ],
      },
    ],
    refuses: [
      [
        {
          'spec.resourceClaims': [
            { name: 'gpu', resourceClaimName: 'gpu-1' },
            { name: 'gpu', resourceClaimName: 'gpu-2' },
          ],
        },
        'spec.resourceClaims[1]',
      ],
      [
        {
          'spec.resourceClaims': ['a', 'b', 'a'].map((name) => ({ name, resourceClaimName: name })),
        },
        'spec.resourceClaims[2]',
      ],
    ],
  },
};
