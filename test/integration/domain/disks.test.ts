import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chownSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { localPaths } from '../../../src/api/pod-layout.js';
import type { Disk } from '../../../src/api/schema/disks.js';
import type { VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import { buildDomain, type DiskContext } from '../../../src/domain/index.js';
import { connect, CreateFlag, type Connection } from 'node-libvirt';
import { config, context, vmi } from '../../unit/domain/fixtures.js';
import { startSessionLibvirtd, type SessionLibvirtd } from '../support/session-libvirtd.js';

const MIB = 1024 * 1024;
const FACTS: DiskContext = {
  format: 'raw',
  directIo: true,
  blockSize: { logical: 4096, physical: 4096, discardGranularity: 0 },
};

const withUuid = (spec: VirtualMachineInstance['spec'], uuid: string): VirtualMachineInstance['spec'] => ({
  ...spec,
  domain: { ...spec.domain, firmware: { uuid } },
});

/** What neither schema nor golden files know: whether QEMU takes such a disk. */
describe('disks under a real libvirt and QEMU', function () {
  this.timeout(300_000);
  let daemon: SessionLibvirtd;
  let connection: Connection;

  before(async () => {
    daemon = await startSessionLibvirtd();
    connection = await connect({ socketPath: daemon.socketPath });
  });
  after(async () => {
    await connection.close();
    await daemon.stop();
  });

  const emulated = (disks: Record<string, DiskContext>) =>
    context({
      config: config({ developerConfiguration: { useEmulation: true } }),
      kvmAvailable: false,
      network: { passt: false },
      paths: localPaths(daemon.directory),
      disks,
    });

  const image = (path: string): void => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, Buffer.alloc(MIB));
    for (const each of [dirname(path), path]) chownSync(each, daemon.uid, -1);
  };
  const claimImage = (name: string): string => join(localPaths(daemon.directory).persistentVolume(name), 'disk.img');

  /** A VMI whose disks lie on claims of their names. */
  const onClaims = (...disks: Disk[]): VirtualMachineInstance =>
    vmi(
      { volumes: disks.map(({ name }) => ({ name, persistentVolumeClaim: { claimName: name } })) },
      {},
      { disks, autoattachGraphicsDevice: false },
    );

  /** Starts it paused and returns the XML of the running domain. */
  const start = async (subject: VirtualMachineInstance, facts: Record<string, DiskContext> = {}): Promise<string> => {
    const names = subject.spec.domain.devices.disks!.map(({ name }) => name);
    const known = { ...Object.fromEntries(names.map((name) => [name, FACTS])), ...facts };
    const domain = await connection.domains.defineXML(buildDomain(subject, emulated(known)));
    try {
      await connection.domains.create(domain, CreateFlag.PAUSED);
      const xml = await connection.domains.getXML(domain);
      await connection.domains.destroy(domain);
      return xml;
    } finally {
      await connection.domains.undefine(domain);
    }
  };

  it('takes block sizes on every bus, read-only disks and serial numbers', async () => {
    const disks: Disk[] = [
      { name: 'a', disk: { bus: 'virtio', readonly: true }, blockSize: { matchVolume: {} }, serial: 'A-1' },
      { name: 'b', disk: { bus: 'sata' }, blockSize: { matchVolume: {} }, serial: 'B-1' },
      { name: 'c', disk: { bus: 'scsi' }, blockSize: { custom: { logical: 512, physical: 4096 } }, serial: 'C-1' },
      { name: 'd', disk: { bus: 'usb' }, blockSize: { matchVolume: {} } },
      { name: 'e', cdrom: { bus: 'sata' }, blockSize: { matchVolume: {} }, serial: 'E-1' },
      { name: 'f', cdrom: { bus: 'scsi' }, serial: 'F-1' },
      { name: 'g', disk: { bus: 'virtio' }, io: 'native' },
      { name: 'h', lun: { bus: 'scsi' }, serial: 'H-1' },
    ];
    for (const { name } of disks) image(claimImage(name));
    const xml = await start(onClaims(...disks), { g: { ...FACTS, preallocated: true } });
    assert.match(xml, /<blockio logical_block_size='4096' physical_block_size='4096'/);
    assert.match(xml, /<serial>H-1<\/serial>/);
  });

  it('places a disk where its PCI address says', async () => {
    image(claimImage('a'));
    for (const [pciAddress, bus, slot] of [
      ['0000:00:10.0', '00', '10'],
      ['0000:08:00.0', '08', '00'],
    ] as const) {
      const xml = await start(onClaims({ name: 'a', disk: { bus: 'virtio', pciAddress } }));
      assert.match(
        xml,
        new RegExp(`<alias name='ua-a'/>\\s*<address type='pci' domain='0x0000' bus='0x${bus}' slot='0x${slot}'`),
      );
    }
  });

  it('lets one VM alone write to a disk, unless it is shareable', async () => {
    image(claimImage('a'));
    const machine = (name: string, uuid: string, shareable: boolean): VirtualMachineInstance => {
      const subject = onClaims({ name: 'a', disk: { bus: 'virtio' }, shareable });
      return { ...subject, metadata: { ...subject.metadata, name }, spec: withUuid(subject.spec, uuid) };
    };
    for (const shareable of [false, true]) {
      const first = machine('first', 'e0c0ac3c-0000-4000-8000-000000000001', shareable);
      const holder = await connection.domains.defineXML(buildDomain(first, emulated({ a: FACTS })));
      await connection.domains.create(holder, CreateFlag.PAUSED);
      try {
        const second = start(machine('second', 'e0c0ac3c-0000-4000-8000-000000000002', shareable));
        if (shareable) await second;
        else await assert.rejects(second, /Failed to get .*write.* lock/);
      } finally {
        await connection.domains.destroy(holder);
        await connection.domains.undefine(holder);
      }
    }
  });

  it('lets copies of one image run side by side, and nobody write to it meanwhile', async () => {
    image(claimImage('golden'));
    const paths = localPaths(daemon.directory);
    const copy = (name: string, uuid: string): VirtualMachineInstance => {
      const subject = onClaims({ name, disk: { bus: 'virtio' } });
      const overlay = paths.overlay(name);
      mkdirSync(dirname(overlay), { recursive: true });
      execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', claimImage('golden'), '-F', 'raw', overlay]);
      for (const path of [dirname(overlay), overlay]) chownSync(path, daemon.uid, -1);
      const volumes = [{ name, ephemeral: { persistentVolumeClaim: { claimName: 'golden' } } }];
      return {
        ...subject,
        metadata: { ...subject.metadata, name },
        spec: { ...withUuid(subject.spec, uuid), volumes },
      };
    };
    const facts: DiskContext = { ...FACTS, path: claimImage('golden') };
    const first = copy('copy-a', 'e0c0ac3c-0000-4000-8000-00000000000a');
    const holder = await connection.domains.defineXML(buildDomain(first, emulated({ 'copy-a': facts })));
    await connection.domains.create(holder, CreateFlag.PAUSED);
    try {
      await start(copy('copy-b', 'e0c0ac3c-0000-4000-8000-00000000000b'), { 'copy-b': facts });
      const writer = onClaims({ name: 'golden', disk: { bus: 'virtio' } });
      const named = { ...writer, metadata: { ...writer.metadata, name: 'writer' } };
      const uuid = 'e0c0ac3c-0000-4000-8000-00000000000c';
      await assert.rejects(start({ ...named, spec: withUuid(named.spec, uuid) }), /Failed to get .*lock/);
    } finally {
      await connection.domains.destroy(holder);
      await connection.domains.undefine(holder);
    }
  });

  it('passes a lun only to devices that understand SCSI: QEMU refuses a loop device, and takes it as a disk', async function () {
    if (process.getuid?.() !== 0) this.skip();
    const file = join(daemon.directory, 'loop.img');
    writeFileSync(file, Buffer.alloc(MIB));
    const device = execFileSync('losetup', ['--find', '--show', file], { encoding: 'utf8' }).trim();
    // A node of our own: the owner of the system's stays.
    const node = join(daemon.directory, 'loop');
    const { rdev } = statSync(device);
    try {
      execFileSync('mknod', [node, 'b', String(rdev >>> 8), String(rdev & 0xff)]);
      chownSync(node, daemon.uid, -1);
      const subject = onClaims({ name: 'a', lun: { bus: 'scsi' } });
      const facts: DiskContext = { ...FACTS, blockDevice: true, path: node };
      await assert.rejects(start(subject, { a: { ...facts, scsi: true } }), /SG_IO|ioctl|SCSI/);
      assert.match(await start(subject, { a: { ...facts, scsi: false } }), /<disk type='block' device='disk'>/);
      // On another bus libvirt would start no lun, whatever the device is.
      const onSata = onClaims({ name: 'a', lun: { bus: 'sata' } });
      assert.match(await start(onSata, { a: { ...facts, scsi: true } }), /<disk type='block' device='disk'>/);
    } finally {
      execFileSync('losetup', ['--detach', device]);
    }
  });
});
