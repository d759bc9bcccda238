import assert from 'node:assert/strict';
import { parseDomainXml } from '../../../../src/agent/hypervisor/domain-xml.js';

const XML = `<domain type='qemu' id='1'>
  <name>default_web</name>
  <metadata><kubevirt xmlns="http://kubevirt.io"><uid>0f9e</uid></kubevirt></metadata>
  <memory unit='KiB'>131072</memory>
  <currentMemory unit='KiB'>131072</currentMemory>
  <os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type></os>
  <devices>
    <disk type='file' device='disk'><source file='/a&amp;b'/><backingStore type='file'><format type='raw'/></backingStore>
      <target dev='vda' bus='virtio'/><alias name='ua-root'/></disk>
    <disk type='file' device='cdrom'><target dev='sda' bus='sata'/><alias name='sata0-0-0'/></disk>
    <interface type='user'><mac address='02:00:00:00:00:01'/><model type='virtio'/><alias name='ua-default'/></interface>
    <interface type='user'><mac address='02:00:00:00:00:02'/><driver queues='4'/><link state='down'/><alias name='ua-second'/></interface>
    <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0' state='STATE'/><alias name='channel0'/></channel>
  </devices>
</domain>`;

describe('domain XML', () => {
  it('gives what a status needs', () => {
    assert.deepEqual(parseDomainXml(XML.replace('STATE', 'connected')), {
      vmiUid: '0f9e',
      machine: 'pc-q35-7.2',
      emulated: true,
      currentMemoryKiB: 131072n,
      disks: [{ name: 'root', target: 'vda' }],
      interfaces: [
        { name: 'default', mac: '02:00:00:00:00:01' },
        { name: 'second', mac: '02:00:00:00:00:02', queues: 4, linkDown: true },
      ],
      guestAgentConnected: true,
    });
  });

  it('knows an agent that is not there, and a domain that is not ours', () => {
    assert.equal(parseDomainXml(XML.replace('STATE', 'disconnected')).guestAgentConnected, false);
    assert.equal(parseDomainXml("<domain type='kvm'><name>x</name></domain>").vmiUid, undefined);
  });

  it('throws on what is no XML', () => assert.throws(() => parseDomainXml('<domain><a></domain>')));

  it('is not held up by what no libvirt would print', () => {
    const deep = '<a>'.repeat(100_000);
    assert.throws(() => parseDomainXml(deep), /deeper/);
    assert.throws(() => parseDomainXml(`<domain>${' '.repeat(600_000)}</domain>`), /more than/);
    const huge = `<domain><currentMemory>${'9'.repeat(400_000)}</currentMemory></domain>`;
    assert.equal(parseDomainXml(huge).currentMemoryKiB, undefined);
  });
});
