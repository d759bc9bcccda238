import assert from 'node:assert/strict';
import fc from 'fast-check';
import { localPaths } from '../../../src/api/pod-layout.js';
import { buildDomain } from '../../../src/domain/index.js';
import { connect, type Connection } from 'node-libvirt';
import { arbitraryCpuSetting } from '../../unit/api/virtlet/arbitrary-setting.js';
import { config, context, vmi } from '../../unit/domain/fixtures.js';
import { startSessionLibvirtd, type SessionLibvirtd } from '../support/session-libvirtd.js';

/** What the schema cannot know, libvirt's parser does: which parts of `<cpu>` exclude or need each other. */
describe('CPU settings that admission accepts', function () {
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

  const emulated = (directory?: string) =>
    context({
      config: config({ developerConfiguration: { useEmulation: true } }),
      kvmAvailable: false,
      network: { passt: false },
      ...(directory === undefined ? {} : { paths: localPaths(directory) }),
    });

  it('start a guest: the one of the page, with its UUID', async () => {
    const subject = vmi({}, { firmware: { uuid: '53008994-44c0-4017-ad44-9c49758083da' } });
    const text = 'mode: custom\nmodel:\n  value: Westmere\nfeatures:\n- name: avx\n  policy: disable\n';
    subject.metadata = { ...subject.metadata, annotations: { VirtletLibvirtCPUSetting: text } };
    const domain = await connection.domains.defineXML(buildDomain(subject, emulated(daemon.directory)));
    await connection.domains.create(domain);
    const live = await connection.domains.getXML(domain);
    assert.match(live, /<model fallback='[a-z]+'>Westmere<\/model>/);
    assert.match(live, /<feature policy='disable' name='avx'\/>/);
    assert.match(live, /<uuid>53008994-44c0-4017-ad44-9c49758083da<\/uuid>/);
    await connection.domains.destroy(domain);
    await connection.domains.undefine(domain);
  });

  it('can be defined, and leave the guest the memory that its pod was charged for', async () => {
    for (const { text, vcpus, memoryKiB } of fc.sample(arbitraryCpuSetting, 60)) {
      // An emulated guest cannot have it, and admission does not know where the guest will run.
      if (/host-passthrough/i.test(text)) continue;
      const subject = vmi({}, { cpu: { sockets: vcpus }, memory: { guest: `${memoryKiB}Ki` } });
      subject.metadata = { ...subject.metadata, annotations: { VirtletLibvirtCPUSetting: text } };
      const domain = await connection.domains.defineXML(buildDomain(subject, emulated())).catch((error: unknown) => {
        throw new Error(`${String(error)}\n${text}`);
      });
      const defined = await connection.domains.getXML(domain);
      assert.match(defined, new RegExp(`<memory unit='KiB'>${memoryKiB}</memory>`), text);
      await connection.domains.undefine(domain);
    }
  });
});
