import assert from 'node:assert/strict';
import { imageName } from '../../src/api/images.js';
import type { Disk } from '../../src/api/schema/disks.js';
import type { VirtualMachineInstance } from '../../src/api/schema/kinds.js';
import { GuestShell, inGuest } from './support/guest.js';
import { apply, get, remove } from './support/api.js';
import { plugin, until } from './support/kubectl.js';
import { instance, machine, tinySpec, untilGone, untilPhase, useNamespace } from './support/machines.js';

/** The tiny guest with the drivers of every bus. */
const DISKS_GUEST = imageName('guest-disks', 'latest');
const image = { image: DISKS_GUEST, imagePullPolicy: 'Never' } as const;

/* What a guest sees of each kind of disk on each bus. See docs/reference/user-guides.md §3.1 and §3.2. */
describe('disks, seen by the guest', function () {
  this.timeout(900_000);
  const namespace = useNamespace('e2e-disks');
  const vmi = (name: string) => get<VirtualMachineInstance>(namespace, 'vmi', name);

  describe('of every kind', () => {
    /** Sizes tell the guest's disks apart, whatever it calls them. */
    // None is that of the guest's own disk.
    const sizes = { plain: 33, virtio: 34, serial: 35, readonly: 36, scsi: 37, usb: 38, drive: 39, big: 41 } as const;
    const disks: readonly Disk[] = [
      { name: 'root', disk: { bus: 'virtio' }, bootOrder: 1 },
      { name: 'plain', disk: {} },
      { name: 'virtio', disk: { bus: 'virtio' } },
      { name: 'serial', disk: { bus: 'virtio' }, serial: 'CVLY623300HK240D' },
      { name: 'readonly', disk: { bus: 'virtio', readonly: true } },
      { name: 'scsi', disk: { bus: 'scsi' } },
      { name: 'usb', disk: { bus: 'usb' } },
      { name: 'drive', cdrom: { bus: 'sata' } },
      { name: 'big', disk: { bus: 'virtio' }, blockSize: { custom: { logical: 4096, physical: 4096 } } },
    ];
    let shell: GuestShell;
    /** The name that the guest gives the disk of a size. */
    const device = async (name: keyof typeof sizes): Promise<string> => {
      const sectors = sizes[name] * 2048;
      const found = await shell.run(`grep -lx ${sectors} /sys/block/*/size`);
      const match = /^\/sys\/block\/(\w+)\/size$/.exec(found);
      assert.ok(match, `${name}: ${found}`);
      return match[1] ?? '';
    };
    const sys = (name: string, attribute: string): Promise<string> => shell.run(`cat /sys/block/${name}/${attribute}`);

    before(async () => {
      const spec = tinySpec({
        volumes: [
          { name: 'root', containerDisk: image },
          ...Object.entries(sizes).map(([name, size]) => ({ name, emptyDisk: { capacity: `${size}Mi` } })),
        ],
      });
      spec.domain.devices.disks = [...disks];
      spec.domain.resources = { requests: { memory: '256Mi' } };
      await apply(instance(namespace, 'kinds', spec));
      await untilPhase(namespace, 'kinds', 'Running', 360);
      shell = await GuestShell.open(namespace, 'kinds', 240);
    });
    after(async () => {
      await shell.close();
    });

    it('names virtio disks vda, vdb … in the order of the spec, and all others sda, sdb …', async () => {
      const status = (await vmi('kinds'))?.status?.volumeStatus ?? [];
      const target = (name: string) => status.find((each) => each.name === name)?.target;
      const virtio = ['root', 'virtio', 'serial', 'readonly', 'big'];
      assert.deepEqual(virtio.map(target), ['vda', 'vdb', 'vdc', 'vdd', 'vde']);
      assert.deepEqual(['plain', 'scsi', 'usb', 'drive'].map(target), ['sda', 'sdb', 'sdc', 'sdd']);
      assert.equal(await device('virtio'), 'vdb');
      assert.equal(await device('serial'), 'vdc');
      assert.equal(await device('readonly'), 'vdd');
      assert.equal(await device('big'), 'vde');
    });
    it('puts a disk without a bus on SATA, and the others where they ask to be', async () => {
      for (const [name, bus] of [
        ['plain', /\/ata\d+\//],
        ['scsi', /\/virtio\d+\//],
        ['usb', /\/usb\d+\//],
      ] as const)
        assert.match(await shell.run(`readlink /sys/block/${await device(name)}`), bus, name);
    });
    it('gives a disk its serial number', async () => {
      assert.equal(await sys('vdc', 'serial'), 'CVLY623300HK240D');
    });
    it('makes a CD-ROM a drive that cannot be written', async () => {
      const drive = await device('drive');
      assert.match(drive, /^sr\d$/);
      assert.match(
        await shell.run(`dd if=/dev/zero of=/dev/${drive} bs=2048 count=1`),
        /Read-only|not permitted|denied/i,
      );
    });
    it('makes a read-only disk read-only', async () => {
      assert.equal(await sys('vdd', 'ro'), '1');
      assert.equal(await sys('vdb', 'ro'), '0');
    });
    it('gives a disk the blocks that it asks for', async () => {
      assert.equal(await sys('vde', 'queue/logical_block_size'), '4096');
      assert.equal(await sys('vde', 'queue/physical_block_size'), '4096');
      assert.equal(await sys('vdb', 'queue/logical_block_size'), '512');
    });
    it('hands discards on', async () => {
      assert.notEqual(await sys('vdb', 'queue/discard_max_bytes'), '0');
    });
  });

  it('boots from the disk with the lowest boot order, whatever the order of the spec', async () => {
    const spec = tinySpec({
      volumes: [
        { name: 'empty', emptyDisk: { capacity: '40Mi' } },
        { name: 'system', containerDisk: image },
      ],
    });
    spec.domain.devices.disks = [
      { name: 'empty', disk: { bus: 'virtio' }, bootOrder: 2 },
      { name: 'system', disk: { bus: 'virtio' }, bootOrder: 1 },
    ];
    await apply(instance(namespace, 'order', spec));
    await untilPhase(namespace, 'order', 'Running', 360);
    await inGuest(namespace, 'order', async (guest) => {
      assert.equal(await guest.run('cat /sys/block/vda/size'), String(40 * 2048));
    });
    await remove(namespace, 'vmi', 'order');
  });

  it('gives every virtio disk as many queues as the guest has CPUs, when asked', async () => {
    const spec = tinySpec();
    spec.domain.cpu = { cores: 2 };
    spec.domain.resources = { requests: { memory: '128Mi', cpu: '200m' } };
    spec.domain.devices.blockMultiQueue = true;
    await apply(instance(namespace, 'queues', spec));
    await untilPhase(namespace, 'queues', 'Running', 360);
    await inGuest(namespace, 'queues', async (guest) => {
      assert.equal(await guest.run('ls /sys/block/vda/mq | wc -l'), '2');
    });
    await remove(namespace, 'vmi', 'queues');
  });

  it('keeps an emptyDisk through a reboot of the guest, and empties it with the next VMI; a containerDisk’s writes vanish', async () => {
    const spec = tinySpec();
    spec.volumes?.push({ name: 'scratch', emptyDisk: { capacity: '64Mi' } });
    spec.domain.devices.disks?.push({ name: 'scratch', disk: { bus: 'virtio' } });
    await apply(machine(namespace, 'scratch', { runStrategy: 'Always' }, spec));
    await untilPhase(namespace, 'scratch', 'Running', 360);
    const first = (await vmi('scratch'))?.metadata?.uid;
    /** The last KiB of a disk: nothing there is the system's own. */
    const last = (disk: string, kibibytes: number) =>
      `bs=1k seek=${kibibytes - 1} skip=${kibibytes - 1} of=/dev/${disk}`;
    const put = (disk: string, kibibytes: number) =>
      `printf marked | dd ${last(disk, kibibytes).replace(/skip=\d+/, '')} conv=sync,notrunc,fsync 2>/dev/null`;
    const take = (disk: string, kibibytes: number) =>
      `dd if=/dev/${disk} bs=1k skip=${kibibytes - 1} count=1 2>/dev/null | tr -d '\\000'`;
    const root = 24 * 1024;
    const BOOT_ID = 'cat /proc/sys/kernel/random/boot_id';
    let boot = '';
    await inGuest(namespace, 'scratch', async (guest) => {
      boot = await guest.run(BOOT_ID);
      await guest.run(put('vdb', 64 * 1024));
      await guest.run(put('vda', root));
      assert.equal(await guest.run(take('vdb', 64 * 1024)), 'marked');
      await guest.run('echo 1 > /proc/sys/kernel/sysrq; (sleep 1; echo b > /proc/sysrq-trigger) & true');
    });
    await until('the guest has booted again', () =>
      inGuest(namespace, 'scratch', async (guest) => ![boot, ''].includes(await guest.run(BOOT_ID, 10))),
    );
    await inGuest(namespace, 'scratch', async (guest) => {
      assert.equal(await guest.run(take('vdb', 64 * 1024)), 'marked');
      assert.equal(await guest.run(take('vda', root)), 'marked');
    });
    assert.equal((await vmi('scratch'))?.metadata?.uid, first, 'a reboot is not a new VMI');
    assert.equal((await plugin(['restart', 'scratch', '-n', namespace])).code, 0);
    await until('another VMI', async () => ![undefined, first].includes((await vmi('scratch'))?.metadata?.uid), {
      namespace,
      seconds: 300,
    });
    await untilPhase(namespace, 'scratch', 'Running', 360);
    await inGuest(namespace, 'scratch', async (guest) => {
      assert.equal(await guest.run(take('vdb', 64 * 1024)), '');
      assert.equal(await guest.run(take('vda', root)), '');
    });
    await remove(namespace, 'vm', 'scratch');
    await untilGone(namespace, 'vmi', 'scratch', 240);
  });
});
