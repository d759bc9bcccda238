import { CPU, DEV, extra, iface, REQ, type Change, type ExampleTable } from '../rule/examples.js';

const FW = 'spec.domain.firmware';
const LS = 'spec.domain.launchSecurity';
const EFI = `${FW}.bootloader.efi`;
const HV = 'spec.domain.features.hyperv';

const acpi = (tables: object, volume: object): Change => ({ [`${FW}.acpi`]: tables, ...extra(volume) });
const kernel = (container: object): Change => ({
  [`${FW}.kernelBoot.container`]: { image: 'registry.example/kernel:v1', kernelPath: '/boot/vmlinuz', ...container },
});
/** A VM encrypted as `launchSecurity` says, with EFI as it needs it. */
const encrypted = (launchSecurity: object, more: Change = {}): Change => ({
  [LS]: launchSecurity,
  [EFI]: { secureBoot: false },
  ...more,
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
  'fw.kernel-image': {
    accepts: [kernel({}), kernel({ image: 'k' })],
    refuses: [
      [kernel({ image: '' }), `${FW}.kernelBoot.container.image`],
      [kernel({ image: ' ' }), `${FW}.kernelBoot.container.image`],
    ],
  },
  'fw.kernel-paths': {
    accepts: [kernel({}), kernel({ kernelPath: undefined, initrdPath: '/boot/initrd' })],
    refuses: [
      [kernel({ kernelPath: undefined }), `${FW}.kernelBoot.container`],
      [kernel({ kernelPath: '', initrdPath: '' }), `${FW}.kernelBoot.container`],
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
  'reboot.gate': {
    config: { developerConfiguration: { disabledFeatureGates: ['RebootPolicy'] } },
    accepts: [{ 'spec.domain.rebootPolicy': undefined }],
    refuses: [
      [{ 'spec.domain.rebootPolicy': 'Terminate' }, 'spec.domain.rebootPolicy'],
      [{ 'spec.domain.rebootPolicy': 'Reboot' }, 'spec.domain.rebootPolicy'],
    ],
  },
  'ls.arch': {
    accepts: [
      encrypted({ sev: {} }, { 'spec.architecture': 'amd64' }),
      encrypted({ snp: {} }),
      { [LS]: {}, 'spec.architecture': 's390x' },
    ],
    refuses: [
      [encrypted({ sev: {} }, { 'spec.architecture': 'arm64' }), 'spec.architecture'],
      [{ [LS]: {}, 'spec.architecture': 'arm64' }, 'spec.architecture'],
    ],
  },
  'ls.one': {
    accepts: [encrypted({ sev: {} })],
    refuses: [
      [encrypted({}), LS],
      [encrypted({ sev: {}, snp: {} }), LS],
    ],
  },
  'ls.gate': {
    config: { developerConfiguration: { disabledFeatureGates: ['WorkloadEncryptionSEV'] } },
    accepts: [
      { [LS]: undefined, [EFI]: { secureBoot: false } },
      encrypted({ sev: {} }, { 'spec.architecture': 's390x' }),
    ],
    refuses: [
      [encrypted({ tdx: {} }), `${LS}.tdx`],
      [encrypted({ sev: {} }), `${LS}.sev`],
      [encrypted({ snp: {} }), `${LS}.snp`],
    ],
  },
  'ls.tdx-smm': {
    gates: TDX,
    accepts: [encrypted({ tdx: {} }, { 'spec.domain.features.smm.enabled': false })],
    refuses: [
      [encrypted({ tdx: {} }, { 'spec.domain.features.smm': {} }), `${LS}.tdx`],
      [encrypted({ tdx: {} }, { 'spec.domain.features.smm.enabled': true }), `${LS}.tdx`],
    ],
  },
  'ls.ovmf': {
    why: 'Only OVMF, the firmware of EFI, can be measured and encrypted.',
    gates: TDX,
    accepts: [encrypted({ snp: {} }), { [LS]: { tdx: {} }, [EFI]: {} }],
    refuses: [
      [{ [LS]: { snp: {} } }, `${LS}.snp`],
      [{ [LS]: { tdx: {} }, [`${FW}.bootloader.bios`]: {} }, `${LS}.tdx`],
    ],
  },
  'ls.secureboot': {
    gates: TDX,
    accepts: [encrypted({ sev: {} }), { [LS]: { tdx: {} }, [EFI]: { secureBoot: true } }],
    refuses: [
      [{ [LS]: { sev: {} }, [EFI]: {} }, `${LS}.sev`],
      [{ [LS]: { snp: {} }, [EFI]: { secureBoot: true } }, `${LS}.snp`],
    ],
  },
  'ls.persistent-efi': {
    gates: TDX,
    accepts: [
      encrypted({ snp: {} }, { [`${EFI}.persistent`]: false }),
      encrypted({ sev: {} }, { [`${EFI}.persistent`]: true }),
      encrypted({ snp: {} }, { [`${EFI}.persistent`]: false }),
    ],
    refuses: [
      [encrypted({ snp: {} }, { [`${EFI}.persistent`]: true }), `${LS}.snp`],
      [encrypted({ tdx: {} }, { [`${EFI}.persistent`]: true }), `${LS}.tdx`],
    ],
  },
  'ls.attestation': {
    why: 'The owner checks the measurement before the guest sees a secret: so it must wait.',
    accepts: [encrypted({ sev: { attestation: {} } }, { 'spec.startStrategy': 'Paused' })],
    refuses: [
      [encrypted({ sev: { attestation: {} } }), `${LS}.sev.attestation`],
      [encrypted({ sev: { attestation: {}, policy: { encryptedState: true } } }), `${LS}.sev.attestation`],
    ],
  },
  'ls.boot-nic': {
    why: 'What comes over the network is not part of the measurement.',
    gates: TDX,
    accepts: [encrypted({ snp: {} }, iface({}))],
    refuses: [
      [encrypted({ snp: {} }, iface({ bootOrder: 1 })), `${LS}.snp`],
      [encrypted({ tdx: {} }, iface({ bootOrder: 2 })), `${LS}.tdx`],
    ],
  },
  'hv.dep': {
    why: 'The default `mut.hyperv-deps` switches on what an enlightenment needs, but not what the user switched off.',
    accepts: [
      { [HV]: { evmcs: {}, vapic: { enabled: true } } },
      { [HV]: { synictimer: {} } },
      { [HV]: { evmcs: {}, vapic: { enabled: true } } },
      { [HV]: { evmcs: { enabled: false }, vapic: { enabled: false } } },
    ],
    refuses: [
      [{ [HV]: { evmcs: {}, vapic: { enabled: false } } }, `${HV}.evmcs`],
      [{ [HV]: { synictimer: {}, synic: { enabled: false } } }, `${HV}.synictimer`],
      [{ [HV]: { synictimer: {}, vpindex: { enabled: false } } }, `${HV}.synic`],
      // ipi gets no vpindex because of vapic: that is not a second mistake.
      [{ [HV]: { evmcs: {}, ipi: {}, vapic: { enabled: false } } }, `${HV}.evmcs`],
    ],
  },
  'hv.passthrough': {
    why: '`hypervPassthrough` takes whatever the node has; a list beside it would be ignored.',
    accepts: [{ 'spec.domain.features.hypervPassthrough.enabled': true }, { [`${HV}.relaxed`]: {} }],
    refuses: [
      [{ 'spec.domain.features.hypervPassthrough.enabled': true, [`${HV}.relaxed`]: {} }, HV],
      [{ 'spec.domain.features': { hypervPassthrough: {}, hyperv: {} } }, HV],
    ],
  },
  'arch.watchdog': {
    accepts: [
      { [`${DEV}.watchdog`]: { name: 'w', i6300esb: {} } },
      { [`${DEV}.watchdog`]: { name: 'w', i6300esb: { action: 'poweroff' } } },
      { [`${DEV}.watchdog`]: { name: 'w', diag288: {} }, 'spec.architecture': 's390x' },
    ],
    refuses: [
      [{ [`${DEV}.watchdog`]: { name: 'w', diag288: {} } }, `${DEV}.watchdog`],
      [{ [`${DEV}.watchdog`]: { name: 'w', i6300esb: {} }, 'spec.architecture': 's390x' }, `${DEV}.watchdog`],
      [{ [`${DEV}.watchdog`]: { name: 'w' }, 'spec.architecture': 'arm64' }, `${DEV}.watchdog`],
    ],
  },
  'arch.arm64-bios': {
    accepts: [
      { 'spec.architecture': 'arm64', [EFI]: {} },
      { 'spec.architecture': 'arm64' },
      { [`${FW}.bootloader.bios`]: {} },
    ],
    refuses: [
      [{ 'spec.architecture': 'arm64', [`${FW}.bootloader.bios`]: {} }, `${FW}.bootloader.bios`],
      [{ 'spec.architecture': 'arm64', [`${FW}.bootloader`]: { bios: {}, efi: {} } }, `${FW}.bootloader.bios`],
    ],
  },
  'arch.arm64-cpu': {
    why: 'The only model that a VM can have on arm64 is that of its node.',
    accepts: [{ 'spec.architecture': 'arm64', [`${CPU}.model`]: 'host-passthrough' }, { [`${CPU}.model`]: 'Haswell' }],
    refuses: [
      [{ 'spec.architecture': 'arm64', [`${CPU}.model`]: 'host-model' }, `${CPU}.model`],
      [{ 'spec.architecture': 'arm64', [`${CPU}.model`]: 'cortex-a57', [`${REQ}.cpu`]: 1 }, `${CPU}.model`],
    ],
  },
  'arch.arm64-bus': {
    accepts: [
      { 'spec.architecture': 'arm64', [`${DEV}.disks[0].disk.bus`]: 'scsi' },
      { 'spec.architecture': 'arm64', [`${DEV}.disks[0]`]: { name: 'root', cdrom: {} } },
    ],
    refuses: [
      [{ 'spec.architecture': 'arm64', [`${DEV}.disks[0].disk.bus`]: 'sata' }, `${DEV}.disks[0].disk.bus`],
      [
        { 'spec.architecture': 'arm64', [`${DEV}.disks[1]`]: { name: 'init', cdrom: { bus: 'usb' } } },
        `${DEV}.disks[1].cdrom.bus`,
      ],
    ],
  },
  'arch.arm64-sound': {
    accepts: [{ 'spec.architecture': 'arm64', [`${DEV}.sound`]: undefined }, { [`${DEV}.sound`]: { name: 's' } }],
    refuses: [
      [{ 'spec.architecture': 'arm64', [`${DEV}.sound`]: { name: 's' } }, `${DEV}.sound`],
      [{ 'spec.architecture': 'arm64', [`${DEV}.sound`]: { name: '', model: 'sb16' } }, `${DEV}.sound`],
    ],
  },
};
