import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { inspect } from '../../../src/agent/volumes/inspect.js';
import type { PrepareOptions, VolumeNotice } from '../../../src/agent/volumes/preparation.js';
import { prepareVolumes } from '../../../src/agent/volumes/prepare.js';
import { VolumeError } from '../../../src/agent/volumes/volume-error.js';
import { LocalWorkspace } from '../../../src/agent/workspace/local-workspace.js';
import type { Disk } from '../../../src/api/schema/disks.js';
import type { VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import type { PersistentVolumeClaimInfo } from '../../../src/api/schema/volume-migration.js';
import type { Volume } from '../../../src/api/schema/volumes.js';

const MIB = 1024 * 1024;
const RESERVE = 131_072;
/** The guest's uid, as in a pod. */
const GUEST = { uid: 107, gid: 107 };

/** Claims, ephemeral volumes and host disks on real files, file systems and devices, as the guest's uid. */
describe('claims and host disks', function () {
  this.timeout(300_000);
  let directory: string;
  let workspace: LocalWorkspace;
  let notices: VolumeNotice[];
  let undo: (() => void)[];

  beforeEach(function () {
    if (process.getuid?.() !== 0) this.skip();
    directory = mkdtempSync(join(tmpdir(), 'virt-claims-'));
    chownSync(directory, GUEST.uid, GUEST.gid);
    workspace = new LocalWorkspace(join(directory, 'vm'), GUEST);
    notices = [];
    undo = [];
    mounted();
  });
  afterEach(() => {
    for (const step of undo.reverse()) step();
    rmSync(directory, { recursive: true, force: true });
  });

  const own = (path: string): string => {
    chownSync(path, GUEST.uid, GUEST.gid);
    return path;
  };
  /** The directory where the claim of a volume is mounted. */
  const mounted = (volume = 'data'): string => {
    const path = workspace.paths.persistentVolume(volume);
    mkdirSync(path, { recursive: true });
    for (const each of [dirname(dirname(path)), dirname(path), path]) own(each);
    return path;
  };
  const image = (volume = 'data'): string => join(mounted(volume), 'disk.img');
  /** A tmpfs in place of the claim. */
  const smallFileSystem = (bytes: number): string => {
    const path = mounted();
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes},uid=107,gid=107,mode=770`, 'claim', path]);
    undo.push(() => execFileSync('umount', ['--lazy', path]));
    return path;
  };
  /** A loop device of 8 MiB of zeros. */
  const loopDevice = (): string => {
    const file = join(directory, 'device');
    writeFileSync(file, '');
    truncateSync(file, 8 * MIB);
    const path = execFileSync('losetup', ['--find', '--show', file], { encoding: 'utf8' }).trim();
    undo.push(() => execFileSync('losetup', ['--detach', path]));
    return path;
  };
  /** The node of a device where block claims are, with the runtime's owner. */
  const deviceNode = (device: string, volume = 'data'): string => {
    const path = workspace.paths.blockDevice(volume);
    mkdirSync(dirname(path), { recursive: true });
    const rdev = statSync(device).rdev;
    execFileSync('mknod', ['-m', '660', path, 'b', String(rdev >>> 8), String(rdev & 0xff)]);
    return path;
  };

  const claimed: Volume = { name: 'data', persistentVolumeClaim: { claimName: 'db' } };
  const info = (changes: PersistentVolumeClaimInfo = {}): PersistentVolumeClaimInfo => ({
    claimName: 'db',
    volumeMode: 'Filesystem',
    requests: { storage: '10Mi' },
    capacity: { storage: '20Mi' },
    ...changes,
  });
  const vmi = (volume: Volume, claim: PersistentVolumeClaimInfo | undefined, disk?: Partial<Disk>) =>
    ({
      metadata: { name: 'web', namespace: 'default' },
      spec: { domain: { devices: { disks: [{ name: volume.name, disk: {}, ...disk }] } }, volumes: [volume] },
      ...(claim === undefined
        ? {}
        : { status: { volumeStatus: [{ name: volume.name, target: '', persistentVolumeClaimInfo: claim }] } }),
    }) satisfies VirtualMachineInstance;
  const prepare = async (subject: VirtualMachineInstance, options: Partial<PrepareOptions> = {}) => {
    const facts = await prepareVolumes(subject, workspace, {
      imageSource: () => Promise.reject(new Error('no containerDisk here')),
      memoryLimitBytes: 2000n * 1024n * 1024n,
      notice: (notice) => notices.push(notice),
      ...options,
    });
    return facts[subject.spec.volumes![0]!.name]!;
  };
  const fails = (work: Promise<unknown>, message: RegExp): Promise<void> =>
    assert.rejects(work, (error) => {
      assert.ok(error instanceof VolumeError, String(error));
      assert.match(error.message, message);
      assert.match(error.message, /^volume data: /);
      return true;
    });

  describe('a filesystem claim', () => {
    it('without an image gets a sparse raw one of the guest’s uid, of the smaller size', async () => {
      const facts = await prepare(vmi(claimed, info({ requests: { storage: '10500Ki' } })));
      assert.equal(facts.format, 'raw');
      assert.equal(facts.preallocated, false);
      const stat = statSync(image());
      assert.deepEqual([stat.size, stat.blocks, stat.uid, stat.mode & 0o777], [10 * MIB, 0, 107, 0o660]);
      assert.deepEqual(notices, []);
    });

    it('keeps its image, whatever its size, and whatever format its first bytes claim', async () => {
      execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', image(), '1M']);
      own(image());
      const before = readFileSync(image());
      assert.equal((await prepare(vmi(claimed, info()))).format, 'raw');
      assert.deepEqual(readFileSync(image()), before);
    });

    it('is a DataVolume’s by the same name', async () => {
      await prepare(vmi({ name: 'data', dataVolume: { name: 'db' } }, info()));
      assert.equal(statSync(image()).size, 10 * MIB);
    });

    it('goes on after an attempt that was killed', async () => {
      writeFileSync(`${image()}.1.staging`, 'torn');
      await prepare(vmi(claimed, info()));
      assert.deepEqual(readdirSync(mounted()), ['disk.img']);
    });

    it('tells an image whose blocks are all there', async () => {
      writeFileSync(image(), Buffer.alloc(MIB, 1));
      own(image());
      assert.equal((await prepare(vmi(claimed, info()))).preallocated, true);
    });

    it('whose image has an odd size keeps it as it is, gets the host’s cache, and its owner is told', async () => {
      writeFileSync(image(), Buffer.alloc(MIB));
      own(image());
      assert.equal((await prepare(vmi(claimed, info()))).directIo, true, 'a file system that can do direct I/O');
      assert.equal(notices.length, 0);
      for (const size of [MIB + 512, MIB + 1]) {
        truncateSync(image(), size);
        const { directIo, unalignedBytes } = await prepare(vmi(claimed, info()));
        assert.deepEqual([directIo, unalignedBytes], [false, BigInt(size)]);
        assert.equal(statSync(image()).size, size);
        assert.equal(notices.at(-1)?.reason, 'UnalignedImage');
        assert.match(
          notices.at(-1)?.message ?? '',
          /^volume data: disk\.img of claim db has \d+ bytes.* 1052672 bytes/,
        );
      }
    });

    it('looks at an image of absurd size without reading it', async () => {
      writeFileSync(image(), '');
      truncateSync(image(), 8 * 1024 ** 4);
      own(image());
      const begin = process.hrtime.bigint();
      assert.equal((await prepare(vmi(claimed, info()))).preallocated, false);
      assert.ok(process.hrtime.bigint() - begin < 10_000_000_000n);
    });

    for (const [percent, available] of [
      [91, 9_542_042],
      [90, 9_437_184],
    ] as const)
      it(`with ${percent} % of the space gets a smaller disk, and its owner is told`, async () => {
        // tmpfs counts in pages, and its root takes none.
        const pages = Math.ceil((available + RESERVE) / 4096);
        smallFileSystem(pages * 4096);
        await prepare(vmi(claimed, info()));
        assert.equal(statSync(image()).size, pages * 4096 - RESERVE);
        assert.equal(notices.length, 1);
        assert.equal(notices[0]!.reason, 'ToleratedSmallPV');
        assert.match(
          notices[0]!.message,
          /10485760 bytes are demanded and 9\d{6} available, which is tolerated \(up to 10 % less\)/,
        );
        await prepare(vmi(claimed, info()));
        assert.equal(notices.length, 1, 'told once');
      });

    it('with 89 % of the space is refused, naming what is demanded and available', async () => {
      smallFileSystem(Math.floor(10 * MIB * 0.89) + RESERVE - (Math.floor(10 * MIB * 0.89) % 4096));
      await fails(
        prepare(vmi(claimed, info())),
        /10485760 bytes are demanded and 93\d{5} available \(131072 stay free\)/,
      );
      assert.deepEqual(readdirSync(mounted()), []);
    });

    it('says whether its file system takes direct I/O', async () => {
      assert.equal((await prepare(vmi(claimed, info()))).directIo, true);
      execFileSync('mount', ['-t', 'ramfs', '-o', 'mode=777', 'claim', mounted('ram')]);
      undo.push(() => execFileSync('umount', ['--lazy', workspace.paths.persistentVolume('ram')]));
      const volume: Volume = { name: 'ram', hostDisk: { path: '/x/disk.img', type: 'Disk' } };
      writeFileSync(image('ram'), Buffer.alloc(MIB));
      own(image('ram'));
      assert.equal((await prepare(vmi(volume, undefined))).directIo, false);
    });

    it('goes by the cluster’s settings', async () => {
      smallFileSystem(8 * MIB);
      await fails(prepare(vmi(claimed, info()), { toleratePercent: 19, reserveBytes: 0n }), /tolerated 19 %/);
      await prepare(vmi(claimed, info()), { toleratePercent: 20, reserveBytes: 0n });
      assert.equal(statSync(image()).size, 8 * MIB);
    });

    it('is refused where less is free than stays free', async () => {
      smallFileSystem(4096 * 8);
      await fails(prepare(vmi(claimed, info())), /and 0 available/);
    });

    it('is not known of before the controller wrote about it', async () => {
      await fails(prepare(vmi(claimed, undefined)), /claim db is not described in status\.volumeStatus/);
      await fails(prepare(vmi(claimed, info({ requests: {}, capacity: {} }))), /size is not known/);
      await fails(prepare(vmi(claimed, info({ requests: { storage: '1000' } }))), /smaller than 1Mi/);
      assert.equal(existsSync(image()), false);
    });

    it('that is read-only has no image made, and needs none that can be written', async () => {
      const volume: Volume = { name: 'data', persistentVolumeClaim: { claimName: 'db', readOnly: true } };
      await fails(prepare(vmi(volume, info())), /disk\.img of claim db does not exist.*remove readOnly/);
      writeFileSync(image(), Buffer.alloc(4096));
      chmodSync(image(), 0o444);
      assert.equal((await prepare(vmi(volume, info()))).format, 'raw');
      await fails(
        prepare(vmi(claimed, info())),
        /cannot be written by the guest: it belongs to 0:0 \(mode 444\).*chown/,
      );
      await prepare(vmi(claimed, info(), { disk: { readonly: true } }));
      await prepare(vmi(claimed, info(), { disk: undefined, cdrom: {} }));
    });

    it('whose image belongs to another user is refused with the remedy', async () => {
      writeFileSync(image(), 'x', { mode: 0o600 });
      await fails(prepare(vmi(claimed, info())), /cannot be read by the guest.*0:0 \(mode 600\).*chown 107:107/);
    });

    it('whose directory belongs to another user is refused with the remedy, where nobody helps', async () => {
      chownSync(mounted(), 0, 0);
      await fails(prepare(vmi(claimed, info())), /cannot be made: 0:0 \(mode 755\) owns its directory.*chown 107:107/);
      const made: unknown[] = [];
      const makeDiskFile = (...call: [string, string, bigint]): Promise<void> => {
        made.push(call);
        const path = join(workspace.paths.persistentVolume(call[0]), call[1]);
        writeFileSync(path, '');
        truncateSync(path, Number(call[2]));
        own(path);
        return Promise.resolve();
      };
      await prepare(vmi(claimed, info()), { makeDiskFile });
      assert.deepEqual(made, [['data', 'disk.img', 10_485_760n]]);
      chmodSync(workspace.paths.persistentVolume('data'), 0o700);
      await fails(prepare(vmi(claimed, info()), { makeDiskFile }), /cannot be looked for: 0:0 \(mode 700\)/);
    });
  });

  describe('a hostile disk.img', () => {
    const secret = (): string => {
      const path = join(directory, 'shadow');
      writeFileSync(path, 'root:x:0');
      return path;
    };
    for (const [what, arrange, message] of [
      ['FIFO', () => execFileSync('mkfifo', [image()]), /is a fifo, not a file/],
      ['directory', () => mkdirSync(image()), /is a directory, not a file/],
      ['link to a file outside', () => symlinkSync(secret(), image()), /is a symbolic link, not a file/],
      ['link to a file beside it', () => symlinkSync('other.img', image()), /is a symbolic link, not a file/],
      ['link into nothing', () => symlinkSync('/nowhere/at/all', image()), /is a symbolic link, not a file/],
      ['character device', () => execFileSync('mknod', [image(), 'c', '1', '5']), /is a character special file/],
      ['block device', () => execFileSync('mknod', [image(), 'b', '240', '1']), /is a block special file/],
      ['empty file', () => writeFileSync(image(), ''), /is empty \(0 bytes\)/],
    ] as const)
      it(`that is a ${what} is refused at once`, async () => {
        arrange();
        if (!lstatSync(image()).isSymbolicLink()) own(image());
        await fails(prepare(vmi(claimed, info())), message);
        await fails(
          prepare(vmi({ name: 'data', ephemeral: { persistentVolumeClaim: { claimName: 'db' } } }, info())),
          message,
        );
      });

    it('cannot have the staging name lead anywhere', async () => {
      const victim = secret();
      own(victim);
      symlinkSync(victim, `${image()}.1.staging`);
      await prepare(vmi(claimed, info()));
      assert.equal(readFileSync(victim, 'utf8'), 'root:x:0');
      assert.equal(statSync(image()).size, 10 * MIB);
    });
  });

  describe('a block claim', () => {
    const block = info({ volumeMode: 'Block' });

    it('is the guest’s, with the blocks and abilities of the device', async () => {
      const node = deviceNode(loopDevice());
      const claims: string[] = [];
      const facts = await prepare(vmi(claimed, block), {
        takeBlockDevice: (volume) => {
          claims.push(volume);
          own(node);
          return Promise.resolve();
        },
      });
      assert.deepEqual(claims, ['data']);
      const { blockSize, ...rest } = facts;
      assert.deepEqual(rest, { format: 'raw', blockDevice: true, directIo: true, scsi: false });
      assert.deepEqual([blockSize!.logical, blockSize!.physical], [512, 512]);
    });

    it('that is not the guest’s, not there, or not a device is refused', async () => {
      await fails(
        prepare(vmi(claimed, block), {}).finally(() => undefined),
        /cannot be looked at|is missing/,
      );
      const node = deviceNode(loopDevice());
      await fails(prepare(vmi(claimed, block)), /cannot be read by the guest: it belongs to 0:0 \(mode 660\)/);
      rmSync(node);
      writeFileSync(node, '');
      await fails(prepare(vmi(claimed, block)), /is a regular empty file, not a block device/);
    });

    it('of which the kernel knows no bytes is refused', async () => {
      const path = workspace.paths.blockDevice('data');
      mkdirSync(dirname(path));
      // Numbers of no driver.
      execFileSync('mknod', ['-m', '660', path, 'b', '240', '1']);
      own(path);
      await fails(prepare(vmi(claimed, block)), /has 0 bytes: its storage is gone/);
    });

    it('passes for SCSI by what the kernel says of it', async () => {
      const node = own(deviceNode(loopDevice()));
      const rdev = statSync(node).rdev;
      const device = join(directory, 'sys', 'dev', 'block', `${rdev >>> 8}:${rdev & 0xff}`);
      const scsi = async (): Promise<boolean | undefined> =>
        (await inspect(workspace, node, join(directory, 'sys'))).scsi;
      assert.equal(await scsi(), undefined);
      mkdirSync(join(device, 'queue'), { recursive: true });
      writeFileSync(join(device, 'queue', 'discard_granularity'), '65536\n');
      assert.equal(await scsi(), false);
      assert.equal((await inspect(workspace, node, join(directory, 'sys'))).blockSize.discardGranularity, 65536);
      mkdirSync(join(device, 'dm'));
      writeFileSync(join(device, 'dm', 'uuid'), 'LVM-abc');
      assert.equal(await scsi(), false);
      writeFileSync(join(device, 'dm', 'uuid'), 'mpath-3600');
      assert.equal(await scsi(), true);
      rmSync(join(device, 'dm'), { recursive: true });
      mkdirSync(join(device, 'device', 'scsi_device'), { recursive: true });
      assert.equal(await scsi(), true);
    });
  });

  describe('an ephemeral volume', () => {
    const volume: Volume = { name: 'data', ephemeral: { persistentVolumeClaim: { claimName: 'db' } } };
    const hash = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');
    const overlayInfo = (): Record<string, unknown> =>
      JSON.parse(
        execFileSync('qemu-img', ['info', '--output=json', workspace.paths.overlay('data')], { encoding: 'utf8' }),
      ) as Record<string, unknown>;
    const write = (): void => {
      execFileSync('qemu-io', ['-c', 'write -P 7 0 64k', workspace.paths.overlay('data')]);
    };

    it('is an overlay, and what is written there never reaches the image', async () => {
      writeFileSync(image(), Buffer.alloc(2 * MIB, 3));
      chmodSync(image(), 0o444);
      const before = hash(image());
      const facts = await prepare(vmi(volume, info()));
      assert.equal(facts.format, 'raw');
      assert.equal(facts.preallocated, undefined, 'of the image, not of the overlay');
      const made = overlayInfo();
      assert.equal(made['backing-filename'], image());
      assert.equal(made['backing-filename-format'], 'raw');
      assert.equal(made['virtual-size'], 2 * MIB);
      write();
      assert.equal(hash(image()), before);
      await prepare(vmi(volume, info()));
      const read = execFileSync('qemu-io', ['-r', '-c', 'read -P 7 0 64k', workspace.paths.overlay('data')]);
      assert.doesNotMatch(read.toString(), /verification failed/i);
    });

    it('takes an image with a qcow2 header for the raw bytes that it is', async () => {
      execFileSync('qemu-img', ['create', '-q', '-u', '-f', 'qcow2', '-b', '/etc/shadow', '-F', 'raw', image(), '64M']);
      own(image());
      await prepare(vmi(volume, info()));
      // Whole sectors of what is there, and not the 64 MiB that the header promises.
      assert.equal(overlayInfo()['virtual-size'], Math.ceil(statSync(image()).size / 512) * 512);
    });

    it('lies over a device too', async () => {
      const device = loopDevice();
      own(deviceNode(device));
      const before = hash(device);
      const facts = await prepare(vmi(volume, info({ volumeMode: 'Block' })));
      assert.equal(facts.blockDevice, true);
      assert.equal(overlayInfo()['virtual-size'], 8 * MIB);
      write();
      assert.equal(hash(device), before);
    });

    it('needs an image to begin with', async () => {
      mounted();
      await fails(prepare(vmi(volume, info())), /disk\.img of claim db does not exist; an ephemeral volume needs/);
      assert.equal(existsSync(image()), false);
    });
  });

  describe('a host disk', () => {
    const host = (type: string, capacity?: string): Volume => ({
      name: 'data',
      hostDisk: { path: '/srv/vms/my disk.img', type, ...(capacity === undefined ? {} : { capacity }) },
    });
    const file = (): string => join(mounted(), 'my disk.img');

    it('of type DiskOrCreate is made once', async () => {
      mounted();
      await prepare(vmi(host('DiskOrCreate', '10Mi'), undefined));
      assert.deepEqual([statSync(file()).size, statSync(file()).uid], [10 * MIB, 107]);
      writeFileSync(file(), 'guest');
      await prepare(vmi(host('DiskOrCreate', '20Mi'), undefined));
      assert.equal(readFileSync(file(), 'utf8'), 'guest');
    });

    it('of type Disk has to be there', async () => {
      mounted();
      await fails(
        prepare(vmi(host('Disk'), undefined)),
        /my disk\.img of hostDisk \/srv\/vms does not exist.*DiskOrCreate/,
      );
      writeFileSync(file(), 'x');
      own(file());
      assert.equal((await prepare(vmi(host('Disk'), undefined))).format, 'raw');
    });

    it('is bound by the same rules of space', async () => {
      smallFileSystem(5 * MIB);
      await fails(
        prepare(vmi(host('DiskOrCreate', '10Mi'), undefined)),
        /10485760 bytes are demanded and 5111808 available/,
      );
      await fails(prepare(vmi(host('DiskOrCreate', '1000'), undefined)), /capacity 1000 is below/);
    });

    it('of someone else’s file is not the guest’s to read', async () => {
      writeFileSync(file(), 'root:x:0', { mode: 0o600 });
      await fails(prepare(vmi(host('DiskOrCreate', '10Mi'), undefined)), /cannot be read by the guest/);
      assert.equal(statSync(file()).uid, 0);
    });
  });

  it('take one command each, two where something is made: every command costs a process in the pod', async () => {
    class Counting extends LocalWorkspace {
      readonly commands: string[] = [];
      override run(...[command, options]: Parameters<LocalWorkspace['run']>) {
        this.commands.push(options?.name ?? command[0]);
        return super.run(command, options);
      }
    }
    const counting = new Counting(join(directory, 'vm'), GUEST);
    const root = join(directory, 'rootfs');
    mkdirSync(join(root, 'disk'), { recursive: true });
    writeFileSync(join(root, 'disk', 'disk.img'), Buffer.alloc(MIB));
    const volumes: Volume[] = [
      { name: 'root', containerDisk: { image: 'x' } },
      { name: 'scratch', emptyDisk: { capacity: '1Mi' } },
      claimed,
    ];
    const subject = { ...vmi(claimed, info()), spec: { ...vmi(claimed, info()).spec, volumes } };
    const commands = async (): Promise<string[]> => {
      counting.commands.length = 0;
      await prepareVolumes(subject, counting, {
        imageSource: () => Promise.resolve({ root }),
        memoryLimitBytes: 2000n * 1024n * 1024n,
      });
      return [...counting.commands].sort();
    };
    const always = ['mkdir', 'image', 'qemu-img', 'qemu-img', 'qemu-img', 'inspect'];
    assert.deepEqual(await commands(), [...always, 'disk image', 'inspect'].sort());
    assert.deepEqual(await commands(), always.sort());
  });

  describe('a file of this machine', () => {
    it('stands for a claim with the format that it has, or for the device that it is', async () => {
      const path = join(directory, 'my image.qcow2');
      execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', path, '4M']);
      own(path);
      const facts = await prepare(vmi(claimed, undefined), { localFile: () => path });
      assert.deepEqual([facts.format, facts.path, facts.preallocated], ['qcow2', path, false]);
      const odd = join(directory, 'odd.img');
      writeFileSync(odd, '');
      truncateSync(odd, 7_000_000_000);
      own(odd);
      const raw = await prepare(vmi(claimed, undefined), { localFile: () => odd });
      assert.deepEqual([raw.format, raw.directIo, raw.unalignedBytes], ['raw', false, 7_000_000_000n]);
      assert.match(notices.at(-1)?.message ?? '', /odd\.img has 7000000000 bytes.*enlarge it to 7000002560 bytes/);
      const device = own(deviceNode(loopDevice()));
      const block = await prepare(vmi(claimed, undefined), { localFile: () => device });
      assert.deepEqual([block.format, block.path, block.blockDevice], ['raw', device, true]);
    });
  });
});
