import fc from 'fast-check';
import { CPU, D, DEV, type Change } from '../../../src/validators/rule/examples.js';
import { MACHINE_TYPES } from '../../../src/api/machine-types.js';

/*
 * VMIs of edge values: what libvirt and QEMU have an opinion on. A spec is one plain VMI with a few changes, each a
 * value of some field that people write, right and wrong. Which of them admission accepts is not said here: what it
 * accepts has to start.
 */

const values = (path: string, list: readonly unknown[]): Change[] => list.map((value) => ({ [path]: value }));
const NAMES = ['root', 'data', 'iso', 'x_y'];
const images = (name: string): object[] => [
  { name, containerDisk: { image: 'registry.example/disk:v1' } },
  { name, persistentVolumeClaim: { claimName: name } },
  { name, emptyDisk: { capacity: '1Gi' } },
  { name, cloudInitNoCloud: { userData: '#cloud-config' } },
  { name, ephemeral: { persistentVolumeClaim: { claimName: name } } },
  { name, hostDisk: { path: '/data/disk.img', type: 'DiskOrCreate', capacity: '1Gi' } },
];

/** Devices of disks. */
const TARGETS: readonly object[] = [
  ...['virtio', 'sata', 'scsi', 'usb', ''].flatMap((bus) => [
    { disk: { bus } },
    { disk: { bus, readonly: true } },
    { lun: { bus } },
    { cdrom: { bus } },
    { cdrom: { bus, tray: 'open' } },
    { cdrom: { bus, tray: 'closed', readonly: false } },
  ]),
  ...['0000:00:10.0', '0000:00:1f.0', '0000:00:00.0', '0000:00:01.0', '0000:00:02.0', '0000:81:00.0', '0000:08:00.0']
    .concat(['0000:81:01.0', '0001:00:10.0', '0000:00:10.7', '0000:01:00.1', '0000:ff:00.0', '0000:00:1d.0'])
    .concat(['0000:00:20.0', '0000:03:00.0', '0000:00:1f.2', '0000:20:00.0', '0000:fd:00.0', '0000:00:1b.0'])
    .map((pciAddress) => ({ disk: { bus: 'virtio', pciAddress } })),
];
/** More of a disk. */
const OPTIONS: readonly object[] = [
  {},
  ...['', 'a', 'A-1_2.3+4', 'x'.repeat(19), 'x'.repeat(20), 'x'.repeat(21), 'y'.repeat(36), 'y'.repeat(37)]
    .concat(['z'.repeat(64), 'z'.repeat(256)])
    .map((serial) => ({ serial })),
  ...[0, 1, 2, 9, 1000, 2 ** 31 - 1].map((bootOrder) => ({ bootOrder })),
  ...['none', 'writethrough', 'writeback', ''].flatMap((cache) => [
    { cache },
    { cache, io: 'native' },
    { cache, io: 'threads' },
    { cache, shareable: true },
  ]),
  ...['stop', 'ignore', 'report', 'enospace'].map((errorPolicy) => ({ errorPolicy })),
  { dedicatedIOThread: true },
  { blockSize: { matchVolume: {} } },
  { blockSize: { matchVolume: { enabled: true } } },
  ...[
    [512, 512],
    [512, 4096],
    [4096, 4096],
    [4096, 8192],
    [1024, 65536],
    [2097152, 2097152],
    [32768, 32768],
    [65536, 65536],
  ].flatMap(([logical, physical]) => [
    { blockSize: { custom: { logical, physical } } },
    { blockSize: { custom: { logical, physical, discardGranularity: 4096 } } },
    { blockSize: { custom: { logical, physical, discardGranularity: 2 ** 33 } } },
  ]),
];

const disks = fc
  .array(fc.record({ target: fc.constantFrom(...TARGETS), option: fc.constantFrom(...OPTIONS) }), {
    maxLength: NAMES.length,
  })
  .chain((list) => fc.tuple(fc.constant(list), ...NAMES.map((name) => fc.constantFrom<object>(...images(name)))))
  .map(([list, ...volumes]): Change => {
    const own = list.map(({ target, option }, index) => ({ name: NAMES[index], ...target, ...option }));
    return { [`${DEV}.disks`]: own, 'spec.volumes': volumes.slice(0, own.length) };
  });

/** So many disks of one bus: what a controller and the PCI bus hold. */
const many = (bus: string, count: number): Change => {
  const names = Array.from({ length: count }, (_, index) => `disk${index}`);
  return {
    [`${DEV}.disks`]: names.map((name) => ({ name, disk: { bus } })),
    'spec.volumes': names.map((name) => ({ name, emptyDisk: { capacity: '1Gi' } })),
  };
};

const MACS = ['02-54-00-6A-9A-15', '0254.006a.9a15', '02:54:00:6A:9A:15', '01:00:5e:00:00:01', '00:00:00:00:00:00']
  .concat(['ff:ff:ff:ff:ff:ff', '02:00:00:ff:fe:00:00:01', '2:54:0:6a:9a:15', '03:54:00:6a:9a:15', '0254006a9a15'])
  .concat(['fe:54:00:6a:9a:15', '02:00:00:00:00:00']);
const card = (more: object): Change => ({
  [`${DEV}.interfaces`]: [{ name: 'default', masquerade: {}, ...more }],
  'spec.networks': [{ name: 'default', pod: {} }],
});
const CARDS: readonly Change[] = [
  ...MACS.map((macAddress) => card({ macAddress })),
  ...['e1000', 'rtl8139', 'e1000e', 'igb', 'pcnet', 'ne2k_pci'].flatMap((model) =>
    ['0000:00:10.0', '0000:81:00.0'].map((pciAddress) => card({ model, pciAddress })),
  ),
  ...['virtio', 'e1000', 'e1000e', 'igb', 'ne2k_pci', 'pcnet', 'rtl8139', 'vmxnet3', '', 'usb-net'].flatMap((model) => [
    card({ model }),
    card({ model, bootOrder: 1 }),
  ]),
  ...[-1, 0, 1, 16383, 16384, 65535, 2 ** 31 - 1].map((acpiIndex) => card({ acpiIndex })),
  ...['0000:00:10.0', '0000:81:00.0', '0000:81:01.0', '0000:00:1f.0', '0000:00:00.0', '0000:ff:00.0', '0001:00:05.0']
    .concat(['0000:00:01.0', '0000:00:1f.3', '0000:00:10.3'])
    .map((pciAddress) => card({ pciAddress })),
  ...['up', 'down', 'absent', ''].map((state) => card({ state })),
  card({ ports: [{ port: 80 }, { port: 80, protocol: 'UDP' }, { port: 65535 }] }),
  card({ ports: [{ port: 80 }, { port: 80 }] }),
  {
    [`${DEV}.interfaces`]: [
      { name: 'default', masquerade: {} },
      { name: 'lan', bridge: {}, state: 'down' },
    ],
    'spec.networks': [
      { name: 'default', pod: {} },
      { name: 'lan', multus: { networkName: 'vlan10' } },
    ],
  },
  card({ dhcpOptions: { bootFileName: 'x', privateOptions: [{ option: 224, value: 'y' }] } }),
  // A disk of the same name.
  {
    [`${DEV}.interfaces`]: [{ name: 'root', masquerade: {} }],
    'spec.networks': [{ name: 'root', pod: {} }],
  },
  card({ ports: Array.from({ length: 100 }, (_, index) => ({ port: index + 1 })) }),
];

const FEATURES = [
  'vmx',
  'svm',
  'aes',
  'avx',
  'apic',
  'nosuch',
  'AVX',
  'mpx',
  'pdpe1gb',
  'invtsc',
  'hle',
  'pcid',
  'xsave',
];
const POLICIES = ['force', 'require', 'optional', 'disable', 'forbid', '', undefined];
const cpuFeatures: readonly Change[] = [
  ...FEATURES.flatMap((name) => POLICIES.map((policy) => ({ [`${CPU}.features`]: [{ name, policy }] }))),
  { [`${CPU}.features`]: [{ name: 'aes' }, { name: 'aes' }] },
  { [`${CPU}.features`]: [{ name: 'aes' }, { name: 'aes', policy: 'disable' }] },
  { [`${CPU}.features`]: [{ name: '' }] },
];
const MODELS = [
  'host-model',
  'host-passthrough',
  'maximum',
  'qemu64',
  'Haswell',
  'EPYC',
  'EPYC-Genoa',
  'Nosuch',
  'haswell',
]
  .concat(['Skylake-Server-v4', '486', 'pentium3', 'kvm64', 'Opteron_G1', 'max', 'Icelake-Client', 'SapphireRapids'])
  .concat(['GraniteRapids', 'cpu64-rhel6', 'a\u0001b', 'Cascadelake-Server', '']);

const TEXTS = [
  '',
  'a',
  'a,b',
  'a=b',
  'ä',
  'x'.repeat(255),
  'x'.repeat(256),
  'a"b\'<&>',
  ' a ',
  'a\tb',
  'a\nb',
  '%s%n',
].concat(['\u{1f600}', 'a\u0000b', '\ud800', '\u{fffe}', 'x'.repeat(1000), ',,', 'uuid=1']);

const topology = (sockets: number, cores: number, threads: number): Change => ({
  [CPU]: { sockets, cores, threads },
});

/** Parts of a VMI that are changed together; of two changes of one part the later one is made. */
export const PARTS: Readonly<Record<string, readonly Change[]>> = {
  machine: [
    ...values('spec.domain.machine.type', [...MACHINE_TYPES, 'pc-q35-rhel9.4.0', 'pc-q35-rhel7.6.0', 'pc-q35-jammy']),
    ...values('spec.domain.machine.type', ['pc-q35-10.2', 'pc-q35-noble-v2', 'pc-q35-2.3', 'q35', 'q35x', 'pc-q35-']),
  ],
  size: [
    ...[1, 2, 3, 255, 256, 288, 289, 512, 1024].map((sockets) => topology(sockets, 1, 1)),
    ...[topology(1, 255, 1), topology(1, 1, 255), topology(3, 3, 3), topology(1, 7, 1), topology(1, 1, 16)],
  ],
  bootloader: [
    ...values('spec.domain.firmware.bootloader', [
      { bios: {} },
      { bios: { useSerial: true } },
      { efi: {} },
      { efi: { secureBoot: true } },
      ...[
        { efi: { secureBoot: false } },
        { efi: { persistent: false, secureBoot: false } },
        { efi: { persistent: true, secureBoot: false } },
        { bios: {}, efi: {} },
      ],
    ]),
    ...[{ enabled: true }, {}, { enabled: false }].map((smm) => ({
      'spec.domain.firmware.bootloader': { efi: {} },
      'spec.domain.features.smm': smm,
    })),
  ],
  kernel: [
    {},
    { kernelPath: '/boot/vmlinuz' },
    { kernelPath: '/boot/vmlinuz', initrdPath: '/boot/initrd' },
    { initrdPath: '/boot/initrd' },
  ].flatMap((paths) =>
    ['', 'quiet', 'a="b,c" d=<e>&', 'ä\u0001', 'x'.repeat(5000)].map((kernelArgs) => ({
      'spec.domain.firmware.kernelBoot': { container: { image: 'registry.example/kernel:v1', ...paths }, kernelArgs },
    })),
  ),
  licence: ['slicNameRef', 'msdmNameRef'].map((field) => ({
    'spec.domain.firmware.acpi': { [field]: 'licence' },
    'spec.volumes[2]': { name: 'licence', secret: { secretName: 'licence' } },
  })),
  tpm: values(`${DEV}.tpm`, [{}, { enabled: false }, { persistent: false }, { persistent: true }]),
  screen: [
    ...values(
      `${DEV}.video`,
      ['vga', 'cirrus', 'virtio', 'ramfb', 'bochs', 'qxl', 'none', ''].map((type) => ({ type })),
    ),
    ...[true, false].map((on) => ({ [`${DEV}.autoattachInputDevice`]: on })),
    ...values(`${DEV}.sound`, [
      { name: 'a' },
      { name: '' },
      { name: 'a,b', model: 'ac97' },
      { name: 'a', model: 'es1370' },
    ]),
  ],
  model: values(`${CPU}.model`, MODELS),
  cpuFeatures,
  memory: values(
    'spec.domain.memory.guest',
    [
      '1',
      '512',
      '1Ki',
      '4Ki',
      '64Ki',
      '512Ki',
      '1Mi',
      '1500000',
      '2Mi',
      '3Mi',
      '8Mi',
      '33Mi',
      '100.5Mi',
      '3000000001',
    ].concat(['4Gi', '3Gi', '1.5Gi', '1Ti', '16Ti', '1Pi', '64Mi', '127999999']),
  ),
  serial: values('spec.domain.firmware.serial', TEXTS),
  chassis: ['manufacturer', 'version', 'serial', 'asset', 'sku'].flatMap((name) =>
    values(`spec.domain.chassis.${name}`, TEXTS),
  ),
  uuid: values('spec.domain.firmware.uuid', [
    '5d307ca9-b3ef-428c-8861-06e72d69f223',
    '5D307CA9-B3EF-428C-8861-06E72D69F223',
    '00000000-0000-0000-0000-000000000000',
  ]),
  bios: [
    { 'spec.domain.firmware.bootloader': { bios: { useSerial: true } } },
    { 'spec.domain.firmware.bootloader': { bios: { useSerial: true } }, [`${DEV}.autoattachSerialConsole`]: false },
  ],
  start: [{ 'spec.startStrategy': 'Paused' }, { 'spec.domain.rebootPolicy': 'Terminate' }],
  clock: [
    ...values('spec.domain.clock.utc', [
      {},
      { offsetSeconds: 0 },
      { offsetSeconds: -1 },
      { offsetSeconds: 2 ** 31 - 1 },
    ]),
    ...values('spec.domain.clock.utc.offsetSeconds', [-(2 ** 31), 2 ** 40]),
    ...values('spec.domain.clock.timezone', ['UTC', 'Europe/Berlin', 'US/Pacific', 'nowhere', 'a,b']),
    ...['delay', 'catchup', 'merge', 'discard', ''].flatMap((tickPolicy) =>
      ['rtc', 'pit', 'hpet'].flatMap((timer) => values(`spec.domain.clock.timer.${timer}`, [{ tickPolicy }])),
    ),
    ...['guest', 'wall', 'realtime', ''].map((track) => ({ 'spec.domain.clock.timer.rtc': { track } })),
    ...['rtc', 'pit', 'hpet', 'kvm', 'hyperv'].flatMap((timer) =>
      values(`spec.domain.clock.timer.${timer}`, [{}, { present: false }, { present: true }]),
    ),
  ],
  acpi: values('spec.domain.features.acpi', [{}, { enabled: false }]),
  apic: values('spec.domain.features.apic', [
    {},
    { enabled: false },
    { endOfInterrupt: true },
    { endOfInterrupt: false },
  ]),
  features: [
    ...['smm', 'pvspinlock'].flatMap((name) => values(`spec.domain.features.${name}`, [{}, { enabled: false }])),
    ...values('spec.domain.features.kvm', [{}, { hidden: true }]),
    ...[
      'relaxed',
      'vapic',
      'spinlocks',
      'vpindex',
      'runtime',
      'synic',
      'synictimer',
      'reset',
      'vendorid',
      'frequencies',
    ]
      .concat(['reenlightenment', 'tlbflush', 'ipi', 'evmcs'])
      .map((name) => ({ 'spec.domain.features.hyperv': { [name]: {} } })),
    { 'spec.domain.features.hypervPassthrough': {} },
  ],
  disks: [
    ...['virtio', 'sata', 'scsi', 'usb'].flatMap((bus) => [1, 6, 7, 20, 27, 40].map((count) => many(bus, count))),
    ...['sata', 'scsi', 'virtio'].map((bus) => many(bus, 70)),
    { [D]: { name: 'root', cdrom: { bus: 'scsi' } } },
  ],
  cards: CARDS,
  transitional: values(`${DEV}.useVirtioTransitional`, [true, false]),
  queues: values(`${DEV}.blockMultiQueue`, [true]).map((change) => ({
    ...change,
    'spec.domain.resources.requests.cpu': '1',
  })),
  graphics: values(`${DEV}.autoattachGraphicsDevice`, [true, false]),
  balloon: values(`${DEV}.autoattachMemBalloon`, [true, false]),
  console: values(`${DEV}.autoattachSerialConsole`, [true, false]),
  rng: values(`${DEV}.rng`, [{}]),
  metrics: values(`${DEV}.downwardMetrics`, [{}]),
  inputs: [
    ...['usb', 'virtio', '', 'ps2'].map((bus) => ({ [`${DEV}.inputs`]: [{ name: 't', type: 'tablet', bus }] })),
    {
      [`${DEV}.inputs`]: [
        { name: 'a', type: 'tablet' },
        { name: 'a', type: 'tablet', bus: 'virtio' },
      ],
    },
    { [`${DEV}.inputs`]: [{ name: 'a b', type: 'tablet' }] },
    { [`${DEV}.inputs`]: [{ name: '', type: 'tablet' }] },
    { [`${DEV}.inputs`]: Array.from({ length: 40 }, (_, i) => ({ name: `t${i}`, type: 'tablet', bus: 'usb' })) },
    { [`${DEV}.inputs`]: Array.from({ length: 40 }, (_, i) => ({ name: `t${i}`, type: 'tablet', bus: 'virtio' })) },
    { [`${DEV}.inputs`]: [{ name: 'root', type: 'tablet' }] },
  ],
  watchdog: [
    ...['poweroff', 'reset', 'shutdown', '', 'inject-nmi'].map((action) => ({
      [`${DEV}.watchdog`]: { name: 'w', i6300esb: { action } },
    })),
    { [`${DEV}.watchdog`]: { name: 'w' } },
    { [`${DEV}.watchdog`]: { name: 'w w', i6300esb: {} } },
    { [`${DEV}.watchdog`]: { name: '', i6300esb: {} } },
    { [`${DEV}.watchdog`]: { name: 'root', i6300esb: {} } },
  ],
  panic: [
    ...['hyperv', 'isa', 'pvpanic', '', undefined].map((model) => ({ [`${DEV}.panicDevices`]: [{ model }] })),
    { [`${DEV}.panicDevices`]: [{ model: 'isa' }, { model: 'isa' }] },
    { [`${DEV}.panicDevices`]: [{ model: 'isa' }, { model: 'pvpanic' }] },
    { [`${DEV}.panicDevices`]: [{ model: 'pvpanic' }, { model: 'pvpanic' }] },
  ],
  ioThreads: [
    ...['shared', 'auto', ''].map((policy) => ({ 'spec.domain.ioThreadsPolicy': policy })),
    ...[1, 2, 64, 1000, 2 ** 31].map((count) => ({
      'spec.domain.ioThreadsPolicy': 'supplementalPool',
      'spec.domain.ioThreads': { supplementalPoolThreadCount: count },
    })),
  ],
  name: values('metadata.name', [
    'a',
    'a.b',
    `${'a'.repeat(62)}.${'b'.repeat(62)}.${'c'.repeat(62)}.${'d'.repeat(63)}`,
  ]),
};

const part = fc.constantFrom(...Object.values(PARTS)).chain((changes) => fc.constantFrom(...changes));

/** A plain VMI with one to four changes. */
export const edgeChange: fc.Arbitrary<Change> = fc
  .array(fc.oneof({ weight: 4, arbitrary: part }, { weight: 1, arbitrary: disks }), { minLength: 1, maxLength: 4 })
  .map((changes) => Object.assign({}, ...changes) as Change);

/** Every change by itself, and each disk in every way. */
export const singleChanges = (...parts: readonly string[]): Change[] => [
  ...Object.entries(PARTS).flatMap(([name, changes]) => (parts.length === 0 || parts.includes(name) ? changes : [])),
  ...TARGETS.flatMap((target) =>
    images('root').map((volume) => ({ [D]: { name: 'root', ...target }, 'spec.volumes[0]': volume })),
  ),
  ...OPTIONS.flatMap((option) =>
    ['virtio', 'sata', 'scsi', 'usb'].map((bus) => ({ [D]: { name: 'root', disk: { bus }, ...option } })),
  ),
];
