import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import fc from 'fast-check';
import { buildDomain, DomainError, type DomainContext } from '../../../src/domain/index.js';
import { arbitraryVmi } from './arbitrary-vmi.js';
import { config, context, typical, vmi } from './fixtures.js';
import { readXml } from './read-xml.js';

const golden = new URL('golden/', import.meta.url);

/** UPDATE_GOLDEN=1 writes the files; what changed is then to be read in the diff. */
const matchesGolden = async (file: string, xml: string): Promise<void> => {
  const path = new URL(file, golden);
  if (process.env['UPDATE_GOLDEN'] === '1') await writeFile(path, xml);
  assert.equal(xml, await readFile(path, 'utf8'));
};

const emulated = () =>
  context({
    config: config({ developerConfiguration: { useEmulation: true } }),
    kvmAvailable: false,
    network: { passt: false },
  });

describe('buildDomain', () => {
  it('makes the least domain of the least VMI', () => matchesGolden('minimal.xml', buildDomain(vmi(), context())));

  it('makes a typical domain on KVM with a tap', () => matchesGolden('typical.xml', buildDomain(typical(), context())));

  it('makes a typical domain under emulation on an old libvirt', () =>
    matchesGolden('emulated.xml', buildDomain(typical(), emulated())));

  it('makes a domain with every kind of disk', () => {
    const disks = vmi(
      {
        volumes: [
          { name: 'root', containerDisk: { image: 'x' } },
          { name: 'scratch', emptyDisk: { capacity: '1Gi' } },
          { name: 'claim', persistentVolumeClaim: { claimName: 'data' } },
          { name: 'block', dataVolume: { name: 'blocks' } },
        ],
      },
      {},
      {
        disks: [
          { name: 'root', disk: { bus: 'sata' }, cache: 'writeback', errorPolicy: 'report' },
          {
            name: 'scratch',
            disk: { bus: 'scsi' },
            serial: 'S-1',
            blockSize: { custom: { logical: 4096, physical: 4096 } },
          },
          { name: 'claim', disk: { bus: 'virtio', pciAddress: '0000:81:00.0' }, io: 'native', shareable: true },
          { name: 'block', lun: { bus: 'scsi', readonly: true } },
          { name: 'drive', cdrom: { bus: 'sata', tray: 'open' } },
        ],
      },
    );
    const known = {
      root: { format: 'raw' },
      claim: { format: 'raw' },
      block: { format: 'raw', blockDevice: true },
    } as const;
    return matchesGolden('disks.xml', buildDomain(disks, context({ disks: known })));
  });

  it('makes a domain with what claims and host disks can be', () => {
    const match = { matchVolume: {} };
    const disks = vmi(
      {
        volumes: [
          { name: 'full', persistentVolumeClaim: { claimName: 'full' } },
          { name: 'archive', persistentVolumeClaim: { claimName: 'archive', readOnly: true } },
          { name: 'block', persistentVolumeClaim: { claimName: 'block' } },
          { name: 'throwaway', ephemeral: { persistentVolumeClaim: { claimName: 'golden' } } },
          { name: 'device', ephemeral: { persistentVolumeClaim: { claimName: 'golden-block' } } },
          { name: 'host', hostDisk: { path: '/data/disk.img', type: 'DiskOrCreate', capacity: '1Gi', shared: true } },
          { name: 'file', dataVolume: { name: 'file' } },
          { name: 'medium', dataVolume: { name: 'medium' } },
        ],
      },
      {},
      {
        disks: [
          { name: 'full', disk: { bus: 'virtio' }, blockSize: match },
          { name: 'archive', disk: { bus: 'virtio' }, cache: 'writethrough' },
          { name: 'block', disk: { bus: 'virtio' }, blockSize: match },
          { name: 'throwaway', disk: { bus: 'sata' }, blockSize: match },
          { name: 'device', disk: { bus: 'scsi' } },
          { name: 'host', disk: { bus: 'virtio', pciAddress: '0000:00:10.0' } },
          { name: 'file', lun: { bus: 'scsi' }, serial: 'F-1' },
          { name: 'medium', cdrom: { bus: 'sata' }, serial: 'M-1' },
        ],
      },
    );
    const file = { format: 'raw', directIo: true, blockSize: { logical: 4096, physical: 4096, discardGranularity: 0 } };
    const block = {
      ...file,
      blockDevice: true,
      blockSize: { logical: 512, physical: 4096, discardGranularity: 65536 },
    };
    const known = {
      full: { ...file, preallocated: true },
      archive: file,
      block,
      throwaway: file,
      device: { ...block, directIo: false },
      host: file,
      file: { ...file, directIo: false },
      medium: file,
    } as DomainContext['disks'];
    return matchesGolden('claims.xml', buildDomain(disks, context({ disks: known })));
  });

  it('pins vCPUs, emulator and I/O threads of a VM with dedicated CPUs', () => {
    const cpu = { cores: 2, dedicatedCpuPlacement: true, isolateEmulatorThread: true, model: 'host-passthrough' };
    const pinned = vmi({}, { cpu, ioThreadsPolicy: 'auto' });
    const exclusiveCpus = {
      allowed: [2, 3, 5],
      cells: [{ cpus: [2, 3, 4, 5].map((id) => ({ id, siblings: [id] })) }],
    };
    return matchesGolden('pinned.xml', buildDomain(pinned, context({ exclusiveCpus })));
  });

  it('makes a disk of every image of files', () => {
    const volumes = [
      { name: 'drive', cloudInitConfigDrive: { userData: '#cloud-config\n' } },
      { name: 'conf', configMap: { name: 'app' } },
      { name: 'pass', secret: { secretName: 'db' } },
      { name: 'account', serviceAccount: { serviceAccountName: 'robot' } },
      { name: 'info', downwardAPI: { fields: [] } },
      { name: 'answers', sysprep: { configMap: { name: 'win' } } },
    ];
    const devices = {
      disks: [
        { name: 'drive', disk: { bus: 'virtio' } },
        { name: 'conf', disk: { bus: 'virtio' }, serial: 'CVLY623300HK240D' },
        { name: 'pass', cdrom: { bus: 'sata' } },
        { name: 'account', disk: { bus: 'sata' } },
        { name: 'info', disk: { bus: 'scsi' } },
        { name: 'answers', cdrom: { bus: 'scsi' } },
      ],
    };
    return matchesGolden('content.xml', buildDomain(vmi({ volumes }, {}, devices), context()));
  });

  it('makes a disk and a port of downward metrics', () => {
    const devices = { disks: [{ name: 'metrics', disk: { bus: 'virtio' } }], downwardMetrics: {} };
    const volumes = [{ name: 'metrics', downwardMetrics: {} }];
    return matchesGolden('downward-metrics.xml', buildDomain(vmi({ volumes }, {}, devices), context()));
  });

  it('makes well-formed XML of every valid VMI, without what session mode cannot set', function () {
    this.timeout(0);
    fc.assert(
      fc.property(arbitraryVmi, (random) => {
        const xml = buildDomain(random, context());
        assert.equal(readXml(xml).name, 'domain');
        assert.doesNotMatch(xml, /<(cputune|memtune|numatune)/);
      }),
      { numRuns: 1000 },
    );
  });

  it('is pure: the same VMI gives the same XML and stays as it was', () => {
    const subject = typical();
    const before = structuredClone(subject);
    assert.equal(buildDomain(subject, context()), buildDomain(subject, context()));
    assert.deepEqual(subject, before);
  });

  it('refuses a character that XML cannot hold, wherever it comes from', () => {
    const subject = vmi({}, { firmware: { uuid: context().paths.serialSocket.split('/').at(-2)!, serial: 'a\u0007' } });
    assert.throws(
      () => buildDomain(subject, context()),
      (error: DomainError) => {
        assert.equal(error.code, 'InvalidValue');
        assert.match(error.message, /U\+0007 in the text of <entry>/);
        return true;
      },
    );
  });

  it('refuses a field it does not act on instead of dropping it', () => {
    const subject = vmi({}, { launchSecurity: { sev: {} } });
    assert.throws(() => buildDomain(subject, context()), {
      code: 'NotSupported',
      field: 'spec.domain.launchSecurity',
    });
  });
});
