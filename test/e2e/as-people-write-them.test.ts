import assert from 'node:assert/strict';
import { truncateSync, writeFileSync, chownSync } from 'node:fs';
import type { VirtualMachine, VirtualMachineInstance } from '../../src/api/schema/kinds.js';
import { findCondition } from '../../src/api/vmi/condition.js';
import { imageName } from '../../src/api/images.js';
import { apply, get, patch, remove } from './support/api.js';
import { needsTestBed } from './support/bed.js';
import { provideClaim, withdrawVolume } from './support/claims.js';
import { inGuest } from './support/guest.js';
import { kubectl, plugin, until } from './support/kubectl.js';
import {
  instance,
  machine,
  tinySpec,
  untilEvent,
  untilGone,
  untilPhase,
  useNamespace,
  type InstanceSpec,
} from './support/machines.js';

/** Mounted by the launcher as uid 107. */
const QEMU_UID = 107;

/** What people's real manifests hold, and what did not start, or not as the same guest. */
describe('manifests as people write them', function () {
  this.timeout(900_000);
  const namespace = useNamespace('e2e-written');
  /** As long as Kubernetes takes it for a VMI. */
  const longName = `${'a'.repeat(62)}.${'b'.repeat(62)}.${'c'.repeat(62)}.${'d'.repeat(64 - 2)}`;
  const oddClaim = 'e2e-odd';
  const vmi = (name: string) => get<VirtualMachineInstance>(namespace, 'vmi', name);
  const vm = (name: string) => get<VirtualMachine>(namespace, 'vm', name);
  const restartRequired = async () => findCondition((await vm('same'))?.status?.conditions, 'RestartRequired');

  /** A machine type of RHEL, a MAC address with dashes, everything on the root complex, another port than the usual. */
  const exported = (): InstanceSpec => {
    const spec = tinySpec({
      networks: [{ name: 'default', pod: {} }],
      // The tiny guest with the drivers of every bus.
      volumes: [
        { name: 'root', containerDisk: { image: imageName('guest-disks', 'latest'), imagePullPolicy: 'Never' } },
      ],
    });
    const devices = { interfaces: [{ name: 'default', masquerade: {}, macAddress: '02-54-00-6A-9A-15' }] };
    const domain = { ...spec.domain, machine: { type: 'pc-q35-rhel9.4.0' } };
    return { ...spec, domain: { ...domain, devices: { ...spec.domain.devices, ...devices } } };
  };

  before(async () => {
    const flat = instance(namespace, 'exported', exported());
    flat.metadata = { ...flat.metadata, annotations: { 'kubevirt.io/placePCIDevicesOnRootComplex': 'true' } };
    await Promise.all([
      apply(flat),
      apply(instance(namespace, longName)),
      apply(machine(namespace, 'same', { runStrategy: 'Always' })),
    ]);
    for (const name of ['exported', longName, 'same']) await untilPhase(namespace, name, 'Running');
  });

  it('a machine type of RHEL becomes the nearest of ours, a MAC address with dashes is one, PCI is flat', async () => {
    assert.equal((await vmi('exported'))?.status?.machine?.type, 'pc-q35-8.2');
    await inGuest(namespace, 'exported', async (guest) => {
      assert.match(await guest.run('cat /sys/class/net/*/address'), /02:54:00:6a:9a:15/);
      const addresses = (await guest.run('ls /sys/bus/pci/devices')).split(/\s+/);
      assert.ok(addresses.length > 3, addresses.join());
      assert.ok(
        addresses.every((address) => address.startsWith('0000:00:')),
        addresses.join(),
      );
    });
  });

  it('a name as long as Kubernetes takes it runs, and its console is found', async () => {
    assert.ok(longName.length >= 250, String(longName.length));
    await inGuest(namespace, longName, async (guest) => assert.equal(await guest.run('echo here'), 'here'));
    await remove(namespace, 'vmi', longName);
    await untilGone(namespace, 'vmi', longName, 300);
  });

  it('other memory wants a restart, by name; the same memory written otherwise wants none', async () => {
    const memory = (amount: string) =>
      patch(namespace, 'vm', 'same', {
        spec: { template: { spec: { domain: { resources: { requests: { memory: amount } } } } } },
      });
    await memory('160Mi');
    const condition = await until('RestartRequired', restartRequired, { namespace });
    assert.match(condition.message ?? '', /memory/);
    const { stdout } = await plugin(['pending', 'same', '-n', namespace]);
    assert.match(stdout, /memory/);
    assert.match(stdout, /128Mi/);
    assert.match(stdout, /160Mi/);
    // 128Mi, as another client writes it.
    await memory('131072Ki');
    await until('it is taken back', async () => (await restartRequired()) === undefined, { namespace });
  });

  it('replace by a manifest that never saw them leaves the guest its UUID and serial number', async () => {
    const firmware = async () => (await vm('same'))?.spec.template.spec?.domain.firmware;
    const before = await firmware();
    assert.ok(before?.uuid);
    await kubectl(['replace', '-f', '-'], JSON.stringify(machine(namespace, 'same', { runStrategy: 'Always' })));
    assert.deepEqual(await firmware(), before);
  });

  it('a raw image of an odd size runs as it is, and its owner is told', async function () {
    needsTestBed(this, 'the storage behind the claim is made on the node');
    const directory = await provideClaim({ name: oddClaim, mode: 'Filesystem', mebibytes: 80 }, namespace);
    try {
      const image = `${directory}/disk.img`;
      writeFileSync(image, 'odd');
      truncateSync(image, 8_000_001);
      chownSync(image, QEMU_UID, QEMU_UID);
      const spec = tinySpec({ terminationGracePeriodSeconds: 1 });
      spec.volumes?.push({ name: 'data', persistentVolumeClaim: { claimName: oddClaim } });
      spec.domain.devices.disks?.push({ name: 'data', disk: { bus: 'virtio' } });
      await apply(instance(namespace, 'odd', spec));
      await untilPhase(namespace, 'odd', 'Running');
      assert.match(await untilEvent(namespace, 'odd', 'UnalignedImage'), /volume data: .*8000001 bytes/);
      await inGuest(namespace, 'odd', async (guest) => assert.equal(await guest.run('head -c 3 /dev/vdb'), 'odd'));
      await remove(namespace, 'vmi', 'odd');
      await untilGone(namespace, 'vmi', 'odd', 300);
    } finally {
      await withdrawVolume(oddClaim);
    }
  });
});
