import assert from 'node:assert/strict';
import { localPaths } from '../../../src/api/pod-layout.js';
import type { VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import { buildDomain } from '../../../src/domain/index.js';
import { connect, CreateFlag, type Connection } from 'node-libvirt';
import { config, context, vmi } from '../../unit/domain/fixtures.js';
import { all, readXml } from '../../unit/domain/read-xml.js';
import { startSessionLibvirtd, type SessionLibvirtd } from '../support/session-libvirtd.js';

/** What libvirt and QEMU make of the addresses and of the root without its 64-bit window. */
describe('PCI placement under a real libvirt and QEMU', function () {
  this.timeout(300_000);
  let daemon: SessionLibvirtd;
  let connection: Connection;

  before(async () => {
    daemon = await startSessionLibvirtd();
    connection = await connect({ socketPath: daemon.socketPath });
  });
  after(async () => {
    await connection.close();
    await daemon.stop();
  });

  const subject = (type: string, interfaces: number): VirtualMachineInstance => {
    const names = Array.from({ length: interfaces }, (_, index) => `n${index}`);
    const made = vmi(
      { networks: names.map((name) => ({ name, pod: {} })) },
      { machine: { type } },
      {
        rng: {},
        watchdog: { name: 'dog', i6300esb: { action: 'reset' } },
        inputs: [
          { name: 'pen', type: 'tablet', bus: 'virtio' },
          { name: 'mouse', type: 'tablet', bus: 'usb' },
        ],
        interfaces: names.map((name, index) => ({ name, masquerade: {}, model: index === 0 ? 'e1000' : 'virtio' })),
      },
    );
    const annotations = { 'kubevirt.io/placePCIDevicesOnRootComplex': 'true', 'kubevirt.io/disablePCIHole64': 'true' };
    return { ...made, metadata: { ...made.metadata, annotations } };
  };
  const start = async (made: VirtualMachineInstance): Promise<string> => {
    const emulated = context({
      config: config({ developerConfiguration: { useEmulation: true } }),
      kvmAvailable: false,
      network: { passt: false },
      paths: localPaths(daemon.directory),
    });
    const domain = await connection.domains.defineXML(buildDomain(made, emulated));
    try {
      await connection.domains.create(domain, CreateFlag.PAUSED);
      const xml = await connection.domains.getXML(domain);
      await connection.domains.destroy(domain);
      return xml;
    } finally {
      await connection.domains.undefine(domain);
    }
  };
  const busesOf = (xml: string): (string | undefined)[] =>
    all(readXml(xml), 'address')
      .filter(({ attributes }) => attributes['type'] === 'pci')
      .map(({ attributes }) => attributes['bus']);

  for (const type of ['q35', 'pc'])
    it(`starts a ${type} guest with everything on bus 0 and no 64-bit hole`, async () => {
      const xml = await start(subject(type, 3));
      assert.deepEqual([...new Set(busesOf(xml))], ['0x00'], xml);
      assert.match(xml, /<pcihole64 unit='KiB'>0<\/pcihole64>/);
    });

  it('starts a guest of more devices than slots, the last behind ports', async () => {
    const xml = await start(subject('q35', 30));
    assert.ok(new Set(busesOf(xml)).size > 1, xml);
  });
});
