import assert from 'node:assert/strict';
import fc from 'fast-check';
import { buildDomain } from '../../../src/domain/index.js';
import { connect, type Connection } from '../../../src/libvirt/index.js';
import { arbitraryCpuSetting } from '../../unit/api/virtlet/arbitrary-setting.js';
import { config, context, vmi } from '../../unit/domain/fixtures.js';
import { startSessionLibvirtd, type SessionLibvirtd } from '../support/session-libvirtd.js';

/** What the schema cannot know, libvirt's parser does: which parts of `<cpu>` exclude or need each other. */
describe('CPU settings that admission accepts', function () {
  this.timeout(120_000);
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

  it('can be defined, and leave the guest the memory that its pod was charged for', async () => {
    const emulated = context({
      config: config({ developerConfiguration: { useEmulation: true } }),
      kvmAvailable: false,
      network: { passt: false },
    });
    for (const { text, vcpus, memoryKiB } of fc.sample(arbitraryCpuSetting, 60)) {
      // An emulated guest cannot have it, and admission does not know where the guest will run.
      if (/host-passthrough/i.test(text)) continue;
      const subject = vmi({}, { cpu: { sockets: vcpus }, memory: { guest: `${memoryKiB}Ki` } });
      subject.metadata = { ...subject.metadata, annotations: { VirtletLibvirtCPUSetting: text } };
      const domain = await connection.defineDomainXML(buildDomain(subject, emulated)).catch((error: unknown) => {
        throw new Error(`${String(error)}\n${text}`);
      });
      const defined = await connection.getDomainXML(domain);
      assert.match(defined, new RegExp(`<memory unit='KiB'>${memoryKiB}</memory>`), text);
      await connection.undefineDomain(domain);
    }
  });
});
