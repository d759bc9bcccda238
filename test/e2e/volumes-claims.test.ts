import assert from 'node:assert/strict';
import { openSync, readFileSync, readSync, closeSync, statSync, writeFileSync } from 'node:fs';
import type { VirtualMachineInstance } from '../../src/api/schema/kinds.js';
import type { Volume } from '../../src/api/schema/volumes.js';
import type { Disk } from '../../src/api/schema/disks.js';
import type { Pod } from '../../src/kube/types.js';
import { claimOn, provideClaim, provideVolume, withdrawVolume, type LocalVolume } from './support/claims.js';
import { GuestShell, inGuest } from './support/guest.js';
import { apply, get, list } from './support/api.js';
import { openGates, untilAdmitted } from './support/gates.js';
import { plugin, refusal, until } from './support/kubectl.js';
import {
  instance,
  machine,
  removeWhole,
  tinySpec,
  untilEvent,
  untilGone,
  untilPhase,
  useNamespace,
} from './support/machines.js';
import { needsTestBed } from './support/bed.js';

/** Bytes at the beginning of a file or device of the node. */
const head = (path: string, bytes: number): string => {
  const descriptor = openSync(path, 'r');
  try {
    const buffer = Buffer.alloc(bytes);
    readSync(descriptor, buffer, 0, bytes, 0);
    return buffer.toString('latin1');
  } finally {
    closeSync(descriptor);
  }
};
const write = (device: string, text: string): string =>
  `printf ${text} | dd of=${device} bs=16 conv=sync,notrunc,fsync 2>/dev/null; sync`;
const read = (device: string, bytes: number): string => `head -c ${bytes} ${device}`;

/*
 * What a guest finds on claims of the cluster, and what becomes of what it writes. See docs/reference/user-guides.md
 * §3.3.
 */
describe('volumes on claims', function () {
  this.timeout(900_000);
  const namespace = useNamespace('e2e-claims');
  const volumes: string[] = [];
  const volume = (name: string, more: Partial<LocalVolume> = {}): LocalVolume => {
    volumes.push(`e2e-${name}`);
    return { name: `e2e-${name}`, mode: 'Filesystem', mebibytes: 80, saysMebibytes: 64, ...more };
  };
  before(function () {
    needsTestBed(this, 'the storage behind the claims is made on the node');
  });
  after(async () => {
    // Its pods have the volumes mounted.
    await untilGone('', 'namespace', namespace, 240);
    for (const name of volumes) await withdrawVolume(name);
  });

  const guest = (
    name: string,
    source: Omit<Volume, 'name'>,
    disk: Omit<Disk, 'name'> = { disk: { bus: 'virtio' } },
  ) => {
    // What the tests write is synced: a guest that is not up yet need not be waited for when it goes.
    const spec = tinySpec({ terminationGracePeriodSeconds: 1 });
    spec.volumes?.push({ name: 'data', ...source });
    spec.domain.devices.disks?.push({ name: 'data', ...disk });
    return instance(namespace, name, spec);
  };
  const remove = (name: string): Promise<void> => removeWhole(namespace, 'vmi', [name], 120);
  const vmi = (name: string) => get<VirtualMachineInstance>(namespace, 'vmi', name);
  const condition = async (name: string, reason: string): Promise<string> =>
    until(
      `VMI ${name} says ${reason}`,
      async () => (await vmi(name))?.status?.conditions?.find((each) => each.reason === reason)?.message,
      { namespace },
    );
  const claim = (name: string): Omit<Volume, 'name'> => ({ persistentVolumeClaim: { claimName: `e2e-${name}` } });

  describe('in filesystem mode', () => {
    const data = volume('data');
    let directory: string;

    it('waits for a claim that does not exist, saying so, and starts when it does', async () => {
      directory = await provideVolume(data);
      await apply(guest('first', claim('data')));
      assert.match(await condition('first', 'FailedPvcNotFound'), /e2e-data does not exist in namespace e2e-claims/);
      assert.match(await untilEvent(namespace, 'first', 'FailedPvcNotFound'), /create it, and the VM starts/);
      assert.equal((await vmi('first'))?.status?.phase, 'Pending');
      await apply(claimOn(data, namespace));
      await untilPhase(namespace, 'first', 'Running', 360);
    });

    it('gives the guest a disk of the claim’s size, made as uid 107 and sparse', async () => {
      const image = statSync(`${directory}/disk.img`);
      assert.deepEqual([image.uid, image.gid], [107, 107]);
      assert.ok(image.blocks * 512 < 1 << 20, `${image.blocks} blocks are not sparse`);
      const info = (await vmi('first'))?.status?.volumeStatus?.find(({ name }) => name === 'data');
      assert.equal(info?.target, 'vdb');
      assert.deepEqual(info.persistentVolumeClaimInfo?.volumeMode, 'Filesystem');
      await inGuest(namespace, 'first', async (shell) => {
        const bytes = Number(await shell.run('cat /sys/block/vdb/size')) * 512;
        assert.equal(bytes, image.size);
        assert.equal(image.size % (1 << 20), 0);
        assert.equal(bytes, 64 << 20);
        await shell.run(write('/dev/vdb', 'first-was-here'));
      });
    });

    it('lets nobody else write the disk meanwhile', async () => {
      await apply(guest('second', claim('data')));
      assert.match(await condition('second', 'ClaimInUse'), /in use by VirtualMachineInstance first/);
      await remove('first');
      await untilPhase(namespace, 'second', 'Running', 360);
      await inGuest(namespace, 'second', async (shell) => {
        assert.equal(await shell.run(read('/dev/vdb', 14)), 'first-was-here');
      });
      await remove('second');
    });

    it('is the base of copies that vanish, and never changes', async () => {
      const before = readFileSync(`${directory}/disk.img`);
      const source: Omit<Volume, 'name'> = { ephemeral: { persistentVolumeClaim: { claimName: 'e2e-data' } } };
      await Promise.all(['copy-a', 'copy-b'].map((name) => apply(guest(name, source))));
      for (const name of ['copy-a', 'copy-b']) await untilPhase(namespace, name, 'Running', 360);
      await inGuest(namespace, 'copy-a', async (shell) => {
        assert.equal(await shell.run(read('/dev/vdb', 14)), 'first-was-here');
        await shell.run(write('/dev/vdb', 'written-by-a'));
        assert.equal(await shell.run(read('/dev/vdb', 12)), 'written-by-a');
      });
      await inGuest(namespace, 'copy-b', async (shell) => {
        assert.equal(await shell.run(read('/dev/vdb', 14)), 'first-was-here');
      });
      await Promise.all(['copy-a', 'copy-b'].map(remove));
      assert.ok(before.equals(readFileSync(`${directory}/disk.img`)));
    });
  });

  it('shares the claim’s files with the guest, whoever owns them there, and nothing beside them', async () => {
    await openGates(['EnableVirtioFsStorageVolumes']);
    const directory = await provideClaim(volume('files', { mebibytes: 120 }), namespace);
    const spec = tinySpec({ terminationGracePeriodSeconds: 1 });
    spec.domain.resources = { requests: { memory: '256Mi' } };
    spec.domain.devices.filesystems = [{ name: 'data', virtiofs: {} }];
    spec.volumes?.push({ name: 'data', ...claim('files') });
    await untilAdmitted(instance(namespace, 'files', spec));
    await untilPhase(namespace, 'files', 'Running', 360);
    // More than the container may have of its own: what it touches of the guest's memory is the guest's.
    writeFileSync(`${directory}/large`, Buffer.alloc(72 << 20, 'x'));
    await inGuest(namespace, 'files', async (shell) => {
      await shell.run('mkdir -p /m; mount -t virtiofs data /m');
      assert.equal(await shell.run('cat /m/large | wc -c'), String(72 << 20));
      await shell.run('cd /m; mkdir sub; echo from-the-guest >sub/a; chown 1000:1000 sub/a; chmod 640 sub/a');
      assert.equal(await shell.run('cd /m; mv sub/a sub/b; cat sub/b; stat -c %u:%g sub/b'), 'from-the-guest\n107:107');
      // Links are the guest's own: they lead to its files, not to those of the container or the node.
      await shell.run('cd /m; ln -s /etc/hostname out; ln -s ../../../../etc/os-release up; ln -s / all');
      assert.match(await shell.run('cat /m/up; cat /m/out; ls /m/all/etc/rc'), /up.*No such file[^]*\/m\/all\/etc\/rc/);
      assert.equal(await shell.run('cd /m/sub; cd ../..; pwd -P; ls /m/.. | grep -c virtiofs-containers'), '/\n0');
    });
    const file = statSync(`${directory}/sub/b`);
    assert.deepEqual([file.uid, file.gid, file.mode & 0o777], [107, 107, 0o640]);
    assert.equal(readFileSync(`${directory}/sub/b`, 'utf8'), 'from-the-guest\n');
    const [pod] = (await list<Pod>(namespace, 'pod')).filter(({ metadata }) => metadata?.name?.includes('-files-'));
    assert.ok(pod !== undefined);
    // A stop of the guest ends all containers, each with status 0.
    await inGuest(namespace, 'files', async (shell) => {
      shell.send('poweroff');
      // A console that is closed at once may take with it what was typed.
      await untilPhase(namespace, 'files', 'Succeeded', 120);
    });
    await until(
      'the pod is Completed',
      async () => (await get<Pod>(namespace, 'pod', pod.metadata?.name ?? ''))?.status?.phase === 'Succeeded',
      { namespace, seconds: 60 },
    );
    await remove('files');
  });

  it('takes a volume that is a little smaller than the claim, with an event, and refuses a smaller one', async () => {
    // ext4 takes its share of the 64 MiB, so the claim's size is chosen from what is really free.
    await provideClaim(volume('small', { mebibytes: 64, saysMebibytes: 62 }), namespace);
    await apply(guest('small', claim('small')));
    await untilPhase(namespace, 'small', 'Running', 360);
    assert.match(await untilEvent(namespace, 'small', 'ToleratedSmallPV'), /which is tolerated \(up to 10 % less\)/);
    await remove('small');
    await provideClaim(volume('tiny', { mebibytes: 64, saysMebibytes: 100 }), namespace);
    await apply(guest('tiny', claim('tiny')));
    const message = await untilEvent(namespace, 'tiny', 'SyncFailed');
    assert.match(message, /104857600/);
    await remove('tiny');
  });

  it('gives the guest a block device as it is, and keeps what it writes', async () => {
    const device = await provideClaim(volume('block', { mode: 'Block', mebibytes: 64 }), namespace);
    await apply(guest('block', claim('block')));
    await untilPhase(namespace, 'block', 'Running', 360);
    await inGuest(namespace, 'block', async (shell) => {
      assert.equal(await shell.run('cat /sys/block/vdb/size'), String((64 << 20) / 512));
      await shell.run(write('/dev/vdb', 'block-data'));
    });
    await remove('block');
    assert.equal(head(device, 10), 'block-data');
  });

  it('says what a lun needs: a file behind it becomes an ordinary disk, with an event', async () => {
    await provideClaim(volume('lun'), namespace);
    await apply(guest('lun', claim('lun'), { lun: {} }));
    await untilEvent(namespace, 'lun', 'LunNotSupportedForFile', 240);
    await untilPhase(namespace, 'lun', 'Running', 360);
    await remove('lun');
  });

  it('shares a disk between two guests that both say so', async () => {
    await provideClaim(volume('shared', { mode: 'Block', mebibytes: 64, accessMode: 'ReadWriteMany' }), namespace);
    const shareable: Omit<Disk, 'name'> = { disk: { bus: 'virtio' }, shareable: true };
    for (const name of ['left', 'right']) await apply(guest(name, claim('shared'), shareable));
    for (const name of ['left', 'right']) await untilPhase(namespace, name, 'Running', 360);
    const left = await GuestShell.open(namespace, 'left');
    const right = await GuestShell.open(namespace, 'right');
    try {
      await left.run(write('/dev/vdb', 'from-the-left'));
      assert.equal(await right.run('head -c 13 /dev/vdb'), 'from-the-left');
    } finally {
      await Promise.all([left.close(), right.close()]);
    }
    await Promise.all(['left', 'right'].map(remove));
  });

  it('keeps a stopped VM’s data: the same image is used again', async () => {
    await provideClaim(volume('kept'), namespace);
    const spec = { ...guest('kept', claim('kept')).spec, terminationGracePeriodSeconds: 30 };
    await apply(machine(namespace, 'kept', { runStrategy: 'Always' }, spec));
    await untilPhase(namespace, 'kept', 'Running', 360);
    const first = (await vmi('kept'))?.metadata?.uid;
    await inGuest(namespace, 'kept', async (shell) => {
      await shell.run(write('/dev/vdb', 'still-here'));
    });
    assert.equal((await plugin(['restart', 'kept', '-n', namespace])).code, 0);
    await until('another VMI', async () => ![undefined, first].includes((await vmi('kept'))?.metadata?.uid), {
      namespace,
      seconds: 300,
    });
    await untilPhase(namespace, 'kept', 'Running', 360);
    await inGuest(namespace, 'kept', async (shell) => {
      assert.equal(await shell.run(read('/dev/vdb', 10)), 'still-here');
    });
    await removeWhole(namespace, 'vm', ['kept'], 120);
    const { status } = (await get<{ status: { phase: string } }>(namespace, 'persistentvolumeclaim', 'e2e-kept')) ?? {};
    assert.equal(status?.phase, 'Bound');
  });

  it('refuses a claim that is only read with a disk that is written', async () => {
    const source = { persistentVolumeClaim: { claimName: 'e2e-data', readOnly: true } };
    assert.match(await refusal(guest('readonly', source)), /readOnly/);
  });
});
