import assert from 'node:assert/strict';
import type { VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import { buildDomain, domainNotices, type DomainContext } from '../../../src/domain/index.js';
import type { XmlElement } from '../../../src/domain/xml.js';
import { config, context, typical, vmi } from './fixtures.js';
import { all, one, readXml } from './read-xml.js';

/* Our side of the rows of scripts/rendered-differences.ts; what KubeVirt does stands there. */

const domain = (subject: VirtualMachineInstance, changes: Partial<DomainContext> = {}): XmlElement =>
  readXml(buildDomain(subject, context(changes)));
const EMULATED = { config: config({ developerConfiguration: { useEmulation: true } }), kvmAvailable: false };
const EXCLUSIVE = {
  cells: [{ cpus: [0, 1, 2, 3].map((id) => ({ id, siblings: [id] })) }],
  allowed: [0, 1, 2, 3],
};
const attribute = (root: XmlElement, name: string, key: string) => one(root, name)?.attributes[key];
const annotated = (subject: VirtualMachineInstance, key: string): VirtualMachineInstance => ({
  ...subject,
  metadata: { ...subject.metadata, annotations: { [key]: 'true' } },
});
const onClaim = (disk: object): VirtualMachineInstance =>
  vmi({ volumes: [{ name: 'a', persistentVolumeClaim: { claimName: 'a' } }] }, {}, { disks: [{ name: 'a', ...disk }] });

describe('a domain differs from KubeVirt’s:', () => {
  it('no nested virtualization by default', () => {
    const features = (subject: VirtualMachineInstance) =>
      all(domain(subject), 'feature').map(({ attributes: { name, policy } }) => `${name} ${policy}`);
    assert.deepEqual(features(vmi()), ['vmx disable', 'svm disable']);
    assert.deepEqual(features(vmi({}, { cpu: { features: [{ name: 'vmx' }] } })), ['vmx require', 'svm disable']);
  });
  it('cpu.model maximum is a mode', () => {
    const root = domain(vmi({}, { cpu: { model: 'maximum' } }));
    assert.equal(attribute(root, 'cpu', 'mode'), 'maximum');
    assert.equal(one(one(root, 'cpu')!, 'model'), undefined);
  });
  it('SMM that is switched off is off', () => {
    const smm = (enabled: boolean) => attribute(domain(vmi({}, { features: { smm: { enabled } } })), 'smm', 'state');
    assert.deepEqual([smm(false), smm(true)], ['off', 'on']);
  });
  it('APIC end of interrupt is passed on', () => {
    const root = domain(vmi({}, { features: { apic: { endOfInterrupt: true } } }));
    assert.equal(attribute(root, 'apic', 'eoi'), 'on');
  });
  it('a CD-ROM has its serial number', () => {
    const root = domain(onClaim({ cdrom: { bus: 'sata' }, serial: 'DVD-1' }));
    assert.deepEqual(one(one(root, 'disk')!, 'serial')?.children, ['DVD-1']);
  });
  it('a CD-ROM on USB has a controller', () => {
    const usb = all(domain(onClaim({ cdrom: { bus: 'usb' } })), 'controller').find(
      ({ attributes }) => attributes['type'] === 'usb',
    );
    assert.equal(usb?.attributes['model'], 'qemu-xhci');
  });
  it('an emulated guest starts without Hyper-V features', () => {
    const subject = vmi({}, { features: { hyperv: { relaxed: {} } } });
    assert.equal(one(domain(subject, EMULATED), 'hyperv'), undefined);
    assert.deepEqual(
      domainNotices(subject, context(EMULATED)).map(({ reason }) => reason),
      ['HypervUnavailable'],
    );
  });
  it('I/O threads go by the topology and virtio disks', () => {
    const names = ['a', 'b', 'c'];
    const subject = vmi(
      { volumes: names.map((name) => ({ name, emptyDisk: { capacity: 1 } })) },
      { cpu: { cores: 4 }, ioThreadsPolicy: 'auto' },
      { disks: names.map((name, index) => ({ name, disk: { bus: index === 2 ? 'sata' : 'virtio' } })) },
    );
    assert.deepEqual(one(domain(subject), 'iothreads')?.children, ['2']);
  });
  it('all I/O threads are pinned to an isolated emulator', () => {
    const names = ['a', 'b'];
    const subject = vmi(
      { volumes: names.map((name) => ({ name, emptyDisk: { capacity: 1 } })) },
      { cpu: { cores: 2, dedicatedCpuPlacement: true, isolateEmulatorThread: true } },
      { disks: names.map((name) => ({ name, disk: { bus: 'virtio' }, dedicatedIOThread: true })) },
    );
    const root = domain(subject, { exclusiveCpus: EXCLUSIVE });
    const pins = all(root, 'iothreadpin').map(({ attributes }) => attributes['cpuset']);
    assert.deepEqual(pins, Array(3).fill(attribute(root, 'emulatorpin', 'cpuset')));
  });
  it('no room is kept for hot-plug', () => {
    const roomy = vmi({}, { cpu: { sockets: 1, maxSockets: 4 }, memory: { guest: '1Gi', maxGuest: '4Gi' } });
    const plain = vmi({}, { cpu: { sockets: 1 }, memory: { guest: '1Gi' } });
    assert.equal(buildDomain(roomy, context()), buildDomain(plain, context()));
    const controllers = all(domain(plain), 'controller').map(({ attributes }) => attributes['type']);
    assert.deepEqual(controllers, ['usb', 'virtio-serial']);
  });
  it('devices on the root complex pass over slots that are taken', () => {
    const subject = annotated(typical(), 'kubevirt.io/placePCIDevicesOnRootComplex');
    Object.assign(subject.spec.domain.devices.disks![1]!, { disk: { bus: 'virtio', pciAddress: '0000:00:03.0' } });
    const slots = all(domain(subject), 'address').map(({ attributes }) => attributes['slot']);
    assert.ok(slots.includes('0x03') && slots.length > 4);
    assert.equal(new Set(slots).size, slots.length);
  });
  it('the 64-bit hole of a machine of one bus', () => {
    const subject = annotated(vmi({}, { machine: { type: 'pc' } }), 'kubevirt.io/disablePCIHole64');
    const root = all(domain(subject), 'controller').find(({ attributes }) => attributes['type'] === 'pci');
    assert.equal(root?.attributes['model'], 'pci-root');
  });
  it('the serial console is not logged unless the VM asks for it', () => {
    for (const disableSerialConsoleLog of [undefined, {}]) {
      const virtualMachineOptions = disableSerialConsoleLog === undefined ? {} : { disableSerialConsoleLog };
      assert.equal(one(domain(vmi(), { config: config({ virtualMachineOptions }) }), 'log'), undefined);
    }
  });
  it('the card of a bridge has the same address at every start', () => {
    const subject = typical();
    subject.spec.domain.devices.interfaces = [{ name: 'default', bridge: {} }];
    const card = () => one(domain(subject), 'interface')!;
    assert.deepEqual(card().attributes, { type: 'ethernet' });
    assert.match(String(attribute(card(), 'mac', 'address')), /^02:/);
    assert.equal(attribute(card(), 'mac', 'address'), attribute(card(), 'mac', 'address'));
  });
  it('an emulated guest has a translation cache of 96 MiB', () => {
    assert.deepEqual(one(domain(vmi(), EMULATED), 'tb-cache')?.children, ['96']);
  });
});
