import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import type { VirtualMachineInstance } from '../../src/api/schema/kinds.js';
import type { KubernetesObject, Pod } from '../../src/kube/types.js';
import { apply, get, list, remove } from './support/api.js';
import { isTestBed, needsTestBed } from './support/bed.js';
import { provideVolume, withdrawVolume } from './support/claims.js';
import { deviceGuest, OpenShells, pciOf, Pci } from './support/device-guests.js';
import type { GuestShell } from './support/guest.js';
import { kubectl, plugin, until } from './support/kubectl.js';
import { machine, untilGone, useNamespace } from './support/machines.js';

describe('firmware, seen by the guest', function () {
  this.timeout(900_000);
  const namespace = useNamespace('e2e-firmware');
  const shells = new OpenShells(namespace);
  let stateDirectory = '';

  before(async () => {
    const secure = deviceGuest(
      namespace,
      'secure',
      {
        interfaces: [{ name: 'default', masquerade: {} }],
        tpm: { persistent: isTestBed() },
        sound: { name: 'speaker' },
        video: { type: 'virtio' },
        autoattachGraphicsDevice: true,
        autoattachInputDevice: true,
        logSerialConsole: true,
      },
      {
        firmware: { bootloader: { efi: { secureBoot: true, persistent: isTestBed() } } },
        features: { smm: {} },
        // Its kernel is unpacked by the firmware, which takes more of it than a BIOS.
        resources: { requests: { memory: '512Mi' } },
      },
    );
    // What it stores has a claim of the default class, and goes with it.
    if (isTestBed())
      stateDirectory = await provideVolume({
        name: 'e2e-vm-state',
        mode: 'Filesystem',
        mebibytes: 32,
        ownClass: {
          name: 'e2e-vm-state',
          annotations: { 'storageclass.kubevirt.io/is-default-virt-class': 'true' },
        },
      });
    await apply(machine(namespace, 'secure', { runStrategy: 'Always' }, secure.spec));
  });
  after(async () => {
    await shells.close();
    if (!isTestBed()) return;
    await untilGone('', 'namespace', namespace, 240);
    await withdrawVolume('e2e-vm-state');
    await remove('', 'storageclass', 'e2e-vm-state');
  });

  describe('of a VM like those that Windows wants', () => {
    let shell: GuestShell;
    before(async () => {
      shell = await shells.of('secure');
    });
    it('are firmware that boots what is signed, and whose kernel knows', async () => {
      const variable = '/tmp/v/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c';
      const byte = await shell.run(
        `mkdir -p /tmp/v; mount -t efivarfs none /tmp/v; tail -c 1 ${variable} | od -An -tx1; umount /tmp/v`,
      );
      assert.equal(byte.trim(), '01');
      assert.match(
        await shell.run('cat /sys/kernel/security/lockdown || dmesg | grep -i lock'),
        /integrity|locked down/,
      );
    });
    it('are a TPM 2.0 that the firmware has measured the boot into', async () => {
      assert.equal(await shell.run('cat /sys/class/tpm/tpm0/tpm_version_major'), '2');
      const pcr = await shell.run('cat /sys/class/tpm/tpm0/pcr-sha256/0');
      assert.match(pcr, /^[0-9A-F]{64}$/);
      assert.notEqual(pcr, '0'.repeat(64));
    });
    it('are a console whose words kubectl logs shows, also when nobody is at it', async () => {
      const logs = (): Promise<string> =>
        kubectl(['-n', namespace, 'logs', '-l', 'vm.kubevirt.io/name=secure', '-c', 'guest-console-log', '--tail=-1']);
      const printed = (words: string) => until(words, async () => (await logs()).includes(words), { namespace });
      // What the guest said before anybody came; the container prints it a little later.
      await printed('The tiny guest of kubectl-virt');
      await shell.run('echo "words at" the-console');
      await printed('words at the-console');
    });
    it('are a sound card, a display on virtio, and a tablet', async () => {
      const ids = [...(await pciOf(shell)).values()];
      for (const name of ['sound', 'virtioVideo', 'usbController'] as const)
        assert.ok(ids.includes(Pci[name]), `${name}: ${ids.join(', ')}`);
      assert.match(await shell.run('cat /sys/bus/usb/devices/*/product'), /^QEMU USB Tablet$/m);
    });
  });

  describe('of a VM whose firmware and TPM are kept', () => {
    /** Of the certificates that come with a TPM when it is made. */
    const madeCertificates = async (): Promise<string> => {
      const pods = await list<Pod>(namespace, 'pod', 'vm.kubevirt.io/name=secure');
      const pod = pods.find(({ status }) => status?.phase === 'Running')?.metadata?.name ?? '';
      const find = ['find', '/var/run/kubevirt-private/config', '-name', '*swtpm-localca*'];
      return (await kubectl(['-n', namespace, 'exec', pod, '-c', 'compute', '--', ...find])).trim();
    };
    const VARIABLE = '/tmp/v/KubectlVirt-12345678-1234-1234-1234-123456789abc';
    it('are the same after a stop and a start, on a claim that the VM owns', async function () {
      needsTestBed(this, 'the storage behind the claim is made on the node');
      const before = await get<VirtualMachineInstance>(namespace, 'vmi', 'secure');
      const kept = before?.status?.volumeStatus?.find(({ name }) => name === 'persistent-state-for-this-vm');
      const claimName = kept?.persistentVolumeClaimInfo?.claimName ?? '';
      assert.match(claimName, /^persistent-state-for-secure-[0-9a-f]{10}$/);
      const claim = await get<KubernetesObject>(namespace, 'persistentvolumeclaim', claimName);
      assert.deepEqual(claim?.metadata?.labels, { 'persistent-state-for': 'secure' });
      const owner = claim.metadata.ownerReferences?.[0];
      const machineUid = (await get<KubernetesObject>(namespace, 'vm', 'secure'))?.metadata?.uid;
      assert.deepEqual([owner?.kind, owner?.uid], ['VirtualMachine', machineUid]);

      const shell = await shells.of('secure');
      await shell.run('mkdir -p /tmp/v; mount -t efivarfs none /tmp/v');
      await shell.run(`printf '\\007\\000\\000\\000kept' >${VARIABLE}; sync; umount /tmp/v`);
      assert.ok(existsSync(`${stateDirectory}/tpm/tpm2-00.permall`));
      assert.match(await madeCertificates(), /swtpm/, 'the TPM was made with this pod');
      assert.equal((await plugin(['restart', 'secure', '-n', namespace])).code, 0);
      await until(
        'another VMI runs',
        async () => {
          const now = await get<VirtualMachineInstance>(namespace, 'vmi', 'secure');
          return now?.metadata?.uid !== before?.metadata?.uid && now?.status?.phase === 'Running';
        },
        { seconds: 300, namespace },
      );
      const again = await shells.of('secure');
      const text = await again.run(
        `mkdir -p /tmp/v; mount -t efivarfs none /tmp/v; tail -c 4 ${VARIABLE}; echo; umount /tmp/v`,
      );
      assert.equal(text.trim(), 'kept');
      assert.equal(await again.run('cat /sys/class/tpm/tpm0/tpm_version_major'), '2');
      assert.equal(await madeCertificates(), '', 'and not with the next');
    });
  });

  describe('of a VM whose kernel somebody has altered', () => {
    it('are firmware that does not boot it: one byte that does nothing is one too many', async () => {
      const shell = await shells.of('secure');
      // Words of the entry for BIOS, which UEFI does not use: only the signature knows of them.
      const words = 'No setup signature found';
      const offset = await shell.run(
        `mkdir -p /tmp/d; mount -t vfat /dev/vda /tmp/d; strings -t d /tmp/d/vmlinuz | grep -m 1 "${words}"`,
      );
      const [, at = ''] = /^ *(\d+) /.exec(offset) ?? [];
      assert.notEqual(at, '', offset);
      await shell.run(`printf X | dd of=/tmp/d/vmlinuz bs=1 seek=${at} conv=notrunc; umount /tmp/d; sync`);
      shell.send('reboot -f');
      await shell.said(/bad shim signature/, 240);
    });
  });
});
