import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { subresourcePath } from '../../cmd/kubectl-virt/paths.js';
import type { VirtualMachine, VirtualMachineInstance } from '../../src/api/schema/kinds.js';
import { apply, get, patch } from './support/api.js';
import { isTestBed, needsTestBed } from './support/bed.js';
import { deviceGuest, DEVICES_IMAGE, OpenShells, Pci, pciOf, type DevicesOf } from './support/device-guests.js';
import { openGates, untilAdmitted } from './support/gates.js';
import { greeting } from './support/greeting.js';
import type { GuestShell } from './support/guest.js';
import { kubectl, plugin, until } from './support/kubectl.js';
import { machine, untilEvent, useNamespace } from './support/machines.js';
import { readPng } from './support/png.js';
import { RfbClient, type Picture } from './support/rfb.js';
import { ScreenProxy } from './support/screen.js';

/** Cards on a network beside the pod's, on which the test bed gives no addresses. */
const Lan = { whole: '02:00:00:00:77:01', old: '02:00:00:00:77:02' } as const;
/** A network of the test bed (test/cluster/settings.ts), as Multus would attach it. */
const attached = (networkName: string) => ({ name: networkName, multus: { networkName } });
/** Another cluster may have no Multus, and has not these networks. */
const onAttached = <T>(...list: readonly T[]): readonly T[] => (isTestBed() ? list : []);
/** Sets `d` to the device of a card. */
const deviceOf = (mac: string): string => `d=$(basename $(dirname $(grep -l ${mac} /sys/class/net/*/address)))`;
/** As the guest's own boot loader gives them. */
const BOOT_ARGUMENTS = 'console=ttyS0,115200 panic=1 mitigations=off tsc=reliable no_timer_check loglevel=6';
/** An ACPI table: signature, length, revision, a checksum that QEMU reckons, who made it; then a key of 29 letters. */
const MSDM = (() => {
  const table = Buffer.alloc(36 + 20 + 29);
  table.write('MSDM', 0);
  table.writeUInt32LE(table.length, 4);
  table.writeUInt8(3, 8);
  table.write('KVIRT ', 10);
  table.write('LICENCE ', 16);
  table.writeUInt32LE(1, 36);
  table.writeUInt32LE(1, 44);
  table.writeUInt32LE(29, 52);
  table.write('AAAAA-BBBBB-CCCCC-DDDDD-EEEEE', 56);
  return table;
})();

/** Of core/v1, what the test reads. */
interface Endpoints {
  readonly subsets?: readonly {
    readonly addresses?: readonly object[];
    readonly notReadyAddresses?: readonly object[];
  }[];
}

describe('devices, seen by the guest', function () {
  this.timeout(900_000);
  const namespace = useNamespace('e2e-devices');
  const shells = new OpenShells(namespace);
  const directory = mkdtempSync(join(tmpdir(), 'devices-'));
  after(() => rmSync(directory, { recursive: true }));
  let whole: GuestShell;

  const vmi = (name: string, ...what: DevicesOf) => deviceGuest(namespace, name, ...what);
  /** The same of a VM, whose template may be changed while it runs. */
  const runs = (name: string, ...what: DevicesOf) =>
    machine(namespace, name, { runStrategy: 'Once' }, vmi(name, ...what).spec);
  before(async () => {
    await openGates(['ReservedOverheadMemlock']);
    await untilAdmitted(
      runs(
        'whole',
        {
          // Once something has a boot order, the firmware boots from nothing that has none.
          disks: [{ name: 'root', disk: { bus: 'virtio' }, bootOrder: 1 }],
          inputs: [
            { name: 'pointer', type: 'tablet', bus: 'virtio' },
            { name: 'other', type: 'tablet', bus: 'usb' },
          ],
          watchdog: { name: 'dog', i6300esb: { action: 'poweroff' } },
          panicDevices: [{ model: 'pvpanic' }, { model: 'hyperv' }],
          autoattachGraphicsDevice: true,
          interfaces: [
            {
              name: 'default',
              masquerade: {},
              acpiIndex: 7,
              bootOrder: 2,
              pciAddress: '0000:00:10.0',
              state: 'down',
              ports: [{ name: 'web', port: 8080 }],
            },
            ...onAttached(
              { name: 'lan', bridge: {}, macAddress: Lan.whole },
              {
                name: 'given',
                bridge: {},
                dhcpOptions: { tftpServerName: '10.98.8.9', privateOptions: [{ option: 240, value: 'kept' }] },
              },
            ),
          ],
        },
        {
          chassis: { manufacturer: 'ACME', version: 'v2', serial: 'c-17', asset: 'a-4', sku: 'rack' },
          features: { hyperv: { relaxed: {}, vapic: {}, spinlocks: { spinlocks: 8191 } } },
          memory: { reservedOverhead: { addedOverhead: '32Mi' } },
        },
        { networks: [{ name: 'default', pod: {} }, ...onAttached(attached('lan'), attached('given'))] },
      ),
    );
    await apply({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'licence', namespace },
      data: { 'msdm.bin': MSDM.toString('base64') },
    });
    await apply({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'old', namespace },
      spec: { selector: { 'vm.kubevirt.io/name': 'old' }, ports: [{ port: 4711 }] },
    });
    await apply(
      vmi(
        'old',
        {
          useVirtioTransitional: true,
          networkInterfaceMultiqueue: true,
          interfaces: [
            { name: 'default', masquerade: {}, ports: [{ port: 4711 }] },
            ...onAttached({ name: 'lan', bridge: {}, macAddress: Lan.old }),
          ],
        },
        {
          rebootPolicy: 'Terminate',
          cpu: { cores: 2 },
          firmware: {
            kernelBoot: {
              container: { ...DEVICES_IMAGE, kernelPath: '/boot/vmlinuz', initrdPath: '/boot/initrd.gz' },
              kernelArgs: `${BOOT_ARGUMENTS} of=the-vmi`,
            },
            acpi: { msdmNameRef: 'licence' },
          },
        },
        {
          readinessProbe: { tcpSocket: { port: 4711 }, periodSeconds: 2 },
          networks: [{ name: 'default', pod: {} }, ...onAttached(attached('lan'))],
          volumes: [{ name: 'licence', secret: { secretName: 'licence' } }],
        },
      ),
    );
  });
  after(() => shells.close());

  describe('of a VM that has them all', () => {
    let shell: GuestShell;
    let pci: ReadonlyMap<string, string>;
    before(async () => {
      shell = await shells.of('whole');
      whole = shell;
      pci = await pciOf(shell);
    });
    it('are an input on virtio and one on USB, a watchdog and a panic device', () => {
      const ids = [...pci.values()];
      for (const name of ['virtioInput', 'usbController', 'watchdog', 'pvpanic'] as const)
        assert.ok(ids.includes(Pci[name]), `${name}: ${ids.join(', ')}`);
    });
    it('are a USB tablet behind the controller', async () => {
      assert.match(await shell.run('cat /sys/bus/usb/devices/*/product'), /^QEMU USB Tablet$/m);
    });
    it('are a chassis with what the VMI says of it', async () => {
      const read = await shell.run(
        'cd /sys/class/dmi/id; cat chassis_vendor chassis_version chassis_serial chassis_asset_tag',
      );
      assert.deepEqual(read.split('\n'), ['ACME', 'v2', 'c-17', 'a-4']);
    });
    it('are a network card at its place, with its index, and without a link', async () => {
      assert.equal(pci.get('0000:00:10.0'), Pci.virtioNet);
      assert.equal(await shell.run('cat /sys/bus/pci/devices/0000:00:10.0/acpi_index'), '7');
      assert.equal(await shell.run('ip link set eth0 up; sleep 1; cat /sys/class/net/eth0/carrier'), '0');
    });
    it('are a screen that a viewer sees and types at, and that a newcomer takes over unless he says otherwise', async () => {
      shell.send('setsid sh -c "exec sh < /dev/tty1 > /dev/tty1 2>&1" &');
      const screen = await ScreenProxy.start(namespace, 'whole');
      const polite = await ScreenProxy.start(namespace, 'whole', '--preserve-session');
      try {
        const viewer = await RfbClient.connect(screen.port).catch(async (error: unknown) => {
          await sleep(500);
          throw new Error(screen.errors, { cause: error });
        });
        const before = await viewer.picture();
        assert.ok(before.width >= 640 && before.height >= 350, `${before.width} x ${before.height}`);
        await viewer.type('touch /tmp/typed');
        await until('the guest has what was typed', async () => (await shell.run('ls /tmp/typed')) === '/tmp/typed', {
          namespace,
        });
        // The shell echoes on the screen.
        const after = await viewer.picture();
        assert.ok(new Set(after.pixels).size > 1 && after.pixels.some((pixel, at) => pixel !== before.pixels[at]));
        await assert.rejects(RfbClient.connect(polite.port), /has ended the connection/);
        await polite.says(/another user has the screen of .*\/whole/);
        assert.ok((await viewer.picture()).width > 0, 'it was left with who had it');
        const newcomer = await RfbClient.connect(screen.port);
        await assert.rejects(viewer.picture(), /has ended the connection/);
        await screen.says(/another user connected to the screen of whole/);
        newcomer.close();
      } finally {
        assert.deepEqual([await screen.stop(), await polite.stop()], [0, 0]);
      }
      const { code, stderr } = await plugin([
        'vnc',
        'nowhere',
        '-n',
        namespace,
        '--vnc-type=tiger',
        '--vnc-path=/bin/true',
      ]);
      assert.equal(code, 1);
      assert.match(stderr, /"nowhere" not found/);
    });
    it('are a screen that others look on at, whose keys go nowhere, and of which pictures are taken', async () => {
      const [screen, onlooker] = [
        await ScreenProxy.start(namespace, 'whole'),
        await ScreenProxy.start(namespace, 'whole', '--view-only'),
      ];
      try {
        const watchers = [await RfbClient.connect(onlooker.port), await RfbClient.connect(onlooker.port)];
        const driver = await RfbClient.connect(screen.port);
        await watchers[0]!.type('touch /tmp/by-a-watcher');
        await driver.type('touch /tmp/by-the-driver');
        await until(
          'the guest has what the driver typed',
          async () => (await shell.run('ls /tmp')).includes('driver'),
          {
            namespace,
          },
        );
        assert.doesNotMatch(await shell.run('ls /tmp'), /watcher/);
        for (const viewer of [...watchers, driver]) assert.ok((await viewer.picture()).width > 0);

        const screenshot = async (...flags: readonly string[]): Promise<Picture> => {
          const file = join(directory, 'whole.png');
          const { code, stderr } = await plugin(['vnc', 'screenshot', 'whole', '-n', namespace, '-f', file, ...flags]);
          assert.equal(code, 0, stderr);
          return readPng(readFileSync(file));
        };
        const seen = await driver.picture();
        const before = await screenshot();
        const differences = (one: Picture, other: Picture): number =>
          one.pixels.filter((pixel, at) => pixel !== other.pixels[at]).length;
        assert.deepEqual([before.width, before.height], [seen.width, seen.height]);
        // The cursor blinks: one character of 2000.
        assert.ok(differences(before, seen) <= seen.pixels.length / 1000, 'it is what a viewer sees');
        assert.ok(new Set(before.pixels).size > 1, 'there is text on it');
        await shell.run('seq 100 140 > /dev/tty1');
        const after = await screenshot('--move-cursor');
        assert.ok(differences(before, after) > seen.pixels.length / 500, 'what the guest printed is on the next');
        const path = subresourcePath('vmi', namespace, 'whole', 'vnc/screenshot');
        assert.match(await kubectl(['get', '--raw', path]), /^.PNG\r\n/);
        assert.ok((await driver.picture()).width > 0, 'nobody was put out');
      } finally {
        assert.deepEqual([await screen.stop(), await onlooker.stop()], [0, 0]);
      }
    });
    it('are no agent in the guest, and what needs one says so', async () => {
      for (const command of [
        ['exec', 'whole', '--', 'true'],
        ['userlist', 'whole'],
        ['freeze', 'whole'],
      ]) {
        const [name = '', ...rest] = command;
        const { code, stderr } = await plugin([name, '-n', namespace, ...rest]);
        assert.equal(code, 1);
        assert.match(stderr, /VMI does not have guest agent connected: install qemu-guest-agent/);
      }
    });
    it('are a link that is plugged and pulled while it runs, by the template of the VM', async () => {
      const carrier = 'cat /sys/class/net/eth0/carrier';
      for (const [state, seen] of [
        ['up', '1'],
        ['down', '0'],
      ] as const) {
        const found = await get<VirtualMachine>(namespace, 'vm', 'whole');
        const spec = found?.spec.template.spec;
        const [card, ...others] = spec?.domain.devices.interfaces ?? [];
        const interfaces = [{ ...card, state }, ...others];
        const change = { spec: { template: { spec: { domain: { devices: { interfaces } } } } } };
        await patch(namespace, 'vm', 'whole', change);
        await until(`the guest sees it ${state}`, async () => (await shell.run(carrier)) === seen, {
          seconds: 60,
          namespace,
        });
        await until(
          `the status says ${state}`,
          async () => {
            const status = (await get<VirtualMachineInstance>(namespace, 'vmi', 'whole'))?.status;
            return status?.interfaces?.some((one) => one.name === 'default' && one.linkState === state);
          },
          { seconds: 60, namespace },
        );
      }
      const conditions = (await get<VirtualMachine>(namespace, 'vm', 'whole'))?.status?.conditions ?? [];
      assert.ok(!conditions.some(({ type }) => type === 'RestartRequired'), JSON.stringify(conditions));
    });
    it('are without Hyper-V where the guest is emulated, and an event says so', async () => {
      const message = await untilEvent(namespace, 'whole', 'HypervUnavailable');
      assert.match(message, /features\.hyperv, a hyperv panic device: .* the guest runs without it/);
    });
  });

  describe('of a VM for an old guest', () => {
    let shell: GuestShell;
    before(async () => {
      shell = await shells.of('old');
    });
    it('are virtio devices that old drivers know', async () => {
      const ids = [...(await pciOf(shell)).values()];
      for (const name of ['oldVirtioNet', 'oldVirtioBlock'] as const)
        assert.ok(ids.includes(Pci[name]), ids.join(', '));
      assert.ok(!ids.includes(Pci.virtioNet) && !ids.includes(Pci.virtioBlock), ids.join(', '));
    });
    it('are a kernel from an image, with its arguments and its initrd', async () => {
      assert.equal(await shell.run('cat /proc/cmdline'), `${BOOT_ARGUMENTS} of=the-vmi`);
    });
    it('are the table by which Windows knows its licence', async () => {
      const table = await shell.run('od -An -v -tx1 /sys/firmware/acpi/tables/MSDM | tr -d " \\n"');
      // QEMU gives it a header of its own.
      assert.equal(table.slice(2 * 36), MSDM.subarray(36).toString('hex'));
    });
    it('are reached at the ports that the interface lists, and at no others', async function () {
      needsTestBed(this, 'asks the pod’s address from the node');
      const before = (await get<VirtualMachineInstance>(namespace, 'vmi', 'old'))?.status?.conditions;
      assert.equal(before?.find(({ type }) => type === 'Ready')?.status, 'False', 'nothing listens yet');
      await shell.run('udhcpc -i eth0 -n -q', 90);
      shell.send(
        '(while true; do if [ -e /tmp/closed ]; then sleep 1; else echo hello | nc -l -p 4711; fi; done) & (while true; do echo hello | nc -l -p 80; done) &',
      );
      const address =
        (await get<VirtualMachineInstance>(namespace, 'vmi', 'old'))?.status?.interfaces?.[0]?.ipAddress ?? '';
      await until('the guest answers', async () => (await greeting(address, 4711)) === 'hello\n', {
        seconds: 300,
        namespace,
      });
      // Forwarded where an interface lists none.
      assert.match(await greeting(address, 80), /ECONNREFUSED/);
    });
    it('are in a Service while the readiness probe succeeds, and not while it fails', async () => {
      const inService = async (which: 'addresses' | 'notReadyAddresses'): Promise<boolean> => {
        const ready = (await get<VirtualMachineInstance>(namespace, 'vmi', 'old'))?.status?.conditions?.some(
          ({ type, status }) => type === 'Ready' && status === 'True',
        );
        const subsets = (await get<Endpoints>(namespace, 'endpoints', 'old'))?.subsets ?? [];
        return ready === (which === 'addresses') && subsets.some((subset) => subset[which]?.length === 1);
      };
      const untilIn = (what: string, which: 'addresses' | 'notReadyAddresses') =>
        until(what, () => inService(which), { seconds: 120, namespace });
      await untilIn('the Service has the guest, which answers', 'addresses');
      await shell.run('touch /tmp/closed; killall nc');
      await untilIn('the Service has lost the guest, which does not answer', 'notReadyAddresses');
      await shell.run('rm /tmp/closed');
      await untilIn('the Service has the guest again', 'addresses');
    });
    it('are one wire with another VM’s, of several queues, under the address that it chose', async function () {
      needsTestBed(this, 'has a second network');
      await whole.run(`${deviceOf(Lan.whole)}; ip address add 192.168.77.1/24 dev $d; ip link set $d up`);
      const ping = await shell.run(
        `${deviceOf(Lan.old)}; ip address add 192.168.77.2/24 dev $d; ip link set $d up; sleep 2; ping -c 3 192.168.77.1`,
      );
      assert.match(ping, /3 packets received/);
      assert.match(await shell.run('cat /proc/net/arp'), new RegExp(`^192\\.168\\.77\\.1 .*${Lan.whole}`, 'm'));
      assert.match(await whole.run('cat /proc/net/arp'), new RegExp(`^192\\.168\\.77\\.2 .*${Lan.old}`, 'm'));
      const queues = await shell.run(
        `${deviceOf(Lan.old)}; ls /sys/class/net/$d/queues; ls /sys/class/net/eth0/queues`,
      );
      assert.equal(queues.match(/rx-1/g)?.length, 2, queues);
      const status = (await get<VirtualMachineInstance>(namespace, 'vmi', 'old'))?.status?.interfaces ?? [];
      const lan = status.find(({ name }) => name === 'lan');
      assert.deepEqual(
        { ...lan, podInterfaceName: lan?.podInterfaceName?.slice(0, 3) },
        {
          name: 'lan',
          mac: Lan.old,
          podInterfaceName: 'pod',
          infoSource: 'domain, multus-status',
          queueCount: 2,
          linkState: 'up',
        },
      );
    });
    it('have the address that the network gave the pod, with what the VM wants to be told', async function () {
      needsTestBed(this, 'has a second network');
      const status = (await get<VirtualMachineInstance>(namespace, 'vmi', 'whole'))?.status?.interfaces ?? [];
      const given = status.find(({ name }) => name === 'given');
      assert.match(given?.ipAddress ?? '', /^10\.98\.8\.\d+$/);
      const told = await whole.run(
        `${deviceOf(given?.mac ?? '')}; printf '#!/bin/sh\\nenv' >/tmp/told; chmod +x /tmp/told; ` +
          'udhcpc -i $d -n -q -s /tmp/told -O 240 -O tftp',
        90,
      );
      for (const line of [`ip=${given?.ipAddress ?? ''}`, 'tftp=10.98.8.9', 'opt240=6b657074', 'siaddr=10.98.8.9'])
        assert.ok(told.includes(line), told);
    });
    it('are ended by a reboot where the policy is Terminate', async () => {
      shell.send('reboot -f');
      await until(
        'the VMI ends',
        async () => {
          const phase = (await get<VirtualMachineInstance>(namespace, 'vmi', 'old'))?.status?.phase;
          return phase === 'Succeeded' || phase === 'Failed' ? phase : false;
        },
        { seconds: 300, namespace },
      );
    });
  });

  describe('of a guest that has hung', () => {
    it('are a watchdog, which ends it as the VM says when nobody has fed it', async () => {
      // Within two seconds, and the next meal would be after a minute.
      await whole.run('watchdog -T 2 -t 60 /dev/watchdog');
      await until(
        'the VMI ends',
        async () => {
          const phase = (await get<VirtualMachineInstance>(namespace, 'vmi', 'whole'))?.status?.phase;
          return phase === 'Succeeded' || phase === 'Failed' ? phase : false;
        },
        { seconds: 180, namespace },
      );
    });
  });
});
