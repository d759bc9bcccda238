import fc from 'fast-check';
import type { VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import type { CPUFeature } from '../../../src/api/schema/cpu-memory.js';
import type { BlockSize, Disk } from '../../../src/api/schema/disks.js';
import type { Input } from '../../../src/api/schema/devices.js';
import type { Interface } from '../../../src/api/schema/networks.js';
import type { Volume } from '../../../src/api/schema/volumes.js';
import { vmi } from './fixtures.js';

const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
/** Text a user may write anywhere: everything XML can hold. */
const text = fc
  .string({ unit: 'grapheme', maxLength: 20 })
  .map((s) => s.replace(/[^\P{Cc}\t\n\r]|[\ufffe\uffff]/gu, ''));
const state = fc.record({ enabled: fc.boolean() }, { requiredKeys: [] });

const volume = (name: string): fc.Arbitrary<Volume> =>
  fc.constantFrom<Volume>(
    { name, containerDisk: { image: 'x' } },
    { name, emptyDisk: { capacity: '1Gi' } },
    { name, cloudInitNoCloud: { userData: 'x' } },
    { name, persistentVolumeClaim: { claimName: 'c' } },
    { name, dataVolume: { name: 'c' } },
    { name, ephemeral: { persistentVolumeClaim: { claimName: 'c' } } },
    { name, hostDisk: { path: '/data/disk.img', type: 'Disk' } },
  );

const optionalNone = (cache: string | undefined): string | undefined => (cache === undefined ? undefined : 'none');

const disk = (name: string): fc.Arbitrary<Disk> =>
  fc
    .record({
      kind: fc.constantFrom('disk', 'cdrom', 'lun'),
      bus: fc.constantFrom('virtio', 'sata', 'scsi', 'usb'),
      readonly: optional(fc.boolean()),
      bootOrder: optional(fc.integer({ min: 1, max: 99 })),
      cache: optional(fc.constantFrom('none', 'writethrough', 'writeback')),
      io: optional(fc.constantFrom('native', 'threads')),
      errorPolicy: optional(fc.constantFrom('stop', 'ignore', 'report', 'enospace')),
      serial: optional(fc.stringMatching(/^[A-Za-z0-9_.+-]{1,20}$/)),
      blockSize: optional(
        fc.constantFrom<BlockSize>(
          { matchVolume: {} },
          { custom: { logical: 512, physical: 4096 } },
          { custom: { logical: 512, physical: 512, discardGranularity: 8192 } },
        ),
      ),
      shareable: optional(fc.boolean()),
      ownThread: fc.boolean(),
    })
    .map(({ kind, bus, readonly, ownThread, ...all }) => {
      // Native I/O and shared disks are not cached.
      const uncached = all.shareable === true || all.io === 'native';
      const rest = { ...all, cache: uncached ? optionalNone(all.cache) : all.cache };
      if (kind === 'cdrom') return { name, ...rest, cdrom: { bus: bus === 'virtio' ? 'sata' : bus, readonly } };
      if (kind === 'lun') return { name, ...rest, lun: { bus: 'scsi', readonly } };
      const ownThreads = ownThread && bus === 'virtio' ? { dedicatedIOThread: true } : {};
      return { name, ...rest, disk: { bus, readonly }, ...ownThreads };
    });

const isRaw = (volumes: readonly Volume[], name: string): boolean => {
  const volume = name === 'claim' ? volumes.find((one) => one.name === name) : undefined;
  return Boolean(volume?.persistentVolumeClaim ?? volume?.dataVolume ?? volume?.hostDisk);
};

const storage = fc
  .integer({ min: 0, max: 5 })
  .chain((count) => {
    const names = ['root', 'claim', 'a', 'b', 'c'].slice(0, count);
    return fc.tuple(fc.tuple(...names.map(volume)), fc.tuple(...names.map(disk)));
  })
  .map(([volumes, disks]) => ({
    volumes: volumes.map((v) =>
      v.name === 'root' || v.name === 'claim' || v.emptyDisk || v.cloudInitNoCloud
        ? v
        : { name: v.name, emptyDisk: { capacity: 1 } },
    ),
    // Only a raw image can be shared, and of these only the claim's is one.
    disks: disks.map((one) => (isRaw(volumes, one.name) ? one : { ...one, shareable: undefined })),
  }));

const features = fc.record(
  {
    acpi: state,
    apic: state,
    smm: state,
    pvspinlock: state,
    kvm: fc.record({ hidden: fc.boolean() }),
    hyperv: fc.record(
      {
        relaxed: state,
        vapic: state,
        vpindex: state,
        runtime: state,
        synic: state,
        reset: state,
        frequencies: state,
        ipi: state,
      },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: [] },
);

const devices = fc.record(
  {
    autoattachGraphicsDevice: fc.boolean(),
    autoattachMemBalloon: fc.boolean(),
    autoattachSerialConsole: fc.boolean(),
    blockMultiQueue: fc.boolean(),
    logSerialConsole: fc.boolean(),
    rng: fc.constant({}),
    useVirtioTransitional: fc.boolean(),
    inputs: fc.constantFrom<Input[]>(
      [],
      [{ name: 'tablet', type: 'tablet', bus: 'usb' }],
      [{ name: 't', type: 'tablet', bus: 'virtio' }],
    ),
    interfaces: fc.constantFrom<Interface[]>(
      [],
      [{ name: 'default' }],
      [{ name: 'default', bridge: {}, macAddress: 'de:ad:00:00:be:af', model: 'e1000e', bootOrder: 3 }],
      [{ name: 'default', masquerade: {}, ports: [{ port: 80 }, { port: 53, protocol: 'UDP' }], state: 'down' }],
    ),
    watchdog: fc.constantFrom({ name: 'w', i6300esb: {} }, { name: 'w', i6300esb: { action: 'poweroff' } }),
  },
  { requiredKeys: [] },
);

/** VMIs that admission lets through, with every field that the builder acts on, and hostile but legal text. */
export const arbitraryVmi: fc.Arbitrary<VirtualMachineInstance> = fc
  .record({
    storage,
    devices,
    features: optional(features),
    cpu: optional(
      fc.record(
        {
          sockets: fc.integer({ min: 1, max: 4 }),
          cores: fc.integer({ min: 1, max: 4 }),
          threads: fc.integer({ min: 1, max: 2 }),
          model: fc.constantFrom('host-model', 'host-passthrough', 'Haswell', 'EPYC'),
          features: fc.constantFrom<CPUFeature[]>([], [{ name: 'vmx', policy: 'require' }], [{ name: 'apic' }]),
        },
        { requiredKeys: [] },
      ),
    ),
    memory: fc.constantFrom('64Mi', '1Gi', '1500M', '100.5Mi', 268435456),
    serial: optional(text),
    chassis: optional(fc.record({ manufacturer: text, asset: text }, { requiredKeys: [] })),
    clock: optional(
      fc.constantFrom(
        { utc: {} },
        { utc: { offsetSeconds: 60 } },
        { timezone: 'Europe/Berlin', timer: { rtc: { tickPolicy: 'catchup' } } },
      ),
    ),
    startStrategy: optional(fc.constant('Paused')),
    rebootPolicy: optional(fc.constantFrom('Reboot', 'Terminate')),
    // A pool of several threads is left out: the schema of Debian 12's libvirt, which judges these, is older than it.
    ioThreads: fc.constantFrom(
      {},
      { ioThreadsPolicy: 'shared' },
      { ioThreadsPolicy: 'auto' },
      { ioThreadsPolicy: 'supplementalPool', ioThreads: { supplementalPoolThreadCount: 1 } },
    ),
  })
  .map((r) => {
    const base = vmi();
    return vmi(
      { volumes: r.storage.volumes, networks: [{ name: 'default', pod: {} }], startStrategy: r.startStrategy },
      {
        cpu: r.cpu,
        memory: { guest: r.memory },
        features: r.features,
        clock: r.clock,
        chassis: r.chassis,
        rebootPolicy: r.rebootPolicy,
        ...r.ioThreads,
        firmware: { uuid: base.metadata?.uid, serial: r.serial },
      },
      { ...r.devices, disks: r.storage.disks },
    );
  });
