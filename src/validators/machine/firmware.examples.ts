import { extra, type Change, type ExampleTable } from '../rule/examples.js';

const FW = 'spec.domain.firmware';
const LS = 'spec.domain.launchSecurity';
const EFI = `${FW}.bootloader.efi`;
const acpi = (tables: object, volume: object): Change => ({ [`${FW}.acpi`]: tables, ...extra(volume) });
const kernel = (container: object): Change => ({
  [`${FW}.kernelBoot.container`]: { image: 'registry.example/kernel:v1', kernelPath: '/boot/vmlinuz', ...container },
});
const TDX = ['WorkloadEncryptionTDX'];

export const firmwareExamples: ExampleTable = {
  'fw.acpi-empty': {
    accepts: [acpi({ msdmNameRef: 'x' }, { secret: { secretName: 's' } })],
    refuses: [
      [{ [`${FW}.acpi`]: {} }, `${FW}.acpi`],
      [{ [`${FW}.acpi`]: { slicNameRef: '', msdmNameRef: '' } }, `${FW}.acpi`],
    ],
  },
  'fw.acpi-missing': {
    accepts: [acpi({ slicNameRef: 'x' }, { secret: { secretName: 's' } })],
    refuses: [
      [acpi({ slicNameRef: 'y' }, { secret: { secretName: 's' } }), `${FW}.acpi.slicNameRef`],
      [acpi({ slicNameRef: 'x', msdmNameRef: 'X' }, { secret: { secretName: 's' } }), `${FW}.acpi.msdmNameRef`],
    ],
  },
  'fw.acpi-type': {
    accepts: [
      acpi({ slicNameRef: 'x' }, { secret: { secretName: 's' } }),
      acpi({ slicNameRef: 'x', msdmNameRef: 'x' }, { secret: { secretName: 's' } }),
    ],
    refuses: [
      [acpi({ slicNameRef: 'x' }, { configMap: { name: 'c' } }), `${FW}.acpi.slicNameRef`],
      [{ [`${FW}.acpi`]: { msdmNameRef: 'root' } }, `${FW}.acpi.msdmNameRef`],
    ],
  },
  'fw.kernel-args': {
    accepts: [
      { ...kernel({}), [`${FW}.kernelBoot.kernelArgs`]: 'quiet' },
      { [`${FW}.kernelBoot`]: { kernelArgs: '' } },
    ],
    refuses: [
      [{ [`${FW}.kernelBoot.kernelArgs`]: 'quiet' }, `${FW}.kernelBoot.kernelArgs`],
      [{ [`${FW}.kernelBoot`]: { kernelArgs: 'console=ttyS0' } }, `${FW}.kernelBoot.kernelArgs`],
    ],
  },
  'fw.kernel-args-text': {
    accepts: [
      { ...kernel({}), [`${FW}.kernelBoot.kernelArgs`]: 'root=/dev/vda1\nquiet' },
      { ...kernel({}), [`${FW}.kernelBoot.kernelArgs`]: 'a'.repeat(2047) },
    ],
    refuses: [
      [{ ...kernel({}), [`${FW}.kernelBoot.kernelArgs`]: 'a\u0001' }, `${FW}.kernelBoot.kernelArgs`],
      [{ ...kernel({}), [`${FW}.kernelBoot.kernelArgs`]: 'ä'.repeat(1024) }, `${FW}.kernelBoot.kernelArgs`],
    ],
  },
  'fw.kernel-image': {
    accepts: [kernel({}), kernel({ image: 'k' })],
    refuses: [
      [kernel({ image: '' }), `${FW}.kernelBoot.container.image`],
      [kernel({ image: ' ' }), `${FW}.kernelBoot.container.image`],
    ],
  },
  'fw.kernel-image-reference': {
    accepts: [kernel({ image: 'quay.io/kernels/debian:12' })],
    refuses: [
      [kernel({ image: 'docker://quay.io/kernels/debian:12' }), `${FW}.kernelBoot.container.image`],
      [kernel({ image: 'quay.io/kernels/Debian:12' }), `${FW}.kernelBoot.container.image`],
    ],
  },
  'fw.kernel-paths': {
    accepts: [kernel({})],
    refuses: [
      [kernel({ kernelPath: undefined }), `${FW}.kernelBoot.container`],
      [kernel({ kernelPath: '', initrdPath: '' }), `${FW}.kernelBoot.container`],
    ],
  },
  'fw.kernel-initrd': {
    why: 'QEMU loads an initrd beside a kernel only, and does not start with one alone.',
    accepts: [kernel({ initrdPath: '/boot/initrd' })],
    refuses: [
      [kernel({ kernelPath: undefined, initrdPath: '/boot/initrd' }), `${FW}.kernelBoot.container.kernelPath`],
      [kernel({ kernelPath: '', initrdPath: '/initrd.img' }), `${FW}.kernelBoot.container.kernelPath`],
    ],
  },
  'fw.kernel-path-form': {
    accepts: [kernel({ kernelPath: '/boot/vmlinuz' }), kernel({ kernelPath: '/vmlinuz', initrdPath: '/initrd/' })],
    refuses: [
      [kernel({ kernelPath: 'boot/vmlinuz' }), `${FW}.kernelBoot.container.kernelPath`],
      [kernel({ initrdPath: '/boot/../initrd' }), `${FW}.kernelBoot.container.initrdPath`],
      [kernel({ initrdPath: '/' }), `${FW}.kernelBoot.container.initrdPath`],
    ],
  },
  'fw.secureboot-smm': {
    why: 'Without SMM the guest could write over the variables that secure boot trusts.',
    gates: TDX,
    accepts: [
      { [EFI]: { secureBoot: false } },
      { [EFI]: {}, 'spec.domain.features.smm': {} },
      { [EFI]: {}, 'spec.architecture': 'arm64' },
      { [EFI]: {}, [LS]: { tdx: {} } },
    ],
    refuses: [
      [{ [EFI]: {} }, `${EFI}.secureBoot`],
      [{ [EFI]: { secureBoot: true }, 'spec.domain.features.smm.enabled': false }, `${EFI}.secureBoot`],
      [{ [EFI]: { secureBoot: true }, 'spec.architecture': 's390x', [LS]: { sev: {} } }, `${EFI}.secureBoot`],
    ],
  },
  'fw.efi-acpi': {
    accepts: [
      { [EFI]: { secureBoot: false }, 'spec.domain.features.acpi': {} },
      { 'spec.domain.features.acpi': { enabled: false } },
    ],
    refuses: [
      [{ [EFI]: { secureBoot: false }, 'spec.domain.features.acpi': { enabled: false } }, EFI],
      [{ [EFI]: {}, 'spec.domain.features': { acpi: { enabled: false }, smm: {} } }, EFI],
    ],
  },
  'fw.secureboot-machine': {
    why: 'Only a q35 keeps the memory of the firmware out of the reach of the guest.',
    config: { emulatedMachines: ['q35*', 'pc*'] },
    accepts: [
      { [EFI]: {}, 'spec.domain.features.smm': {}, 'spec.domain.machine': { type: 'pc-q35-9.2' } },
      { [EFI]: { secureBoot: false }, 'spec.domain.machine': { type: 'pc' } },
    ],
    refuses: [
      [{ [EFI]: {}, 'spec.domain.features.smm': {}, 'spec.domain.machine': { type: 'pc' } }, `${EFI}.secureBoot`],
      [
        {
          [EFI]: { secureBoot: true },
          'spec.domain.features.smm': {},
          'spec.domain.machine': { type: 'pc-i440fx-9.2' },
        },
        `${EFI}.secureBoot`,
      ],
    ],
  },
  'reboot.gate': {
    config: { developerConfiguration: { disabledFeatureGates: ['RebootPolicy'] } },
    accepts: [{ 'spec.domain.rebootPolicy': undefined }],
    refuses: [
      [{ 'spec.domain.rebootPolicy': 'Terminate' }, 'spec.domain.rebootPolicy'],
      [{ 'spec.domain.rebootPolicy': 'Reboot' }, 'spec.domain.rebootPolicy'],
    ],
  },
};
