import { CPU, D, DEV, extra, iface, LIM, REQ, V } from '../../../src/validators/rule/examples.js';
import { accepted, group, refused, schema, type SpecCase } from './spec-case.js';

/*
 * docs/reference/admission.md §3.1–§3.3: required keys, types, unsigned numbers, unknown fields, nulls, empty lists,
 * quantities.
 */

const CAPACITY = 'spec.volumes[2].emptyDisk.capacity';

const required: readonly SpecCase[] = [
  schema('no spec', { spec: undefined }, 'spec'),
  schema('no domain', { 'spec.domain': undefined }, 'spec.domain'),
  schema('no devices', { 'spec.domain.devices': undefined }, 'spec.domain.devices'),
  schema('a disk without a name', { [`${DEV}.disks[2]`]: { cdrom: {} } }, `${DEV}.disks[2].name`),
  schema('a volume without a name', { 'spec.volumes[2]': { emptyDisk: { capacity: '1Gi' } } }, 'spec.volumes[2].name'),
  schema('an interface without a name', { [`${DEV}.interfaces`]: [{ bridge: {} }] }, `${DEV}.interfaces[0].name`),
  schema(
    'a network without a name',
    { ...iface({}), 'spec.networks[1]': { multus: { networkName: 'n' } } },
    'spec.networks[1].name',
  ),
  schema('a GPU without a name', { [`${DEV}.gpus`]: [{ deviceName: 'd' }] }, `${DEV}.gpus[0].name`),
  schema('a watchdog without a name', { [`${DEV}.watchdog`]: { i6300esb: {} } }, `${DEV}.watchdog.name`),
  schema('an input without a type', { [`${DEV}.inputs`]: [{ name: 't' }] }, `${DEV}.inputs[0].type`),
  schema(
    'a file system without virtiofs',
    { ...extra({ configMap: { name: 'c' } }), [`${DEV}.filesystems`]: [{ name: 'x' }] },
    `${DEV}.filesystems[0].virtiofs`,
  ),
  schema('a containerDisk without an image', { [V]: { name: 'root', containerDisk: {} } }, `${V}.containerDisk.image`),
  schema('a DataVolume without a name', extra({ dataVolume: {} }), 'spec.volumes[2].dataVolume.name'),
  schema('an emptyDisk without a capacity', extra({ emptyDisk: {} }), CAPACITY),
  schema('a memory dump without a claim', extra({ memoryDump: {} }), 'spec.volumes[2].memoryDump.claimName'),
  schema(
    'a multus network without a network',
    { [`${DEV}.interfaces`]: [{ name: 'm', bridge: {} }], 'spec.networks': [{ name: 'm', multus: {} }] },
    'spec.networks[0].multus.networkName',
  ),
  schema('a port without a number', iface({ ports: [{ name: 'a' }] }), `${DEV}.interfaces[0].ports[0].port`),
  schema('a CPU feature without a name', { [`${CPU}.features`]: [{ policy: 'require' }] }, `${CPU}.features[0].name`),
  schema(
    'a missing capacity hides no other mistake',
    { ...extra({ emptyDisk: {} }), 'spec.hostname': 'A', [`${D}.cache`]: 'fast' },
    CAPACITY,
    'spec.hostname',
    `${D}.cache`,
  ),
];

const types: readonly SpecCase[] = [
  schema('a text for a number', { [`${CPU}.cores`]: '4' }, `${CPU}.cores`),
  schema('a fraction for a whole number', { [`${CPU}.cores`]: 1.5 }, `${CPU}.cores`),
  schema('a number for a text', { 'spec.hostname': 7 }, 'spec.hostname'),
  schema('a boolean for a text', { [`${D}.disk.bus`]: true }, `${D}.disk.bus`),
  schema('a text for a boolean', { [`${D}.disk.readonly`]: 'true' }, `${D}.disk.readonly`),
  schema('a text for an object', { [`${D}.disk`]: 'virtio' }, `${D}.disk`),
  schema('a list for an object', { 'spec.domain': [] }, 'spec.domain'),
  schema('an object for a list', { 'spec.volumes': { root: {} } }, 'spec.volumes'),
  schema('a text in a list of objects', { 'spec.volumes[1]': 'init' }, 'spec.volumes[1]'),
  schema('a boolean for a quantity', { [`${REQ}.memory`]: true }, `${REQ}.memory`),
  schema('an object for a quantity', { [`${REQ}.memory`]: {} }, `${REQ}.memory`),
  schema('a number in the labels', { 'metadata.labels': { a: 1 } }, 'metadata.labels.a'),
  schema('a boolean in the node selector', { 'spec.nodeSelector': { a: true } }, 'spec.nodeSelector.a'),
  schema('a DNS policy that does not exist', { 'spec.dnsPolicy': 'Sometimes' }, 'spec.dnsPolicy'),
  schema(
    'a pull policy that does not exist',
    { [`${V}.containerDisk.imagePullPolicy`]: 'Sometimes' },
    `${V}.containerDisk.imagePullPolicy`,
  ),
];

const unsigned: readonly SpecCase[] = [
  schema('negative cores', { [`${CPU}.cores`]: -1 }, `${CPU}.cores`),
  schema('negative sockets', { [`${CPU}.sockets`]: -1 }, `${CPU}.sockets`),
  schema('negative maxSockets', { [`${CPU}.maxSockets`]: -1 }, `${CPU}.maxSockets`),
  schema('cores above 32 bits', { [`${CPU}.cores`]: 4294967296 }, `${CPU}.cores`),
  schema('a negative boot order', { [`${D}.bootOrder`]: -1 }, `${D}.bootOrder`),
  schema('a negative boot order of an interface', iface({ bootOrder: -1 }), `${DEV}.interfaces[0].bootOrder`),
  schema(
    'a negative block size',
    { [`${D}.blockSize`]: { custom: { logical: -512, physical: 512 } } },
    `${D}.blockSize.custom.logical`,
  ),
  schema(
    'a negative discard granularity',
    { [`${D}.blockSize`]: { custom: { logical: 512, physical: 512, discardGranularity: -512 } } },
    `${D}.blockSize.custom.discardGranularity`,
  ),
  schema(
    'negative spinlock retries',
    { 'spec.domain.features': { hyperv: { spinlocks: { spinlocks: -1 } } } },
    'spec.domain.features.hyperv.spinlocks.spinlocks',
  ),
  schema(
    'a negative number of I/O threads',
    { 'spec.domain.ioThreads': { supplementalPoolThreadCount: -1 } },
    'spec.domain.ioThreads.supplementalPoolThreadCount',
  ),
];

const unknown: readonly SpecCase[] = [
  schema('beside spec', { flavour: 'x' }, 'flavour'),
  schema('in spec', { 'spec.flavour': 'x' }, 'spec.flavour'),
  schema('in domain', { 'spec.domain.turbo': true }, 'spec.domain.turbo'),
  schema('in a disk', { [`${D}.speed`]: 'fast' }, `${D}.speed`),
  schema(
    'in an object that has no fields',
    iface({ masquerade: { ports: [] } }),
    `${DEV}.interfaces[0].masquerade.ports`,
  ),
  schema('a floppy', { [D]: { name: 'root', floppy: {} } }, `${D}.floppy`),
  schema('of another case', { 'spec.hostName': 'web' }, 'spec.hostName'),
  schema('and a wrong host name', { 'spec.flavour': 'x', 'spec.hostname': 'A' }, 'spec.flavour', 'spec.hostname'),
  accepted('in the status', { 'status.flavour': 'x' }),
];

const nulls: readonly SpecCase[] = [
  schema('spec', { spec: null }, 'spec'),
  refused('a host name', { 'spec.hostname': null }, ''),
  refused('a list', { 'spec.networks': null }, ''),
  refused('an object', { 'spec.domain.cpu': null }, ''),
  refused('a quantity', { [`${LIM}.memory`]: null }, ''),
  schema('a list item', { 'spec.volumes[1]': null }, 'spec.volumes[1]'),
];

const empty: readonly SpecCase[] = [
  accepted('lists', {
    'spec.networks': [],
    'spec.tolerations': [],
    [`${DEV}.gpus`]: [],
    [`${DEV}.inputs`]: [],
    [`${CPU}.features`]: [],
    'spec.accessCredentials': [],
  }),
  accepted('objects', {
    'spec.affinity': {},
    'spec.nodeSelector': {},
    'spec.domain.features': {},
    'spec.domain.clock': {},
    'spec.domain.firmware': {},
    [LIM]: {},
  }),
  accepted('texts', {
    'spec.hostname': '',
    'spec.subdomain': '',
    'spec.schedulerName': '',
    'spec.priorityClassName': '',
    'spec.serviceAccountName': '',
  }),
  accepted('no volumes and no disks', { 'spec.volumes': undefined, [`${DEV}.disks`]: undefined }),
  accepted('empty volumes and disks', { 'spec.volumes': [], [`${DEV}.disks`]: [] }),
];

const quantities: readonly SpecCase[] = [
  ...['1Gi', '1024Mi', '1e9', '1E9', '1.5Gi', '.5Gi', '5.e8', '+1Gi', '0001Gi', '1000000000000m', '1E', '16Ei'].map(
    (text) => accepted(`memory ${text}`, { [`${REQ}.memory`]: text }),
  ),
  ...['', ' ', 'Gi', '1GB', '1 Gi', '1gi', '1GiB', '1e', '1e+', '0x10', '1_000', '1,5', '--1', '1Gi ', 'NaN', '١'].map(
    (text) => schema(`memory ${JSON.stringify(text)}`, { [`${REQ}.memory`]: text }, `${REQ}.memory`),
  ),
  ...['2', '0.5', '500m', '1e1', '+3', '2.', '100000u'].map((text) =>
    accepted(`CPUs ${text}`, { [`${REQ}.cpu`]: text }),
  ),
  ...['two', '', '1 m', '1cpu'].map((text) =>
    schema(`CPUs ${JSON.stringify(text)}`, { [`${REQ}.cpu`]: text }, `${REQ}.cpu`),
  ),
  schema('a limit that is no quantity', { [`${LIM}.memory`]: 'much' }, `${LIM}.memory`),
  schema(
    'a limit alone that is no quantity',
    { 'spec.domain.resources': { limits: { memory: 'much' } } },
    `${LIM}.memory`,
  ),
  schema('guest memory that is no quantity', { 'spec.domain.memory': { guest: 'much' } }, 'spec.domain.memory.guest'),
  schema(
    'guest memory alone that is no quantity',
    { 'spec.domain.resources': undefined, 'spec.domain.memory': { guest: 'much' } },
    'spec.domain.memory.guest',
  ),
  schema('maxGuest that is no quantity', { 'spec.domain.memory': { maxGuest: 'much' } }, 'spec.domain.memory.maxGuest'),
  schema('a capacity that is no quantity', extra({ emptyDisk: { capacity: 'much' } }), CAPACITY),
  schema(
    'a CPU limit that is no quantity, with dedicated CPUs',
    { [`${LIM}.cpu`]: 'x', [`${CPU}.dedicatedCpuPlacement`]: true },
    `${LIM}.cpu`,
  ),
  schema(
    'a CPU limit that is no quantity, with blockMultiQueue',
    { [`${LIM}.cpu`]: 'x', [`${DEV}.blockMultiQueue`]: true },
    `${LIM}.cpu`,
  ),
];

/** The API server’s own limits, which the CRD has (docs/reference/admission.md §3.2). */
const limits: readonly SpecCase[] = [
  accepted('256 volumes', {
    'spec.volumes': Array.from({ length: 256 }, (_, i) => ({ name: `v${i}`, emptyDisk: { capacity: '1Gi' } })),
    [`${DEV}.disks`]: [],
  }),
  schema(
    '257 volumes',
    {
      'spec.volumes': Array.from({ length: 257 }, (_, i) => ({ name: `v${i}`, emptyDisk: { capacity: '1Gi' } })),
      [`${DEV}.disks`]: [],
    },
    'spec.volumes',
  ),
  schema(
    '257 networks',
    { ...iface({}), 'spec.networks': Array.from({ length: 257 }, (_, i) => ({ name: `n${i}`, pod: {} })) },
    'spec.networks',
  ),
  schema('a reboot policy that does not exist', { 'spec.domain.rebootPolicy': 'Perhaps' }, 'spec.domain.rebootPolicy'),
];

export const schemaCases: readonly SpecCase[] = [
  ...group('required', required),
  ...group('type', types),
  ...group('unsigned', unsigned),
  ...group('unknown field', unknown),
  ...group('null', nulls),
  ...group('empty', empty),
  ...group('quantity', quantities),
  ...group('limit', limits),
];
