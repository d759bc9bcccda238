import assert from 'node:assert/strict';
import type { VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import { buildDomain, domainNotices } from '../../../src/domain/index.js';
import type { XmlElement } from '../../../src/domain/xml.js';
import { context, typical, vmi } from './fixtures.js';
import { all, one, readXml } from './read-xml.js';

const ROOT_COMPLEX = 'kubevirt.io/placePCIDevicesOnRootComplex';
const HOLE64 = 'kubevirt.io/disablePCIHole64';

const annotated = (subject: VirtualMachineInstance, key: string, value = 'true'): VirtualMachineInstance => ({
  ...subject,
  metadata: { ...subject.metadata, annotations: { [key]: value } },
});
const devicesOf = (subject: VirtualMachineInstance): XmlElement =>
  one(readXml(buildDomain(subject, context())), 'devices')!;
const slotsOf = (subject: VirtualMachineInstance): string[] =>
  devicesOf(subject).children.flatMap((device) => {
    if (typeof device === 'string') return [];
    const address = all(device, 'address').find(({ attributes }) => attributes['type'] === 'pci');
    if (address === undefined) return [];
    const { bus, slot } = address.attributes;
    return [`${device.name} ${bus}:${slot}`];
  });

describe('PCI devices on the root complex', () => {
  it('sit on bus 0, slot after slot: interfaces, controllers, disks, inputs, watchdog, rng, balloon', () => {
    const subject = typical();
    subject.spec.domain.devices.watchdog = { name: 'dog', i6300esb: { action: 'reset' } };
    subject.spec.domain.devices.inputs = [
      { name: 'pen', type: 'tablet', bus: 'virtio' },
      { name: 'mouse', type: 'tablet', bus: 'usb' },
    ];
    assert.deepEqual(slotsOf(annotated(subject, ROOT_COMPLEX)).sort(), [
      'controller 0x00:0x03',
      'controller 0x00:0x04',
      'disk 0x00:0x05',
      'disk 0x00:0x06',
      'input 0x00:0x07',
      'interface 0x00:0x02',
      'memballoon 0x00:0x0a',
      'rng 0x00:0x09',
      'watchdog 0x00:0x08',
    ]);
  });
  it('leave out what is on no PCI bus', () => {
    const subject = vmi(
      { volumes: [{ name: 'a', persistentVolumeClaim: { claimName: 'a' } }] },
      {},
      { autoattachMemBalloon: false, disks: [{ name: 'a', disk: { bus: 'sata' } }] },
    );
    assert.deepEqual(slotsOf(annotated(subject, ROOT_COMPLEX)), ['controller 0x00:0x02']);
  });
  it('keep the addresses that their owner gave, and pass over their slots', () => {
    const subject = typical();
    Object.assign(subject.spec.domain.devices.disks![1]!, { disk: { bus: 'virtio', pciAddress: '0000:00:03.0' } });
    const slots = slotsOf(annotated(subject, ROOT_COMPLEX));
    assert.ok(slots.includes('disk 0x00:0x03'));
    assert.equal(new Set(slots.map((text) => text.split(':')[1])).size, slots.length, slots.join());
  });
  it('are left to libvirt without the annotation, with another value, and on a machine of one bus', () => {
    assert.deepEqual(slotsOf(typical()), []);
    for (const value of ['false', 'True', '']) assert.deepEqual(slotsOf(annotated(typical(), ROOT_COMPLEX, value)), []);
    const old = annotated(typical(), ROOT_COMPLEX);
    old.spec.domain.machine = { type: 'pc' };
    assert.deepEqual(slotsOf(old), []);
  });
  it('are behind ports where no slot is left, which their owner hears', () => {
    const subject = (count: number): VirtualMachineInstance => {
      const names = Array.from({ length: count }, (_, index) => `d${index}`);
      return annotated(
        vmi(
          { volumes: names.map((name) => ({ name, emptyDisk: { capacity: '1Mi' } })) },
          {},
          { disks: names.map((name) => ({ name, disk: { bus: 'virtio' } })) },
        ),
        ROOT_COMPLEX,
      );
    };
    // 28 slots; the controller of the console and the balloon have two.
    assert.equal(slotsOf(subject(26)).length, 28);
    assert.deepEqual(domainNotices(subject(26), context()), []);
    assert.ok(!slotsOf(subject(26)).some((text) => text.endsWith('0x1b') || text.endsWith('0x1f')));
    // Two slots are kept for ports then.
    assert.equal(slotsOf(subject(27)).length, 26);
    const [notice, ...others] = domainNotices(subject(27), context());
    assert.deepEqual(others, []);
    assert.equal(notice?.reason, 'RootComplexFull');
    assert.match(notice.message, /no slots left for 3 of the devices/);
  });
});

describe('the 64-bit PCI hole', () => {
  const hole = (subject: VirtualMachineInstance) =>
    all(devicesOf(subject), 'controller')
      .filter(({ attributes: { type } }) => type === 'pci')
      .map(({ attributes: { index, model }, children }) => [index, model, (children[0] as XmlElement).children[0]]);
  it('is closed by the annotation, in any case, on the root of the machine', () => {
    for (const value of ['true', 'True', 'TRUE'])
      assert.deepEqual(hole(annotated(typical(), HOLE64, value)), [['0', 'pcie-root', '0']]);
    const old = annotated(typical(), HOLE64);
    old.spec.domain.machine = { type: 'pc-i440fx-7.2' };
    assert.deepEqual(hole(old), [['0', 'pci-root', '0']]);
  });
  it('is open otherwise', () => {
    assert.deepEqual(hole(typical()), []);
    assert.deepEqual(hole(annotated(typical(), HOLE64, 'false')), []);
  });
  it('is closed beside devices on the root complex: the root itself takes no slot', () => {
    const both = annotated(typical(), ROOT_COMPLEX);
    both.metadata!.annotations![HOLE64] = 'true';
    assert.deepEqual(hole(both), [['0', 'pcie-root', '0']]);
    assert.equal(new Set(slotsOf(both)).size, slotsOf(annotated(typical(), ROOT_COMPLEX)).length);
  });
});
