import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Disk } from '../../../src/api/schema/disks.js';
import type { VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import type { Volume } from '../../../src/api/schema/volumes.js';
import { matchedSizes } from '../../../src/domain/block-size.js';
import { buildDomain, domainNotices, type DiskContext } from '../../../src/domain/index.js';
import { context, vmi } from './fixtures.js';
import { all, one, readXml } from './read-xml.js';

const FILE: DiskContext = { format: 'raw', directIo: true };
const DEVICE: DiskContext = { format: 'raw', directIo: true, blockDevice: true };
const claim: Volume = { name: 'a', persistentVolumeClaim: { claimName: 'c' } };
const FIELD = 'spec.domain.devices.disks[0]';

const machine = (disk: Partial<Disk>, volume: Volume = claim): VirtualMachineInstance =>
  vmi(
    { volumes: [volume] },
    {},
    { disks: [{ name: 'a', disk: (disk.cdrom ?? disk.lun) ? undefined : { bus: 'virtio' }, ...disk }] },
  );
const build = (subject: VirtualMachineInstance, facts: DiskContext) =>
  one(readXml(buildDomain(subject, context({ disks: { a: facts } }))), 'disk')!;
const driver = (disk: Partial<Disk>, facts: DiskContext) => one(build(machine(disk), facts), 'driver')!.attributes;
const refuses = (subject: VirtualMachineInstance, facts: DiskContext, field: string, message: RegExp) =>
  assert.throws(() => buildDomain(subject, context({ disks: { a: facts } })), {
    name: 'DomainError',
    code: 'InvalidValue',
    field,
    message,
  });

describe('cache and I/O of a disk', () => {
  // The table of docs/reference/domain.md §4.
  for (const [what, disk, facts, cache, io] of [
    ['direct I/O works', {}, FILE, 'none', undefined],
    ['it does not', {}, { ...FILE, directIo: false }, 'writethrough', undefined],
    ['none is asked for and works', { cache: 'none' }, FILE, 'none', undefined],
    ['writethrough is asked for', { cache: 'writethrough' }, FILE, 'writethrough', undefined],
    ['the image is preallocated', {}, { ...FILE, preallocated: true }, 'none', 'native'],
    ['preallocated, but cached', { cache: 'writethrough' }, { ...FILE, preallocated: true }, 'writethrough', undefined],
    ['it is a device', {}, DEVICE, 'none', 'native'],
    ['threads are asked for on a device', { io: 'threads' }, DEVICE, 'none', 'threads'],
    ['native is asked for on a sparse image', { io: 'native' }, FILE, 'none', 'native'],
    ['native is asked for and nobody looked', { io: 'native' }, { format: 'raw' }, 'none', 'native'],
    ['several VMs share it', { shareable: true }, { format: 'raw' }, 'none', undefined],
  ] as const)
    it(`are ${cache} and ${io ?? 'unset'} where ${what}`, () => {
      const attributes = driver(disk, facts);
      assert.deepEqual([attributes['cache'], attributes['io']], [cache, io]);
    });

  it('are refused where the file system cannot do it, naming the image', () => {
    const cannot = { ...FILE, directIo: false };
    refuses(
      machine({ cache: 'none' }),
      cannot,
      `${FIELD}.cache`,
      /vmi-disks\/a\/disk\.img lacks it; write writethrough/,
    );
    refuses(machine({ shareable: true }), cannot, `${FIELD}.shareable`, /direct I\/O.*lacks/);
    refuses(machine({ io: 'native' }), cannot, `${FIELD}.io`, /lacks it; write threads/);
    refuses(machine({ io: 'native', cache: 'writeback' }), FILE, `${FIELD}.io`, /the disk has cache writeback/);
  });

  it('are refused where the size of the image is why, with the size that would do', () => {
    const odd = { ...FILE, directIo: false, unalignedBytes: 7_000_000_000n };
    assert.equal(driver({}, odd)['cache'], 'writethrough');
    const size = /disk\.img has 7000000000 bytes, no multiple of 4096; write .*enlarge the image to 7000002560 bytes/;
    refuses(machine({ cache: 'none' }), odd, `${FIELD}.cache`, size);
    refuses(machine({ io: 'native' }), odd, `${FIELD}.io`, size);
  });
});

describe('block sizes of a disk', () => {
  const sizes = fc.record({
    logical: fc.constantFrom(0, 512, 1024, 4096, 65536, 1 << 20),
    physical: fc.constantFrom(0, 512, 4096, 16384, 131072, 2 << 20, 4 << 20),
    discardGranularity: fc.nat(1 << 24),
  });

  it('taken from the volume are such as QEMU takes and guests can read', () => {
    fc.assert(
      fc.property(sizes, fc.constantFrom('virtio', 'sata', 'scsi', 'usb'), (volume, bus) => {
        const found = matchedSizes(volume, bus);
        const known = Math.max(volume.logical, volume.physical);
        if (found === undefined) {
          assert.ok(known === 0 || known > 2 << 20);
          return;
        }
        assert.ok(found.logical >= 512 && found.logical <= 4096 && found.logical <= found.physical);
        assert.ok(found.physical <= 2 << 20 && Number.isInteger(Math.log2(found.physical)));
        assert.equal(found.discardGranularity % found.logical, 0);
        if (bus === 'sata') assert.equal(found.logical, 512);
      }),
    );
  });

  for (const [what, volume, expected] of [
    ['512e device', [512, 4096, 65536], [512, 4096, 65536]],
    ['device that tells only its logical size', [4096, 0, 0], [4096, 4096, 4096]],
    ['device that tells only its physical size', [0, 512, 0], [512, 512, 512]],
    ['granularity that is no multiple', [512, 512, 1000], [512, 512, 512]],
    ['file system with huge blocks', [1 << 20, 1 << 20, 1 << 20], [4096, 1 << 20, 1 << 20]],
  ] as const)
    it(`match a ${what}`, () => {
      const [logical, physical, discardGranularity] = volume;
      const found = matchedSizes({ logical, physical, discardGranularity }, 'virtio');
      assert.deepEqual(Object.values(found!), expected);
    });

  it('are not those of the volume where matchVolume is switched off', () => {
    assert.equal(one(build(machine({ blockSize: { matchVolume: { enabled: false } } }), FILE), 'blockio'), undefined);
  });

  it('cannot be those of a volume that nobody measured, or that has none', () => {
    const subject = machine({ blockSize: { matchVolume: {} } });
    const field = `${FIELD}.blockSize.matchVolume`;
    assert.throws(() => build(subject, FILE), { code: 'MissingInput', field });
    const blockSize = { logical: 0, physical: 0, discardGranularity: 0 };
    refuses(subject, { ...DEVICE, blockSize }, field, /blocks of 0 and 0 bytes/);
  });
});

describe('a lun', () => {
  const lun = { lun: { bus: 'scsi' } };
  const notices = (subject: VirtualMachineInstance, facts: DiskContext): string[] =>
    domainNotices(subject, context({ disks: { a: facts } })).map(({ reason }) => reason);

  it('passes a block device through, with its own blocks and serial number', () => {
    const subject = machine({ ...lun, serial: 'S', blockSize: { custom: { logical: 512, physical: 512 } } });
    for (const scsi of [undefined, true]) {
      const disk = build(subject, { ...DEVICE, scsi });
      assert.equal(disk.attributes['device'], 'lun');
      for (const name of ['serial', 'blockio']) assert.equal(one(disk, name), undefined);
      assert.deepEqual(notices(subject, { ...DEVICE, scsi }), ['LunKeepsItsOwn', 'LunKeepsItsOwn']);
    }
    assert.deepEqual(notices(machine(lun), DEVICE), []);
  });

  for (const [what, facts, volume, reason] of [
    ['a file', FILE, claim, 'LunNotSupportedForFile'],
    ['the overlay of an ephemeral volume', DEVICE, { name: 'a', ephemeral: {} }, 'LunNotSupportedForFile'],
    ['a device without SCSI', { ...DEVICE, scsi: false }, claim, 'LunNotSupportedByDevice'],
  ] as const)
    it(`over ${what} is an ordinary disk, and the owner is told`, () => {
      const subject = machine({ ...lun, serial: 'S' }, volume);
      const disk = build(subject, facts);
      assert.equal(disk.attributes['device'], 'disk');
      assert.deepEqual(one(disk, 'target')?.attributes, { dev: 'sda', bus: 'scsi' });
      assert.deepEqual(one(disk, 'serial')?.children, ['S']);
      assert.deepEqual(notices(subject, facts), [reason]);
    });

  for (const [bus, dev] of [
    ['sata', 'sda'],
    ['virtio', 'vda'],
    ['usb', 'sda'],
  ] as const)
    it(`on bus ${bus}, where libvirt starts none, is an ordinary disk, and the owner is told`, () => {
      const subject = machine({ lun: { bus } });
      const disk = build(subject, { ...DEVICE, scsi: true });
      assert.deepEqual([disk.attributes['device'], one(disk, 'target')?.attributes], ['disk', { dev, bus }]);
      assert.deepEqual(notices(subject, { ...DEVICE, scsi: true }), ['LunNotSupportedOnBus']);
    });
});

describe('a disk on a claim', () => {
  const readOnly: Volume = { name: 'a', persistentVolumeClaim: { claimName: 'c', readOnly: true } };

  it('is read-only where the claim is, and refused on SATA, where QEMU has no such disks', () => {
    assert.ok(one(build(machine({}, readOnly), FILE), 'readonly'));
    assert.ok(one(build(machine({ disk: undefined, cdrom: { bus: 'sata' } }, readOnly), FILE), 'readonly'));
    refuses(machine({ disk: { bus: 'sata' } }, readOnly), FILE, FIELD, /SATA disk cannot be: give it the bus virtio/);
  });

  it('is never looked into for a chain: its image is raw', () => {
    const disk = build(machine({}), FILE);
    assert.equal(one(disk, 'driver')?.attributes['type'], 'raw');
    assert.equal(one(disk, 'backingStore'), undefined);
  });

  it('is where the claim is mounted, under an overlay where it is ephemeral', () => {
    const sources = (volume: Volume, facts: DiskContext) =>
      all(build(machine({}, volume), facts), 'source').map(({ attributes }) => Object.entries(attributes).join());
    const private_ = '/var/run/kubevirt-private/vmi-disks/a';
    const overlay = 'file,/var/run/kubevirt-ephemeral-disks/disk-data/a/disk.qcow2';
    const ephemeral: Volume = { name: 'a', ephemeral: { persistentVolumeClaim: { claimName: 'c' } } };
    assert.deepEqual(sources(claim, FILE), [`file,${private_}/disk.img`]);
    assert.deepEqual(sources(claim, DEVICE), ['dev,/dev/vmi-disks/a']);
    assert.deepEqual(sources(ephemeral, FILE), [overlay, `file,${private_}/disk.img`]);
    assert.deepEqual(sources(ephemeral, DEVICE), [overlay, 'dev,/dev/vmi-disks/a']);
    const hostDisk = { path: '/data/vm 1.img', type: 'Disk' };
    assert.deepEqual(sources({ name: 'a', hostDisk }, FILE), [`file,${private_}/vm 1.img`]);
  });
});

describe('a PCI address', () => {
  it('of a bus that has one slot names that slot', () => {
    const at = (pciAddress: string) => machine({ disk: { bus: 'virtio', pciAddress } });
    refuses(at('0000:81:01.0'), FILE, `${FIELD}.disk.pciAddress`, /write "0000:81:00\.0"/);
    assert.equal(one(build(at('0000:00:1a.0'), FILE), 'address')?.attributes['slot'], '0x1a');
  });
});
