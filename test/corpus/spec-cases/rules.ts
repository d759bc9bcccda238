import {
  CI,
  CPU,
  cpus,
  custom,
  D,
  DEV,
  dns,
  extra,
  IF,
  iface,
  image,
  label64,
  LIM,
  lun,
  pinned,
  REQ,
  V,
} from '../../../src/validators/rule/examples.js';
import { accepted, group, ofKind, refused, withConfig, withGates, type SpecCase } from './spec-case.js';

/*
 * docs/reference/admission.md §6 and §7: what each rule refuses and what just passes. Rules are in the order of the
 * sections.
 */

const MEM = 'spec.domain.memory';
const PAGES = `${MEM}.hugepages`;
const pages = (pageSize: unknown) => ({ [PAGES]: { pageSize } });
const noMemory = { 'spec.domain.resources': undefined };
const arm = { 'spec.architecture': 'arm64' };
const name63 = 'a'.repeat(63);
const named = (name: string) => ({ [`${D}.name`]: name, [`${V}.name`]: name });

/** docs/reference/admission.md §6.1 */
const identity: readonly SpecCase[] = [
  accepted('a host name of 63 characters', { 'spec.hostname': name63 }),
  accepted('an empty host name', { 'spec.hostname': '' }),
  refused('a host name of 64 characters', { 'spec.hostname': label64 }, 'spec.hostname'),
  refused('a host name with dots', { 'spec.hostname': 'web.example' }, 'spec.hostname'),
  refused('a host name with capitals', { 'spec.hostname': 'Web' }, 'spec.hostname'),
  refused('a host name with a blank', { 'spec.hostname': 'web 1' }, 'spec.hostname'),
  accepted('a subdomain of 253 characters', { 'spec.subdomain': `${`${name63}.`.repeat(3)}${'a'.repeat(61)}` }),
  refused(
    'a subdomain of 254 characters',
    { 'spec.subdomain': `${`${name63}.`.repeat(3)}${'a'.repeat(62)}` },
    'spec.subdomain',
  ),
  refused('a subdomain that ends in a dot', { 'spec.subdomain': 'a.' }, 'spec.subdomain'),
  refused('a subdomain with an underscore', { 'spec.subdomain': 'a_b' }, 'spec.subdomain'),
  accepted('a service account', { 'spec.serviceAccountName': 'a.b' }),
  refused('a service account with capitals', { 'spec.serviceAccountName': 'Me' }, 'spec.serviceAccountName'),
  accepted('one service account, twice', {
    'spec.serviceAccountName': 'me',
    ...extra({ serviceAccount: { serviceAccountName: 'me' } }),
  }),
  refused(
    'two service accounts',
    { 'spec.serviceAccountName': 'me', ...extra({ serviceAccount: { serviceAccountName: 'you' } }) },
    'spec.serviceAccountName',
  ),
  accepted('DNS policy ClusterFirstWithHostNet', { 'spec.dnsPolicy': 'ClusterFirstWithHostNet' }),
  accepted('DNS policy None with a name server', { 'spec.dnsPolicy': 'None', ...dns({ nameservers: ['10.0.0.10'] }) }),
  refused('DNS policy None alone', { 'spec.dnsPolicy': 'None' }, 'spec.dnsConfig'),
  refused(
    'DNS policy None without a name server',
    { 'spec.dnsPolicy': 'None', ...dns({ searches: ['a.b'] }) },
    'spec.dnsConfig.nameservers',
  ),
  refused(
    'DNS policy None with an empty list',
    { 'spec.dnsPolicy': 'None', ...dns({ nameservers: [] }) },
    'spec.dnsConfig.nameservers',
  ),
  accepted('three name servers', dns({ nameservers: ['10.0.0.1', 'fd00::1', '::ffff:1.2.3.4'] })),
  accepted('a name server with leading zeros', dns({ nameservers: ['010.000.000.001'] })),
  refused('a name server with a prefix length', dns({ nameservers: ['10.0.0.1/8'] }), 'spec.dnsConfig.nameservers'),
  refused('a name server of five numbers', dns({ nameservers: ['1.2.3.4.5'] }), 'spec.dnsConfig.nameservers'),
  refused('a name server above 255', dns({ nameservers: ['1.2.3.400'] }), 'spec.dnsConfig.nameservers'),
  refused('a name server with a zone', dns({ nameservers: ['fe80::1%eth0'] }), 'spec.dnsConfig.nameservers'),
  refused('an empty name server', dns({ nameservers: [''] }), 'spec.dnsConfig.nameservers'),
  accepted('six search domains', dns({ searches: ['a', 'b', 'c', 'd', 'e', 'f.g'] })),
  refused('seven search domains', dns({ searches: ['a', 'b', 'c', 'd', 'e', 'f', 'g'] }), 'spec.dnsConfig.searches'),
  accepted(
    'search domains of 256 characters',
    dns({ searches: [`${name63}.${name63}`, `${name63}.${name63.slice(0, 62)}`, 'a'] }),
  ),
  refused(
    'search domains of 257 characters',
    dns({ searches: [`${name63}.${name63}`, `${name63}.${name63}`, 'aa'] }),
    'spec.dnsConfig.searches',
  ),
  refused('a search domain with a dot at the end', dns({ searches: ['cluster.local.'] }), 'spec.dnsConfig.searches'),
  refused('an empty search domain', dns({ searches: [''] }), 'spec.dnsConfig.searches'),
  accepted('a resolver option without a value', dns({ options: [{ name: 'rotate' }] })),
  refused('a resolver option without a name', dns({ options: [{ value: '2' }] }), 'spec.dnsConfig.options'),
];

/** docs/reference/admission.md §6.2, §7.3 */
const memory: readonly SpecCase[] = [
  refused('a negative request', { [`${REQ}.memory`]: '-1Gi' }, `${REQ}.memory`),
  refused('a request of a fraction of a byte', { [`${REQ}.memory`]: '0.5' }, `${REQ}.memory`),
  refused('a request of 999999', { [`${REQ}.memory`]: '999999' }, `${REQ}.memory`),
  accepted('a request of 1M', { [`${REQ}.memory`]: '1M' }),
  accepted('a request of 1e6', { [`${REQ}.memory`]: '1e6' }),
  refused('a request of 1e3', { [`${REQ}.memory`]: '1e3' }, `${REQ}.memory`),
  refused('a request of 1024m, which is two bytes', { [`${REQ}.memory`]: '1024m' }, `${REQ}.memory`),
  refused('a negative limit', { [`${LIM}.memory`]: '-1' }, `${LIM}.memory`),
  refused('a negative limit alone', { 'spec.domain.resources': { limits: { memory: '-1Gi' } } }, `${LIM}.memory`),
  accepted('a limit of zero', { [`${LIM}.memory`]: '0' }),
  accepted('a request like the limit', { [`${LIM}.memory`]: '1024Mi' }),
  refused('a request above the limit', { [`${LIM}.memory`]: '1023Mi' }, `${REQ}.memory`),
  accepted('huge pages', pages('2Mi')),
  accepted('huge pages in bytes', pages('2097152')),
  refused('huge pages without a size', { [PAGES]: {} }, `${PAGES}.pageSize`),
  refused('huge pages of an empty size', pages(''), `${PAGES}.pageSize`),
  refused('huge pages of 2MB', pages('2MB'), `${PAGES}.pageSize`),
  refused('huge pages larger than the request', pages('2Gi'), `${REQ}.memory`),
  refused('huge pages that do not divide the request', pages('3Mi'), `${REQ}.memory`),
  refused(
    'huge pages larger than the guest',
    { ...noMemory, [`${MEM}.guest`]: '1Gi', ...pages('2Gi') },
    `${REQ}.memory`,
  ),
  refused(
    'huge pages that do not divide the limit',
    { 'spec.domain.resources': { limits: { memory: '1Gi' } }, ...pages('3Mi') },
    `${REQ}.memory`,
  ),
  accepted('huge pages of 4Mi', pages('4Mi')),
  accepted('huge pages in the requests', { [`${REQ}.hugepages-2Mi`]: '2Mi' }),
  accepted('huge pages of a negative size', pages('-2Mi')),
  refused('huge pages of size zero', pages('0'), ''),
  accepted('guest memory above the limit', { [`${MEM}.guest`]: '2Gi', [`${LIM}.memory`]: '1Gi' }),
  withConfig(
    refused(
      'guest memory above the limit with Stage',
      { [`${MEM}.guest`]: '2Gi', [`${LIM}.memory`]: '1Gi' },
      `${MEM}.guest`,
    ),
    { vmRolloutStrategy: 'Stage' },
  ),
  withConfig(
    accepted('guest memory like the limit with Stage', { [`${MEM}.guest`]: '1Gi', [`${LIM}.memory`]: '1Gi' }),
    { vmRolloutStrategy: 'Stage' },
  ),
  refused('a reserved overhead', { [`${MEM}.reservedOverhead`]: { addedOverhead: '1Mi' } }, `${MEM}.reservedOverhead`),
  withGates(
    accepted('locked memory that is overcommitted', {
      [`${MEM}.reservedOverhead`]: { memLock: 'Required' },
      'spec.domain.resources.overcommitGuestOverhead': true,
    }),
    'ReservedOverheadMemlock',
  ),
  withGates(
    accepted('a reserved overhead with its gate', { [`${MEM}.reservedOverhead`]: { memLock: 'Required' } }),
    'ReservedOverheadMemlock',
  ),
  accepted('guest memory without a unit', { [`${MEM}.guest`]: 4096 }),
  accepted('guest memory of zero', { [`${MEM}.guest`]: '0' }),
  accepted('negative guest memory', { [`${MEM}.guest`]: '-1Gi' }),
  refused('no memory', noMemory, ''),
  refused('no memory but an empty one', { ...noMemory, [MEM]: {} }, ''),
  refused('a request of zero', { [`${REQ}.memory`]: '0' }, ''),
  accepted('huge pages alone', { ...noMemory, ...pages('2Mi') }),
  accepted('guest memory alone', { ...noMemory, [`${MEM}.guest`]: '64Mi' }),
];

/** docs/reference/admission.md §6.3 */
const cpu: readonly SpecCase[] = [
  refused('a negative request', { [`${REQ}.cpu`]: '-100m' }, `${REQ}.cpu`),
  refused('a negative limit', { [`${LIM}.cpu`]: '-1' }, `${LIM}.cpu`, `${REQ}.cpu`),
  refused('a negative limit beside a request', { [`${LIM}.cpu`]: '-1', [`${REQ}.cpu`]: '1' }, `${LIM}.cpu`),
  refused('a request above the limit', { [`${REQ}.cpu`]: '1001m', [`${LIM}.cpu`]: '1' }, `${REQ}.cpu`),
  accepted('a request like the limit', { [`${REQ}.cpu`]: '1000m', [`${LIM}.cpu`]: '1' }),
  refused('an isolated emulator thread', { [`${CPU}.isolateEmulatorThread`]: true }, `${CPU}.isolateEmulatorThread`),
  accepted('an isolated emulator thread with dedicated CPUs', { ...pinned, [`${CPU}.isolateEmulatorThread`]: true }),
  accepted('a feature without a policy', { [`${CPU}.features`]: [{ name: 'avx' }, { name: 'sse', policy: '' }] }),
  accepted('every policy', {
    [`${CPU}.features`]: ['force', 'require', 'optional', 'disable', 'forbid'].map((policy) => ({
      name: policy,
      policy,
    })),
  }),
  refused(
    'a policy with a capital',
    { [`${CPU}.features`]: [{ name: 'avx' }, { name: 'sse', policy: 'Require' }] },
    `${CPU}.features[1].policy`,
  ),
  accepted('more vCPUs than a VM can have', { [`${CPU}.sockets`]: 5000 }),
  refused('more sockets than maxSockets', { [`${CPU}.sockets`]: 4, [`${CPU}.maxSockets`]: 3 }, `${CPU}.sockets`),
  refused(
    'realtime',
    { [`${CPU}.realtime`]: {} },
    `${CPU}.dedicatedCpuPlacement`,
    `${CPU}.numa.guestMappingPassthrough`,
  ),
  refused(
    'realtime with dedicated CPUs',
    { ...pinned, [`${CPU}.realtime`]: {} },
    `${CPU}.numa.guestMappingPassthrough`,
  ),
  refused('NUMA', { [`${CPU}.numa`]: { guestMappingPassthrough: {} } }, `${CPU}.numa.guestMappingPassthrough`),
  refused(
    'NUMA with huge pages',
    { [`${CPU}.numa`]: { guestMappingPassthrough: {} }, ...pages('2Mi') },
    `${CPU}.numa.guestMappingPassthrough`,
  ),
  accepted('NUMA without a mapping', { [`${CPU}.numa`]: {} }),
  accepted(
    'NUMA with all it needs',
    { ...pinned, [`${CPU}.numa`]: { guestMappingPassthrough: {} }, ...pages('2Mi') },
    { [`${MEM}.maxGuest`]: undefined },
  ),
  accepted('a realtime mask beyond the vCPUs', {
    ...pinned,
    [`${CPU}.numa`]: { guestMappingPassthrough: {} },
    [`${CPU}.realtime`]: { mask: '0-900' },
    ...pages('2Mi'),
  }),
  accepted('dedicated CPUs', { ...pinned, [`${CPU}.cores`]: 2 }),
  refused('dedicated CPUs without memory', { ...noMemory, ...pinned }, '', `${LIM}.memory`),
  refused('a fraction requested with dedicated CPUs', cpus('1500m', '2'), `${REQ}.cpu`),
  refused('a fraction as limit with dedicated CPUs', cpus('2', '2500m'), `${LIM}.cpu`, `${CPU}.dedicatedCpuPlacement`),
  refused('memory that differs with dedicated CPUs', { ...pinned, [`${LIM}.memory`]: '2Gi' }, `${REQ}.memory`),
  refused('CPUs that differ with dedicated CPUs', cpus('1', '2'), `${CPU}.dedicatedCpuPlacement`),
  refused('CPUs above the limit with dedicated CPUs', cpus('3', '2'), `${REQ}.cpu`, `${CPU}.dedicatedCpuPlacement`),
  accepted('CPUs like the topology with dedicated CPUs', {
    ...cpus('4', '4'),
    [`${CPU}.cores`]: 2,
    [`${CPU}.sockets`]: 2,
  }),
  refused(
    'CPUs unlike the topology with dedicated CPUs',
    { ...cpus('4', '4'), [`${CPU}.cores`]: 3 },
    `${CPU}.dedicatedCpuPlacement`,
  ),
  accepted('an overcommitted overhead with dedicated CPUs', {
    ...pinned,
    'spec.domain.resources.overcommitGuestOverhead': true,
  }),
  accepted('two threads with dedicated CPUs', { ...pinned, [`${CPU}.threads`]: 2 }),
  refused('three threads with dedicated CPUs', { ...pinned, [`${CPU}.threads`]: 3 }, `${CPU}.dedicatedCpuPlacement`),
  accepted('three threads without', { [`${CPU}.threads`]: 3 }),
  refused(
    'two threads of arm64 with dedicated CPUs',
    { ...arm, ...pinned, [`${CPU}.threads`]: 2 },
    'spec.architecture',
  ),
  accepted('two threads of arm64 without', { ...arm, [`${CPU}.threads`]: 2 }),
];

/**
 * docs/reference/admission.md §6.4, §6.11, §7.7, as far as the rules of this file’s neighbours do not have their own
 * cases.
 */
const machine: readonly SpecCase[] = [
  refused('a machine of another architecture', { 'spec.domain.machine': { type: 'virt' } }, 'spec.domain.machine.type'),
  refused('the machine pc-i440fx', { 'spec.domain.machine': { type: 'pc-i440fx-8.2' } }, 'spec.domain.machine.type'),
  accepted('a machine that begins with q35', { 'spec.domain.machine': { type: 'q35-custom' } }),
  refused('a machine with capitals', { 'spec.domain.machine': { type: 'Q35' } }, 'spec.domain.machine.type'),
  withConfig(accepted('a machine of the cluster’s list', { 'spec.domain.machine': { type: 'pc-1.0' } }), {
    emulatedMachines: ['pc-*'],
  }),
  withConfig(
    refused(
      'a machine that is not on the cluster’s list',
      { 'spec.domain.machine': { type: 'q35' } },
      'spec.domain.machine.type',
    ),
    { emulatedMachines: ['pc-*'] },
  ),
  accepted('a machine of arm64', { ...arm, 'spec.domain.machine': { type: 'virt-8.2' } }),
  refused(
    'two boot loaders',
    { 'spec.domain.firmware.bootloader': { bios: {}, efi: { secureBoot: false } } },
    'spec.domain.firmware.bootloader',
  ),
  accepted('a start strategy', { 'spec.startStrategy': 'Paused' }),
  refused('an empty start strategy', { 'spec.startStrategy': '' }, 'spec.startStrategy'),
  accepted('LiveMigrateIfPossible', { 'spec.evictionStrategy': 'LiveMigrateIfPossible' }),
  refused('an eviction strategy that does not exist', { 'spec.evictionStrategy': 'Migrate' }, 'spec.evictionStrategy'),
  refused('an empty eviction strategy', { 'spec.evictionStrategy': '' }, 'spec.evictionStrategy'),
  refused('a keyboard', { [`${DEV}.inputs`]: [{ name: 'k', type: 'keyboard' }] }, `${DEV}.inputs[0].type`),
  refused(
    'an input on ps2',
    { [`${DEV}.inputs`]: [{ name: 'k', type: 'tablet', bus: 'ps2' }] },
    `${DEV}.inputs[0].bus`,
  ),
  accepted('I/O threads', { 'spec.domain.ioThreadsPolicy': 'auto' }),
  refused('an empty I/O threads policy', { 'spec.domain.ioThreadsPolicy': '' }, 'spec.domain.ioThreadsPolicy'),
  refused(
    'a pool of I/O threads without a number',
    { 'spec.domain.ioThreadsPolicy': 'supplementalPool' },
    'spec.domain.ioThreads.count',
  ),
  accepted('a number of I/O threads without a policy', { 'spec.domain.ioThreads': { supplementalPoolThreadCount: 0 } }),
  refused(
    'a video card without graphics',
    { [`${DEV}.video`]: { type: 'vga' }, [`${DEV}.autoattachGraphicsDevice`]: false },
    `${DEV}.video`,
  ),
  refused('a video card of no type', { [`${DEV}.video`]: {} }, `${DEV}.video.type`),
  refused('a video card that arm64 has not', { ...arm, [`${DEV}.video`]: { type: 'vga' } }, `${DEV}.video.type`),
];

const disk = (more: object) => ({ [D]: { name: 'root', disk: { bus: 'virtio' }, ...more } });

/** docs/reference/admission.md §6.6 */
const disks: readonly SpecCase[] = [
  accepted('a name of 63 characters', named(name63)),
  refused('a name of 64 characters', named(label64), `${D}.name`),
  refused('a name with an underscore', named('a_b'), `${D}.name`),
  refused('an empty name', named(''), `${D}.name`),
  refused(
    'three disks of one name',
    { [`${DEV}.disks[2]`]: { name: 'root', disk: {} }, [`${DEV}.disks[3]`]: { name: 'root', disk: {} } },
    `${DEV}.disks[2].name`,
    `${DEV}.disks[3].name`,
  ),
  refused('a disk and a CD-ROM at once', disk({ cdrom: {} }), D),
  refused(
    'a lun and a CD-ROM at once',
    { ...lun({ persistentVolumeClaim: { claimName: 'c' } }), [`${D}.cdrom`]: {} },
    D,
  ),
  accepted('a PCI address', disk({ disk: { bus: 'virtio', pciAddress: '0000:FF:1f.7' } })),
  refused('a PCI address on scsi', disk({ disk: { bus: 'scsi', pciAddress: '0000:81:01.0' } }), `${D}.disk.pciAddress`),
  refused('a PCI address on the default bus', disk({ disk: { pciAddress: '0000:81:01.0' } }), `${D}.disk.pciAddress`),
  refused('a PCI function of 8', disk({ disk: { bus: 'virtio', pciAddress: '0000:81:01.8' } }), `${D}.disk.pciAddress`),
  refused(
    'a PCI address without a domain',
    disk({ disk: { bus: 'virtio', pciAddress: '81:01.0' } }),
    `${D}.disk.pciAddress`,
  ),
  accepted('an empty PCI address', disk({ disk: { bus: 'sata', pciAddress: '' } })),
  refused('the bus ide of a CD-ROM', { [D]: { name: 'root', cdrom: { bus: 'ide' } } }, `${D}.cdrom.bus`),
  refused('a bus with capitals', disk({ disk: { bus: 'SATA' } }), `${D}.disk.bus`),
  refused(
    'a bus that no lun has',
    { ...lun({ persistentVolumeClaim: { claimName: 'c' } }), [`${D}.lun.bus`]: 'nvme' },
    `${D}.lun.bus`,
  ),
  accepted('a lun on usb', { ...lun({ persistentVolumeClaim: { claimName: 'c' } }), [`${D}.lun.bus`]: 'usb' }),
  refused('a CD-ROM on virtio', { [D]: { name: 'root', cdrom: { bus: 'virtio' } } }, `${D}.cdrom.bus`),
  refused('a CD-ROM of arm64 on the default bus', { ...arm, [D]: { name: 'root', cdrom: {} } }, `${D}.cdrom.bus`),
  refused('an I/O thread on the default bus', disk({ disk: {}, dedicatedIOThread: true }), D),
  refused('a read-only disk on sata', disk({ disk: { bus: 'sata', readonly: true } }), `${D}.disk.bus`),
  refused('a read-only disk on the default bus', disk({ disk: { readonly: true } }), `${D}.disk.bus`),
  accepted('a read-only disk on scsi', disk({ disk: { bus: 'scsi', readonly: true } })),
  accepted('a read-only lun on sata', {
    ...lun({ persistentVolumeClaim: { claimName: 'c' } }),
    [`${D}.lun`]: { bus: 'sata', readonly: true },
  }),
  refused('an I/O thread on scsi', disk({ disk: { bus: 'scsi' }, dedicatedIOThread: true }), D),
  accepted('a serial of every character', disk({ serial: 'aZ09_.+-' })),
  accepted('an empty serial', disk({ serial: '' })),
  refused('a serial with a blank', disk({ serial: 'a b' }), `${D}.serial`),
  refused('a serial with an umlaut', disk({ serial: 'ä' }), `${D}.serial`),
  refused('a serial with a line end', disk({ serial: 'a\n' }), `${D}.serial`),
  refused('a long serial with a blank', disk({ serial: `${'a'.repeat(256)} ` }), `${D}.serial`),
  accepted('cache none', disk({ cache: 'none' })),
  accepted('an empty cache', disk({ cache: '' })),
  refused('cache directsync', disk({ cache: 'directsync' }), `${D}.cache`),
  accepted('an empty io', disk({ io: '' })),
  refused('io with a capital', disk({ io: 'Native' }), `${D}.io`),
  refused('an empty error policy', disk({ errorPolicy: '' }), `${D}.errorPolicy`),
  refused('an error policy with a capital', disk({ errorPolicy: 'Stop' }), `${D}.errorPolicy`),
  accepted('blocks of 512', custom({ logical: 512, physical: 512 })),
  accepted('blocks of 2 MiB', custom({ logical: 2097152, physical: 2097152 })),
  refused(
    'blocks of 1 MiB and 4 MiB',
    custom({ logical: 1048576, physical: 4194304 }),
    `${D}.blockSize.custom.physical`,
  ),
  refused('no block sizes', custom({}), `${D}.blockSize.custom.logical`, `${D}.blockSize.custom.physical`),
  refused('no physical block size', custom({ logical: 512 }), `${D}.blockSize.custom.logical`),
  refused('no logical block size', custom({ physical: 512 }), `${D}.blockSize.custom.logical`),
  refused(
    'blocks larger than physical ones that are wrong',
    custom({ logical: 4096, physical: 600 }),
    `${D}.blockSize.custom.logical`,
  ),
  refused(
    'blocks of 4096 on sata',
    disk({ disk: { bus: 'sata' }, blockSize: { custom: { logical: 4096, physical: 4096 } } }),
    `${D}.blockSize.custom.logical`,
  ),
  refused(
    'blocks of 4096 on the default bus',
    disk({ disk: {}, blockSize: { custom: { logical: 4096, physical: 4096 } } }),
    `${D}.blockSize.custom.logical`,
  ),
  accepted(
    'blocks of 512 on sata',
    disk({ disk: { bus: 'sata' }, blockSize: { custom: { logical: 512, physical: 4096 } } }),
  ),
  accepted('a discard granularity', custom({ logical: 512, physical: 512, discardGranularity: 1024 })),
  accepted('a discard granularity of zero', custom({ logical: 512, physical: 512, discardGranularity: 0 })),
  refused(
    'a discard granularity of 700',
    custom({ logical: 512, physical: 512, discardGranularity: 700 }),
    `${D}.blockSize.custom.discardGranularity`,
  ),
  refused(
    'block sizes twice',
    disk({ blockSize: { custom: { logical: 512, physical: 512 }, matchVolume: { enabled: true } } }),
    `${D}.blockSize`,
  ),
  accepted(
    'block sizes once',
    disk({ blockSize: { custom: { logical: 512, physical: 512 }, matchVolume: { enabled: false } } }),
  ),
  accepted('shareable, with a tag', disk({ shareable: true, tag: 't' })),
  accepted('native I/O beside a cache', disk({ io: 'native', cache: 'writeback', disk: { bus: 'virtio' } })),
  accepted('shareable and cached', disk({ shareable: true, cache: 'writethrough', disk: { bus: 'virtio' } })),
];

const claim = { persistentVolumeClaim: { claimName: 'c' } };

/** docs/reference/admission.md §6.7 */
const pairs: readonly SpecCase[] = [
  refused('a disk without a volume', { [`${DEV}.disks[2]`]: { name: 'x', disk: {} } }, `${DEV}.disks[2].name`),
  accepted('a CD-ROM without a volume', { [`${DEV}.disks[2]`]: { name: 'x', cdrom: {} } }),
  withConfig(
    refused(
      'a CD-ROM without a volume or its gate',
      { [`${DEV}.disks[2]`]: { name: 'x', cdrom: {} } },
      `${DEV}.disks[2].name`,
    ),
    {
      developerConfiguration: { disabledFeatureGates: ['DeclarativeHotplugVolumes'] },
    },
  ),
  refused('a lun without a volume', { [`${DEV}.disks[2]`]: { name: 'x', lun: {} } }, `${DEV}.disks[2].name`),
  refused('a lun of an image', lun({ containerDisk: image }), `${D}.lun`),
  refused('a lun of an emptyDisk', lun({ emptyDisk: { capacity: '1Gi' } }), `${D}.lun`),
  refused('a lun of a ConfigMap', lun({ configMap: { name: 'c' } }), `${D}.lun`),
  refused('a lun of an ephemeral claim', lun({ ephemeral: claim }), `${D}.lun`),
  accepted('a lun of a DataVolume', lun({ dataVolume: { name: 'd' } })),
  withGates(
    refused('downwardMetrics as a lun', lun({ downwardMetrics: {} }), `${D}.lun`, `${D}.disk`),
    'DownwardMetrics',
  ),
  withGates(
    refused(
      'downwardMetrics on scsi',
      { ...disk({ disk: { bus: 'scsi' } }), [V]: { name: 'root', downwardMetrics: {} } },
      `${D}.disk.bus`,
    ),
    'DownwardMetrics',
  ),
  refused(
    'one boot order three times',
    { [`${D}.bootOrder`]: 2, [`${DEV}.disks[1].bootOrder`]: 2, ...iface({ bootOrder: 2 }) },
    `${DEV}.disks[1].bootOrder`,
    `${IF}.bootOrder`,
  ),
  refused('an interface with boot order 0', iface({ bootOrder: 0 }), 'spec[0].bootOrder'),
  accepted('boot orders', { [`${D}.bootOrder`]: 2, ...iface({ bootOrder: 1 }) }),
  accepted('an empty path', { [`${V}.containerDisk.path`]: '' }),
  accepted('a path of one slash at the end', { [`${V}.containerDisk.path`]: '/disk/' }),
  accepted('a claim mounted read-only with a disk that is written', {
    [V]: { name: 'root', persistentVolumeClaim: { claimName: 'debian', readOnly: true } },
  }),
  accepted('a path of two slashes', { [`${V}.containerDisk.path`]: '//' }),
  refused('a path of two slashes at the end', { [`${V}.containerDisk.path`]: '/disk//' }, `${V}.containerDisk`),
  refused('a path with a dot', { [`${V}.containerDisk.path`]: '/./disk' }, `${V}.containerDisk`),
  refused('a path that is a dot', { [`${V}.containerDisk.path`]: '.' }, `${V}.containerDisk`),
  accepted('a path with dots in a name', { [`${V}.containerDisk.path`]: '/disk/..img' }),
  refused('utility volumes', { 'spec.utilityVolumes': [{ name: 'u', claimName: 'c' }] }, 'spec.utilityVolumes'),
  refused('an empty list of utility volumes', { 'spec.utilityVolumes': [] }, 'spec.utilityVolumes'),
  withConfig(accepted('a reservation that the cluster allows', { ...lun(claim), [`${D}.lun.reservation`]: true }), {
    persistentReservationConfiguration: { enabled: true },
  }),
  withGates(
    accepted('a reservation that the gate allows', { ...lun(claim), [`${D}.lun.reservation`]: true }),
    'PersistentReservation',
  ),
  refused('a reservation', { ...lun(claim), [`${D}.lun.reservation`]: true }, `${DEV}.disks.luns.reservation`),
  accepted('no reservation', { ...lun(claim), [`${D}.lun.reservation`]: false }),
];

const base64 = (text: string) => Buffer.from(text).toString('base64');
const cloudInit = (data: object) => ({ [CI]: data });
const drive = (data: object) => ({ 'spec.volumes[1]': { name: 'init', cloudInitConfigDrive: data } });

/** docs/reference/admission.md §6.8, §7.2 */
const volumes: readonly SpecCase[] = [
  refused(
    'three volumes of one name',
    {
      'spec.volumes[2]': { name: 'root', emptyDisk: { capacity: '1Gi' } },
      'spec.volumes[3]': { name: 'root', emptyDisk: { capacity: '1Gi' } },
    },
    'spec.volumes[2].name',
    'spec.volumes[3].name',
  ),
  refused('no source', { [V]: { name: 'root' } }, V),
  refused('two sources', { [V]: { name: 'root', containerDisk: image, emptyDisk: { capacity: '1Gi' } } }, V),
  refused(
    'two kinds of cloud-init',
    { [`spec.volumes[1].cloudInitConfigDrive`]: { userData: 'a' } },
    'spec.volumes[1]',
  ),
  refused('a DataVolume of an empty name', extra({ dataVolume: { name: '' } }), 'spec.volumes[2].name'),
  accepted('a claim of an empty name', extra({ persistentVolumeClaim: { claimName: '' } })),
  accepted('an image of an empty name', { [`${V}.containerDisk.image`]: '' }),
  accepted('an image with a scheme', { [`${V}.containerDisk.image`]: 'docker://quay.io/a/b:c' }),
  accepted('an emptyDisk of size zero', extra({ emptyDisk: { capacity: '0' } })),
  accepted('a volume name that only a file system has', {
    'spec.volumes[2]': { name: 'A_b', configMap: { name: 'c' } },
    [`${DEV}.filesystems`]: [{ name: 'A_b', virtiofs: {} }],
  }),
  refused(
    'a volume name with capitals',
    { 'spec.volumes[2]': { name: 'Data', emptyDisk: { capacity: '1Gi' } } },
    `${DEV}.disks[2].name`,
  ),
  accepted('2048 bytes of user data', cloudInit({ userData: 'a'.repeat(2048) })),
  refused('2049 bytes of user data', cloudInit({ userData: 'a'.repeat(2049) }), CI),
  refused('2049 bytes in umlauts', cloudInit({ userData: `${'ä'.repeat(1024)}a` }), CI),
  accepted('2048 bytes in base64', cloudInit({ userDataBase64: base64('a'.repeat(2048)) })),
  refused('2049 bytes in base64', cloudInit({ userDataBase64: base64('a'.repeat(2049)) }), CI),
  accepted('base64 with line ends', cloudInit({ userDataBase64: 'YW\nJj\r\n' })),
  refused('base64 without its padding', cloudInit({ userDataBase64: 'YQ' }), `${CI}.userDataBase64`),
  refused('base64 for URLs', cloudInit({ userDataBase64: '_-8=' }), `${CI}.userDataBase64`),
  refused('user data twice', cloudInit({ userData: 'a', secretRef: { name: 's' } }), CI),
  accepted('user data and a Secret of no name', cloudInit({ userData: 'a', secretRef: {} })),
  refused('a Secret of no name', cloudInit({ secretRef: {} }), CI),
  refused('empty user data', cloudInit({ userData: '' }), CI),
  accepted('network data alone', cloudInit({ networkData: 'version: 2' })),
  refused(
    'network data thrice',
    cloudInit({ networkData: 'a', networkDataBase64: 'YQ==', networkDataSecretRef: { name: 's' } }),
    CI,
  ),
  refused(
    '2049 bytes of network data',
    drive({ userData: 'a', networkData: 'a'.repeat(2049) }),
    'spec.volumes[1].cloudInitConfigDrive',
  ),
  refused(
    'wrong base64 in a config drive',
    drive({ userDataBase64: '?' }),
    'spec.volumes[1].cloudInitConfigDrive.userDataBase64',
  ),
  refused('user data that is too long, twice', cloudInit({ userData: 'a'.repeat(2049), userDataBase64: 'YQ==' }), CI),
  refused(
    'downwardMetrics on the default bus',
    extra({ downwardMetrics: {} }),
    'spec.volumes[2]',
    `${DEV}.disks[2].disk.bus`,
  ),
  refused('a hostDisk', extra({ hostDisk: { path: '/d', type: 'DiskOrCreate' } }), 'spec.volumes[2]'),
  withGates(
    refused(
      'a hostDisk of an empty path',
      extra({ hostDisk: { path: '', type: 'DiskOrCreate' } }),
      'spec.volumes[2].hostDisk.path',
    ),
    'HostDisk',
  ),
  withGates(
    refused(
      'a hostDisk of an empty type',
      extra({ hostDisk: { path: '/d', type: '' } }),
      'spec.volumes[2].hostDisk.type',
    ),
    'HostDisk',
  ),
  withGates(
    refused(
      'a hostDisk of a type in lower case',
      extra({ hostDisk: { path: '/d', type: 'disk' } }),
      'spec.volumes[2].hostDisk.type',
    ),
    'HostDisk',
  ),
  withGates(
    refused(
      'a hostDisk that exists, of a size',
      extra({ hostDisk: { path: '/d', type: 'Disk', capacity: '1Gi' } }),
      'spec.volumes[2].hostDisk.capacity',
    ),
    'HostDisk',
  ),
  withGates(
    accepted('a hostDisk that exists, of size zero', extra({ hostDisk: { path: '/d', type: 'Disk', capacity: '0' } })),
    'HostDisk',
  ),
  refused('a ConfigMap of no name', extra({ configMap: {} }), 'spec.volumes[2].configMap.name'),
  refused(
    'a Secret volume of an empty name',
    extra({ secret: { secretName: '' } }),
    'spec.volumes[2].secret.secretName',
  ),
  refused(
    'a service account of no name',
    extra({ serviceAccount: {} }),
    'spec.volumes[2].serviceAccount.serviceAccountName',
  ),
  refused(
    'two memory dumps',
    { ...extra({ memoryDump: { claimName: 'a' } }), 'spec.volumes[3]': { name: 'y', memoryDump: { claimName: 'b' } } },
    'spec.volumes',
  ),
  refused(
    'two service accounts',
    {
      ...extra({ serviceAccount: { serviceAccountName: 'a' } }),
      'spec.volumes[3]': { name: 'y', serviceAccount: { serviceAccountName: 'a' } },
    },
    'spec.volumes',
  ),
  refused('a containerPath that is a disk', extra({ containerPath: { path: '/data' } }), 'spec.volumes[2]'),
  accepted('a containerPath that is a file system', {
    ...extra({ containerPath: { path: '/data' } }),
    [`${DEV}.filesystems`]: [{ name: 'x', virtiofs: {} }],
  }),
  refused(
    'a containerPath of the launcher',
    {
      ...extra({ containerPath: { path: '/var/run/kubevirt/x' } }),
      [`${DEV}.filesystems`]: [{ name: 'x', virtiofs: {} }],
    },
    'spec.volumes[2].containerPath.path',
  ),
  accepted('sysprep, ephemeral, secret and downwardAPI', {
    'spec.volumes[2]': { name: 'a', sysprep: { secret: { name: 's' } } },
    'spec.volumes[3]': { name: 'b', ephemeral: claim },
    'spec.volumes[4]': { name: 'c', secret: { secretName: 's' } },
    'spec.volumes[5]': {
      name: 'd',
      downwardAPI: { fields: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] },
    },
  }),
];

const multus = (name: string, more: object = {}) => ({ name, multus: { networkName: 'n', ...more } });
const nets = (interfaces: readonly object[], networks: readonly object[]) => ({
  [`${DEV}.interfaces`]: interfaces,
  'spec.networks': networks,
});

/** docs/reference/admission.md §6.9, as far as the rules exist. */
const networks: readonly SpecCase[] = [
  accepted(
    'two networks',
    nets(
      [
        { name: 'a', masquerade: {} },
        { name: 'b', bridge: {} },
      ],
      [{ name: 'a', pod: {} }, multus('b')],
    ),
  ),
  refused(
    'three pod networks',
    nets(
      [
        { name: 'a', bridge: {} },
        { name: 'b', bridge: {} },
        { name: 'c', bridge: {} },
      ],
      [
        { name: 'a', pod: {} },
        { name: 'b', pod: {} },
        { name: 'c', pod: {} },
      ],
    ),
    'spec.interfaces',
  ),
  refused('a network of no kind', nets([{ name: 'a', bridge: {} }], [{ name: 'a' }]), 'spec.networks[0]'),
  refused(
    'a network of two kinds',
    nets([{ name: 'a', bridge: {} }], [{ ...multus('a'), pod: {} }]),
    'spec.networks[0]',
  ),
  refused(
    'a multus network of an empty name',
    nets([{ name: 'a', bridge: {} }], [multus('a', { networkName: '' })]),
    'spec.networks[0]',
  ),
  refused(
    'two networks of one name',
    nets([{ name: 'a', bridge: {} }], [multus('a'), multus('a')]),
    'spec.networks[1].name',
  ),
  refused(
    'a network without an interface',
    nets([{ name: 'a', bridge: {} }], [multus('a'), multus('b')]),
    'spec.networks[1].name',
  ),
  refused(
    'two interfaces of one name',
    nets(
      [
        { name: 'a', bridge: {} },
        { name: 'a', bridge: {} },
      ],
      [multus('a')],
    ),
    `${DEV}.interfaces[1].name`,
  ),
  refused(
    'an interface without a network',
    nets(
      [
        { name: 'a', bridge: {} },
        { name: 'b', bridge: {} },
      ],
      [multus('a')],
    ),
    `${DEV}.interfaces[1].name`,
  ),
  refused('no binding', iface({ masquerade: undefined }), IF),
  refused('two bindings', iface({ bridge: {} }), IF),
  refused('masquerade on a multus network', nets([{ name: 'a', masquerade: {} }], [multus('a')]), `${IF}.name`),
  refused('the name of an interface', nets([{ name: 'a.b', bridge: {} }], [multus('a.b')]), `${IF}.name`),
  accepted('an interface with an underscore', nets([{ name: 'A_b-1', bridge: {} }], [multus('A_b-1')])),
  accepted('an interface model', iface({ model: 'igb' })),
  accepted('an empty interface model', iface({ model: '' })),
  refused('an interface model with a capital', iface({ model: 'E1000' }), `${IF}.model`),
  accepted('a MAC address with dashes', iface({ macAddress: '02-00-00-00-00-0A' })),
  accepted('a MAC address with dots', iface({ macAddress: '0200.0000.000a' })),
  accepted('an empty MAC address', iface({ macAddress: '' })),
  refused('a MAC address of mixed separators', iface({ macAddress: '02-00:00:00:00:01' }), `${IF}.macAddress`),
  refused('a MAC address of five bytes', iface({ macAddress: '02:00:00:00:00' }), `${IF}.macAddress`),
  refused('a MAC address of eight bytes', iface({ macAddress: '0200.0000.0000.0001' }), `${IF}.macAddress`),
  refused('a MAC address of single digits', iface({ macAddress: '2:0:0:0:0:1' }), `${IF}.macAddress`),
  refused('the reserved MAC address', iface({ macAddress: '02:00:00:00:00:00' }), `${IF}.macAddress`),
  accepted(
    'the reserved MAC address on bridge',
    iface({ masquerade: undefined, bridge: {}, macAddress: '02:00:00:00:00:00' }),
  ),
  withConfig(refused('bridge where it is not permitted', iface({ masquerade: undefined, bridge: {} }), `${IF}.name`), {
    network: { permitBridgeInterfaceOnPodNetwork: false },
  }),
  withConfig(accepted('bridge on multus where it is not permitted', nets([{ name: 'a', bridge: {} }], [multus('a')])), {
    network: { permitBridgeInterfaceOnPodNetwork: false },
  }),
  accepted('passt', iface({ masquerade: undefined, passtBinding: {} })),
  withConfig(refused('passt without its gate', iface({ masquerade: undefined, passtBinding: {} }), `${IF}.name`), {
    developerConfiguration: { disabledFeatureGates: ['PasstBinding'] },
  }),
  refused('slirp', iface({ masquerade: undefined, slirp: {} }), IF, `${IF}.slirp`),
  refused('macvtap', iface({ masquerade: undefined, macvtap: {} }), IF, `${IF}.macvtap`),
  refused('the old passt', iface({ masquerade: undefined, passt: {} }), IF, `${IF}.passt`),
  refused('slirp and masquerade', iface({ slirp: {} }), `${IF}.slirp`),
  accepted('a PCI address', iface({ pciAddress: '0000:81:01.0' })),
  refused('half a PCI address', iface({ pciAddress: '0000:81' }), `${IF}.pciAddress`),
  accepted('ports', iface({ ports: [{ port: 1 }, { port: 65535, protocol: 'UDP', name: 'dns' }] })),
  refused('port 0', iface({ ports: [{ port: 0 }] }), `${IF}.ports[0].port`),
  refused('port 65536', iface({ ports: [{ port: 65536 }] }), `${IF}.ports[0].port`),
  refused('a protocol in lower case', iface({ ports: [{ port: 1, protocol: 'tcp' }] }), `${IF}.ports[0].protocol`),
  accepted('wrong ports on a multus network', nets([{ name: 'a', bridge: {}, ports: [{ port: 0 }] }], [multus('a')])),
];

const RESERVED = [
  'created-by',
  'migrationJobUID',
  'nodeName',
  'migrationTargetNodeName',
  'schedulable',
  'install-strategy',
];

/** docs/reference/admission.md §7.4 */
const metadata: readonly SpecCase[] = [
  ...RESERVED.map((label) =>
    refused(`the label ${label}`, { 'metadata.labels': { [`kubevirt.io/${label}`]: '' } }, 'metadata.labels'),
  ),
  accepted('another label of the group', { 'metadata.labels': { 'kubevirt.io/mine': 'x' } }),
  refused('ignition', { 'metadata.annotations': { 'kubevirt.io/ignitiondata': '{}' } }, 'metadata.annotations'),
  accepted('empty ignition', { 'metadata.annotations': { 'kubevirt.io/ignitiondata': '' } }),
  withGates(
    accepted('ignition with its gate', { 'metadata.annotations': { 'kubevirt.io/ignitiondata': '{}' } }),
    'ExperimentalIgnitionSupport',
  ),
  withGates(
    refused('sidecars', { 'metadata.annotations': { 'hooks.kubevirt.io/hookSidecars': '[]' } }, 'metadata.annotations'),
    'ExperimentalIgnitionSupport',
  ),
  withGates(
    accepted('sidecars with their gate', { 'metadata.annotations': { 'hooks.kubevirt.io/hookSidecars': '[]' } }),
    'Sidecar',
  ),
];

const T = 'spec.template.spec';
const vm = (one: SpecCase) => ofKind(one, 'VirtualMachine');
/** Templates of one name, which the template's volume uses. */
const dataVolumes = (...specs: readonly object[]) => ({
  [`${T}.volumes[2]`]: { name: 'x', dataVolume: { name: 'dv' } },
  'spec.dataVolumeTemplates': specs.map((spec) => ({ metadata: { name: 'dv' }, spec: { storage: {}, ...spec } })),
});
const set = (one: SpecCase) => ofKind(one, 'VirtualMachineInstanceReplicaSet');

/** docs/reference/admission.md §4.5, §9.3, §11.1: the kinds with a template. */
const templates: readonly SpecCase[] = [
  vm(
    accepted(
      'a VirtualMachine',
      {},
      {
        [`${T}.domain.firmware`]: { uuid: '<random uuid>', serial: '<random uuid>' },
        [`${T}.architecture`]: 'amd64',
        [`${T}.domain.machine.type`]: 'q35',
        'spec.template.metadata.annotations': { 'kubevirt.io/pci-topology-version': 'v3' },
        [`${T}.evictionStrategy`]: undefined,
        [`${T}.domain.memory`]: undefined,
        [`${T}.networks`]: undefined,
      },
    ),
  ),
  vm(
    accepted(
      'a VirtualMachine with a UUID',
      { [`${T}.domain.firmware`]: { uuid: 'u' } },
      { [`${T}.domain.firmware.uuid`]: 'u' },
    ),
  ),
  vm(refused('a host name in a template', { [`${T}.hostname`]: 'A' }, `${T}.hostname`)),
  vm(
    refused(
      'a label in a template',
      { 'spec.template.metadata.labels': { 'kubevirt.io/nodeName': 'x' } },
      'spec.template.metadata.labels',
    ),
  ),
  vm(
    accepted('a video card that no VMI has, in a VirtualMachine', {
      [`${T}.domain.devices.video`]: { type: 'voodoo' },
    }),
  ),
  vm(
    accepted('an architecture that no VMI has, in a VirtualMachine', {
      [`${T}.architecture`]: 'riscv64',
      [`${T}.domain.machine`]: { type: 'q35' },
    }),
  ),
  vm(
    accepted('a read-only disk on the default bus, in a VirtualMachine', {
      [`${T}.domain.devices.disks[0].disk`]: { readonly: true },
    }),
  ),
  vm(refused('running and runStrategy', { 'spec.running': true }, 'spec.running')),
  vm(refused('neither running nor runStrategy', { 'spec.runStrategy': undefined }, 'spec.running')),
  vm(accepted('running', { 'spec.running': false, 'spec.runStrategy': undefined })),
  vm(refused('a run strategy that does not exist', { 'spec.runStrategy': 'Sometimes' }, 'spec.runStrategy')),
  vm(refused('an empty run strategy', { 'spec.runStrategy': '' }, 'spec.runStrategy')),
  vm(
    refused(
      'a maxGuest below guest',
      { [`${T}.domain.memory`]: { guest: '2Gi', maxGuest: '1Gi' } },
      `${T}.domain.memory.guest`,
    ),
  ),
  vm(
    refused(
      'more sockets than maxSockets',
      { [`${T}.domain.cpu`]: { sockets: 4, maxSockets: 2 } },
      `${T}.domain.cpu.sockets`,
    ),
  ),
  vm(accepted('a label of a template that no object can have', { 'spec.template.metadata.labels': { 'a b': 'x' } })),
  vm(accepted('WaitAsReceiver', { 'spec.runStrategy': 'WaitAsReceiver' })),
  vm(accepted('a DataVolume template', dataVolumes({ source: { blank: {} } }))),
  vm(
    accepted('two DataVolume templates of one name', dataVolumes({ source: { blank: {} } }, { source: { blank: {} } })),
  ),
  vm(
    accepted(
      'a DataVolume template with source and sourceRef',
      dataVolumes({ source: { blank: {} }, sourceRef: { kind: 'DataSource', name: 's' } }),
    ),
  ),
  set(accepted('a replica set', {}, { [`${T}.domain.firmware`]: undefined })),
  set(
    refused(
      'a replica set whose selector selects nothing',
      { 'spec.selector.matchLabels': { set: 'other' } },
      'spec.selector',
    ),
  ),
  set(
    refused(
      'a replica set whose selector cannot be understood',
      { 'spec.selector': { matchExpressions: [{ key: 'set', operator: 'Is' }] } },
      'spec.selector',
    ),
  ),
  set(refused('a host name in a replica set', { [`${T}.hostname`]: 'A' }, `${T}.hostname`)),
  set(accepted('a negative number of replicas', { 'spec.replicas': -1 })),
];

export const ruleCases: readonly SpecCase[] = [
  ...group('identity', identity),
  ...group('memory', memory),
  ...group('cpu', cpu),
  ...group('machine', machine),
  ...group('disks', disks),
  ...group('disks and volumes', pairs),
  ...group('volumes', volumes),
  ...group('networks', networks),
  ...group('metadata', metadata),
  ...group('templates', templates),
];
