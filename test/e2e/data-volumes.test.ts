import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataVolume } from '../../src/api/schema/datavolume.js';
import type { VirtualMachine, VirtualMachineInstance } from '../../src/api/schema/kinds.js';
import { ImageServer } from '../integration/importer/image-server.js';
import { needsTestBed } from './support/bed.js';
import { provideVolume, withdrawVolume, type LocalVolume } from './support/claims.js';
import { inGuest } from './support/guest.js';
import { apply, get, remove } from './support/api.js';
import { kubectl, until } from './support/kubectl.js';
import {
  instance,
  machine,
  removeWhole,
  tinySpec,
  untilEvent,
  untilGone,
  untilPhase,
  useNamespace,
  TINY_GUEST,
} from './support/machines.js';

const MIB = 1024 * 1024;

/** An address of this machine that pods reach too. */
const ownAddress = (): string =>
  Object.values(networkInterfaces())
    .flat()
    .find((one) => one?.family === 'IPv4' && !one.internal)?.address ?? '127.0.0.1';

/*
 * The built-in importer on the real cluster: what a guest finds on its disk, and what becomes of it. See
 * docs/reference/user-guides.md §3.4.
 */
describe('DataVolumes', function () {
  this.timeout(900_000);
  const namespace = useNamespace('e2e-data-volumes');
  const directory = mkdtempSync(join(tmpdir(), 'e2e-images-'));
  const image = join(directory, 'disk.qcow2');
  const volumes: string[] = [];
  let server: ImageServer;
  let url: string;

  /** Storage that the next claim of this size and mode is bound to. */
  const provide = async (name: string, more: Partial<LocalVolume> = {}): Promise<void> => {
    volumes.push(`e2e-dv-${name}`);
    await provideVolume({ name: `e2e-dv-${name}`, mode: 'Filesystem', mebibytes: 128, ...more });
  };
  const template = (name: string, source: object, more: object = {}) => ({
    metadata: { name },
    spec: {
      source,
      pvc: {
        accessModes: ['ReadWriteOnce'],
        storageClassName: 'local-fs',
        resources: { requests: { storage: '64Mi' } },
        ...more,
      },
    },
  });
  const dataVolume = (name: string, source: object, more: object = {}, annotations = {}) => ({
    apiVersion: 'cdi.kubevirt.io/v1beta1',
    kind: 'DataVolume',
    ...template(name, source, more),
    metadata: { name, namespace, annotations },
  });
  const dv = (name: string) => get<DataVolume>(namespace, 'datavolume', name);
  const untilDv = (name: string, phase: string, seconds = 180) =>
    until(
      `DataVolume ${name} is ${phase}`,
      async () => {
        const now = await dv(name);
        return now?.status?.phase === phase && now;
      },
      { namespace, seconds },
    );
  const withData = (volume: string) => {
    // What the tests write is synced: a guest that is not up yet need not be waited for when it goes.
    const spec = tinySpec({ terminationGracePeriodSeconds: 1 });
    spec.volumes?.push({ name: 'data', dataVolume: { name: volume } });
    spec.domain.devices.disks?.push({ name: 'data', disk: { bus: 'virtio' } });
    return spec;
  };
  const AT_ONCE = { 'cdi.kubevirt.io/storage.bind.immediate.requested': 'true' };

  before(async function () {
    needsTestBed(this, 'the storage behind the claims is made on the node');
    const script = `printf imported >raw; truncate -s 32M raw; qemu-img convert -O qcow2 raw disk.qcow2; gzip -k disk.qcow2; head -c 32M /dev/urandom >noise`;
    execFileSync('sh', ['-c', script], { cwd: directory });
    server = new ImageServer(image);
    const port = (await server.start('0.0.0.0')).split(':')[1] ?? '';
    url = `http://${ownAddress()}:${port}/disk`;
  });
  after(async () => {
    await (server as ImageServer | undefined)?.stop();
    rmSync(directory, { recursive: true });
    // Its pods have the volumes mounted.
    await untilGone('', 'namespace', namespace, 240);
    for (const name of volumes) await withdrawVolume(name);
  });

  it('of a VM are made and filled before it runs, and the guest finds the image', async () => {
    await provide('template');
    const checksum = `sha256:${createHash('sha256').update(readFileSync(image)).digest('hex')}`;
    const vm = machine(namespace, 'web', { runStrategy: 'Always' }, withData('imported'));
    await apply({
      ...vm,
      spec: { ...vm.spec, dataVolumeTemplates: [template('imported', { http: { url, checksum } })] },
    });
    await untilDv('imported', 'Succeeded');
    assert.equal((await dv('imported'))?.status?.progress, '100.0%');
    assert.match(await kubectl(['-n', namespace, 'get', 'dv']), /imported +Succeeded +100\.0%/);
    await untilPhase(namespace, 'web', 'Running', 360);
    await untilEvent(namespace, 'web', 'SuccessfulDataVolumeCreate');
    await inGuest(namespace, 'web', async (guest) => {
      assert.equal(await guest.run('head -c 8 /dev/vdb'), 'imported');
      const sectors = Number(await guest.run('cat /sys/block/vdb/size'));
      assert.ok(sectors * 512 >= 56 * MIB && sectors * 512 <= 64 * MIB, String(sectors));
      await guest.run('printf written | dd of=/dev/vdb bs=16 conv=sync,notrunc,fsync 2>/dev/null; sync');
    });
  });

  it('keep what the guest has written over a restart, and go with the VM', async () => {
    const before = (await dv('imported'))?.metadata?.uid;
    const vmi = () => get<VirtualMachineInstance>(namespace, 'vmi', 'web');
    const first = (await vmi())?.metadata?.uid;
    await remove(namespace, 'vmi', 'web');
    await until(
      'another VMI runs',
      async () => {
        const now = await vmi();
        return now?.metadata?.uid !== first && now?.status?.phase === 'Running';
      },
      { namespace, seconds: 300 },
    );
    await inGuest(namespace, 'web', async (guest) => assert.equal(await guest.run('head -c 7 /dev/vdb'), 'written'));
    assert.equal((await dv('imported'))?.metadata?.uid, before);
    await removeWhole(namespace, 'vm', ['web'], 120);
    await untilGone(namespace, 'datavolume', 'imported', 240);
    await untilGone(namespace, 'persistentvolumeclaim', 'imported', 240);
  });

  it('onto a block device, packed; the DataVolume outlives the VMI', async () => {
    await provide('block', { mode: 'Block' });
    server.serve(`${image}.gz`);
    const block = { volumeMode: 'Block', storageClassName: 'local-block' };
    await apply(dataVolume('device', { http: { url } }, block));
    await untilDv('device', 'WaitForFirstConsumer');
    await apply(instance(namespace, 'reader', withData('device')));
    await untilDv('device', 'Succeeded');
    await untilPhase(namespace, 'reader', 'Running', 360);
    await inGuest(namespace, 'reader', async (guest) =>
      assert.equal(await guest.run('head -c 8 /dev/vdb'), 'imported'),
    );
    await remove(namespace, 'vmi', 'reader');
    await untilGone(namespace, 'vmi', 'reader', 240);
    assert.equal((await dv('device'))?.status?.phase, 'Succeeded');
    server.serve(image);
  });

  it('from a container image, and as a clone of it', async () => {
    await provide('registry', { mebibytes: 256 });
    await provide('clone', { mebibytes: 256 });
    const size = { resources: { requests: { storage: '200Mi' } } };
    await apply(dataVolume('pulled', { registry: { url: `docker://${TINY_GUEST}` } }, size, AT_ONCE));
    await untilDv('pulled', 'Succeeded');
    await apply(dataVolume('cloned', { pvc: { name: 'pulled', namespace } }, size, AT_ONCE));
    await untilDv('cloned', 'Succeeded');
    // It boots from the clone.
    const volumes = [{ name: 'root', dataVolume: { name: 'cloned' } }];
    const spec = tinySpec({ terminationGracePeriodSeconds: 1, volumes });
    await apply(instance(namespace, 'clone', spec));
    await untilPhase(namespace, 'clone', 'Running', 360);
    await inGuest(namespace, 'clone', async (guest) => assert.equal(await guest.run('echo alive'), 'alive'));
    await remove(namespace, 'vmi', 'clone');
    await untilGone(namespace, 'vmi', 'clone', 240);
  });

  it('goes on when its importer is killed', async () => {
    await provide('killed');
    server.serve(join(directory, 'noise'), { slow: 2 * MIB, etag: '"noise"' });
    await apply(dataVolume('killed', { http: { url } }, {}, AT_ONCE));
    await until(
      'half of it is there',
      async () => Number.parseFloat((await dv('killed'))?.status?.progress ?? '') > 20,
      { namespace },
    );
    await kubectl([
      '-n',
      namespace,
      'delete',
      'pods',
      '-l',
      'kubevirt.io=virt-importer',
      '--grace-period=0',
      '--force',
    ]);
    await untilDv('killed', 'Succeeded');
    const ranges = server.requests.map(({ range }) => range ?? '');
    assert.ok(
      ranges.some((range) => /^bytes=[1-9]\d{5,}-$/.test(range)),
      ranges.join(),
    );
    server.serve(image);
  });

  it('that cannot be filled say why, at the VM too', async () => {
    await provide('failing');
    server.serve(image, { status: 404 });
    const vm = machine(namespace, 'failing', { runStrategy: 'Always' }, withData('missing'));
    await apply({ ...vm, spec: { ...vm.spec, dataVolumeTemplates: [template('missing', { http: { url } })] } });
    const { status } = await untilDv('missing', 'Failed');
    assert.match(status?.conditions?.find(({ type }) => type === 'Ready')?.message ?? '', /answered 404/);
    const shown = async () =>
      (await get<VirtualMachine>(namespace, 'vm', 'failing'))?.status?.printableStatus === 'DataVolumeError';
    await until('VM shows DataVolumeError', shown, { namespace });
    await untilEvent(namespace, 'failing', 'FailedDataVolumeImport');
    await removeWhole(namespace, 'vm', ['failing'], 90);
  });
});
