import assert from 'node:assert/strict';
import { podPaths } from '../../../src/api/pod-layout.js';
import type { VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import { memoryOverhead } from '../../../src/launcher/overhead.js';
import { buildDomain } from '../../../src/domain/index.js';
import { config, context, UID, vmi } from './fixtures.js';

type Domain = VirtualMachineInstance['spec']['domain'];

type Changes = Partial<Domain>;
const made = ({ devices, ...domain }: Changes): VirtualMachineInstance => vmi({}, domain, devices);
const xml = (changes: Changes): string => buildDomain(made(changes), context({ paths: podPaths(UID) }));
const own = `/var/run/kubevirt-private/${UID}`;
const MIB = 2n ** 20n;
const cost = (changes: Changes): bigint => memoryOverhead(made(changes), config()) / MIB;
const withDevices = (devices: Domain['devices']): Changes => ({ devices });

describe('a guest that boots by UEFI', () => {
  it('has secure boot with enrolled keys, unless it is switched off', () => {
    const secure = xml({ firmware: { bootloader: { efi: {} } }, features: { smm: {} } });
    assert.match(
      secure,
      /<loader readonly="yes" secure="yes" type="pflash">\/usr\/share\/OVMF\/OVMF_CODE_4M\.ms\.fd<\/loader>/,
    );
    assert.ok(secure.includes(`<nvram template="/usr/share/OVMF/OVMF_VARS_4M.ms.fd">${own}/efi-variables.fd</nvram>`));
    const plain = xml({ firmware: { bootloader: { efi: { secureBoot: false } } } });
    assert.match(plain, /secure="no" type="pflash">\/usr\/share\/OVMF\/OVMF_CODE_4M\.fd</);
    assert.ok(plain.includes(`<nvram template="/usr/share/OVMF/OVMF_VARS_4M.fd">${own}/efi-variables.fd</nvram>`));
    assert.ok(!xml({}).includes('<loader'));
  });

  it('keeps its variables on the claim of the VM where they are to outlive the pod', () => {
    const kept = xml({ firmware: { bootloader: { efi: { secureBoot: false, persistent: true } } } });
    const path = '/var/run/kubevirt-state/nvram/efi-variables.fd';
    assert.ok(kept.includes(`<nvram template="/usr/share/OVMF/OVMF_VARS_4M.fd">${path}</nvram>`), kept);
  });

  it('finds nothing there, once secure boot is on, of what it wrote while it was off', () => {
    const [off, on] = [false, true].map((secureBoot) => {
      const bootloader = { efi: { secureBoot, persistent: true } };
      return /<nvram [^>]*>([^<]*)</.exec(xml({ firmware: { bootloader }, features: { smm: {} } }))?.[1];
    });
    assert.equal(on, '/var/run/kubevirt-state/nvram/efi-variables-secure.fd');
    assert.notEqual(off, on);
  });

  it('has a display that needs no VGA, unless it asks for another', () => {
    const bootloader = { efi: { secureBoot: false } };
    assert.match(xml({ firmware: { bootloader } }), /<model type="bochs" heads="1"\/>/);
    assert.match(
      xml({ firmware: { bootloader }, devices: { video: { type: 'virtio' } } }),
      /<model type="virtio" heads="1" vram="16384"\/>/,
    );
    assert.match(xml({}), /<model type="vga" heads="1" vram="16384"\/>/);
  });

  it('costs its pod 8 MiB more', () => {
    assert.equal(cost({ firmware: { bootloader: { efi: { secureBoot: false } } } }) - cost({}), 8n);
  });
});

describe('a guest that is booted without its disks', () => {
  const container = { image: 'registry.example/kernel:1', kernelPath: '/boot/vmlinuz' };
  it('has the kernel and the initrd of its image, and the arguments as they are written', () => {
    const text = xml({
      firmware: { kernelBoot: { container: { ...container, initrdPath: '/initrd' }, kernelArgs: 'a=1 b="<c>"' } },
    });
    for (const line of [
      '<kernel>/var/run/kubevirt/container-disks/kernel-boot/kernel</kernel>',
      '<initrd>/var/run/kubevirt/container-disks/kernel-boot/initrd</initrd>',
      '<cmdline>a=1 b="&lt;c&gt;"</cmdline>',
    ])
      assert.ok(text.includes(line), line);
  });
  it('has no more than that', () => {
    assert.ok(!/<(initrd|cmdline)>/.test(xml({ firmware: { kernelBoot: { container } } })));
    assert.ok(!/<(kernel|initrd|cmdline)>/.test(xml({ firmware: { kernelBoot: {} } })));
  });
});

describe('a table by which Windows knows its licence', () => {
  it('is read from the secret of its volume', () => {
    const text = xml({ firmware: { acpi: { slicNameRef: 'one', msdmNameRef: 'two' } } }).replaceAll(/\s+/g, ' ');
    const content = '/var/run/kubevirt-private/content';
    assert.ok(
      text.includes(
        `<acpi> <table type="slic">${content}/one/slic.bin</table> <table type="msdm">${content}/two/msdm.bin</table> </acpi>`,
      ),
      text,
    );
  });
});

describe('a TPM', () => {
  it('is emulated, with its state in the directory of the VM, unless it is switched off', () => {
    assert.match(
      xml(withDevices({ tpm: {} })).replaceAll(/\s+/g, ' '),
      new RegExp(
        `<tpm model="tpm-tis"> <backend type="emulator" version="2.0"> <source type="dir" path="${own}/tpm"/> </backend> </tpm>`,
      ),
    );
    assert.ok(!xml(withDevices({ tpm: { enabled: false } })).includes('<tpm'));
  });

  it('costs its pod 7 MiB more, where it is on', () => {
    assert.equal(cost(withDevices({ tpm: {} })) - cost(withDevices({})), 7n);
    assert.equal(cost(withDevices({ tpm: { enabled: false } })), cost(withDevices({})));
  });

  it('that outlives the pod is of the newer kind, with its state on the claim of the VM', () => {
    const text = xml(withDevices({ tpm: { persistent: true } })).replaceAll(/\s+/g, ' ');
    assert.match(
      text,
      /<tpm model="tpm-crb"> <backend type="emulator" version="2.0" persistent_state="yes"> <source type="dir" path="\/var\/run\/kubevirt-state\/tpm"\/> <\/backend> <\/tpm>/,
    );
    assert.ok(!xml(withDevices({ tpm: { persistent: true, enabled: false } })).includes('<tpm'));
  });
});

describe('a sound card', () => {
  it('is an ich9 unless it says otherwise', () => {
    assert.match(
      xml(withDevices({ sound: { name: 'a/b' } })).replaceAll(/\s+/g, ' '),
      /<sound model="ich9"> <alias name="ua-SOUND-0-a-b"\/> <\/sound>/,
    );
    assert.match(xml(withDevices({ sound: { name: 'card', model: 'ac97' } })), /<sound model="ac97">/);
  });
});
