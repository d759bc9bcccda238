import { CPU, D, DEV, IF, iface, V } from '../../../src/validators/rule/examples.js';
import { accepted, group, refused, withConfig, withGates, type SpecCase } from './spec-case.js';

/*
 * docs/reference/admission.md §6.4, §6.9, §6.10, §6.11, §7.6, §7.7: firmware, encryption, interfaces, claims, devices,
 * architectures.
 */

const FW = 'spec.domain.firmware';
const BOOT = `${FW}.bootloader`;
const KERNEL = `${FW}.kernelBoot`;
const LS = 'spec.domain.launchSecurity';
const HV = 'spec.domain.features.hyperv';
const arm = { 'spec.architecture': 'arm64' };
const s390x = { 'spec.architecture': 's390x' };
const secret = { 'spec.volumes[2]': { name: 'slic', secret: { secretName: 's' } } };
const noSecureBoot = { [BOOT]: { efi: { secureBoot: false } } };
const multus = (more: object = {}) => ({
  [`${DEV}.interfaces`]: [{ name: 'm', bridge: {}, ...more }],
  'spec.networks': [{ name: 'm', multus: { networkName: 'n' } }],
});

const firmware: readonly SpecCase[] = [
  refused('ACPI tables of none', { [`${FW}.acpi`]: {} }, `${FW}.acpi`),
  accepted('an ACPI table', { ...secret, [`${FW}.acpi`]: { slicNameRef: 'slic' } }),
  refused('an ACPI table of an image', { [`${FW}.acpi`]: { slicNameRef: 'root' } }, `${FW}.acpi.slicNameRef`),
  refused('an ACPI table of no volume', { [`${FW}.acpi`]: { msdmNameRef: 'x' } }, `${FW}.acpi.msdmNameRef`),
  accepted('EFI with SMM', { [BOOT]: { efi: {} }, 'spec.domain.features': { smm: {} } }),
  accepted('EFI without secure boot', noSecureBoot),
  refused('EFI', { [BOOT]: { efi: {} } }, 'spec.domain'),
  refused('secure boot', { [BOOT]: { efi: { secureBoot: true } } }, 'spec.domain'),
  refused(
    'EFI with SMM that is off',
    { [BOOT]: { efi: {} }, 'spec.domain.features': { smm: { enabled: false } } },
    'spec.domain',
  ),
  refused('EFI beside BIOS', { [BOOT]: { bios: {}, efi: {} } }, BOOT, 'spec.domain'),
  refused('kernel arguments without a kernel', { [KERNEL]: { kernelArgs: 'quiet' } }, `${KERNEL}.kernelArgs`),
  accepted('an empty kernel boot', { [KERNEL]: {} }),
  refused(
    'a kernel of no image',
    { [KERNEL]: { container: { image: '', kernelPath: '/k' } } },
    `${KERNEL}.container.image`,
  ),
  refused('a kernel of no path', { [KERNEL]: { container: { image: 'x' } } }, `${KERNEL}.container`),
  refused(
    'a kernel of no image and no path',
    { [KERNEL]: { container: { image: '' } } },
    `${KERNEL}.container.image`,
    `${KERNEL}.container`,
  ),
  refused(
    'a kernel of a relative path',
    { [KERNEL]: { container: { image: 'x', kernelPath: 'k' } } },
    `${KERNEL}.container.kernelPath`,
  ),
  refused(
    'an initrd that is the root',
    { [KERNEL]: { container: { image: 'x', initrdPath: '/' } } },
    `${KERNEL}.container.initrdPath`,
  ),
  accepted('an initrd', { [KERNEL]: { container: { image: 'x', initrdPath: '/boot/initrd' } } }),
  accepted('a kernel and an initrd', {
    [KERNEL]: { container: { image: 'x', kernelPath: '/boot/vmlinuz', initrdPath: '/boot/initrd' } },
  }),
  accepted('a reboot policy', { 'spec.domain.rebootPolicy': 'Terminate' }),
  withConfig(
    refused(
      'a reboot policy without its gate',
      { 'spec.domain.rebootPolicy': 'Terminate' },
      'spec.domain.rebootPolicy',
    ),
    {
      developerConfiguration: { disabledFeatureGates: ['RebootPolicy'] },
    },
  ),
];

const encryption: readonly SpecCase[] = [
  accepted('SEV', { [LS]: { sev: {} }, ...noSecureBoot }),
  refused('SEV without EFI', { [LS]: { sev: {} } }, LS),
  refused('SEV and SNP', { [LS]: { sev: {}, snp: {} }, ...noSecureBoot }, LS),
  refused('none', { [LS]: {}, ...noSecureBoot }, LS),
  refused('TDX without its gate', { [LS]: { tdx: {} }, ...noSecureBoot }, LS),
  withGates(
    refused('TDX with SMM', { [LS]: { tdx: {} }, ...noSecureBoot, 'spec.domain.features': { smm: {} } }, LS),
    'WorkloadEncryptionTDX',
  ),
  withGates(accepted('TDX with secure boot', { [LS]: { tdx: {} }, [BOOT]: { efi: {} } }), 'WorkloadEncryptionTDX'),
  refused('SNP with secure boot', { [LS]: { snp: {} }, [BOOT]: { efi: {} }, 'spec.domain.features': { smm: {} } }, LS),
  refused('SNP with secure boot and no SMM', { [LS]: { snp: {} }, [BOOT]: { efi: {} } }, LS, 'spec.domain'),
  refused(
    'SNP with persistent EFI',
    { [LS]: { snp: {} }, [BOOT]: { efi: { secureBoot: false, persistent: true } } },
    LS,
  ),
  accepted('SEV with persistent EFI', { [LS]: { sev: {} }, [BOOT]: { efi: { secureBoot: false, persistent: true } } }),
  refused('SEV attestation', { [LS]: { sev: { attestation: {} } }, ...noSecureBoot }, LS),
  accepted('SEV attestation of a paused VM', {
    [LS]: { sev: { attestation: {} } },
    ...noSecureBoot,
    'spec.startStrategy': 'Paused',
  }),
  refused('SEV with a bootable NIC', { [LS]: { sev: {} }, ...noSecureBoot, ...iface({ bootOrder: 1 }) }, LS),
  refused('SEV on arm64', { ...arm, [LS]: { sev: {} } }, 'spec.architecture'),
  accepted('anything on s390x', { ...s390x, [LS]: {} }),
];

const interfaces: readonly SpecCase[] = [
  accepted('a state', iface({ state: 'down' })),
  refused('a state that does not exist', iface({ state: 'gone' }), `${IF}.state`),
  refused('SR-IOV with a state', multus({ bridge: undefined, sriov: {}, state: 'up' }), `${IF}.state`),
  refused('an absent interface of masquerade', iface({ state: 'absent' }), `${IF}.state`),
  refused(
    'an absent interface on the pod network',
    iface({ masquerade: undefined, bridge: {}, state: 'absent' }),
    `${IF}.state`,
  ),
  accepted('an absent interface', multus({ state: 'absent' })),
  refused(
    'two default networks of multus',
    {
      [`${DEV}.interfaces`]: [
        { name: 'a', bridge: {} },
        { name: 'b', bridge: {} },
      ],
      'spec.networks': [
        { name: 'a', multus: { networkName: 'a', default: true } },
        { name: 'b', multus: { networkName: 'b', default: true } },
      ],
    },
    'spec.networks',
  ),
  refused(
    'a pod network and a default of multus',
    {
      [`${DEV}.interfaces`]: [
        { name: 'a', bridge: {} },
        { name: 'b', bridge: {} },
      ],
      'spec.networks': [
        { name: 'a', pod: {} },
        { name: 'b', multus: { networkName: 'b', default: true } },
      ],
    },
    'spec.networks',
  ),
  refused(
    'a port name twice',
    iface({
      ports: [
        { name: 'a', port: 1 },
        { name: 'a', port: 2 },
      ],
    }),
    `${IF}.ports[1].name`,
  ),
  refused('a port name of digits', iface({ ports: [{ name: '80', port: 80 }] }), `${IF}.ports[0].name`),
  refused('a port name of 16 letters', iface({ ports: [{ name: 'a'.repeat(16), port: 80 }] }), `${IF}.ports[0].name`),
  refused(
    'port ranges without their gate',
    iface({ portRanges: [{ protocol: 'TCP', start: 1, end: 2 }] }),
    `${IF}.name`,
  ),
  withGates(
    accepted(
      'port ranges',
      iface({
        portRanges: [
          { protocol: 'TCP', start: 1, end: 2 },
          { protocol: 'UDP', start: 2, end: 2 },
        ],
      }),
    ),
    'PortRangesSpec',
  ),
  withGates(
    refused(
      'ports and port ranges',
      iface({ ports: [{ port: 1 }], portRanges: [{ protocol: 'TCP', start: 1, end: 2 }] }),
      `${IF}.name`,
    ),
    'PortRangesSpec',
  ),
  withGates(
    refused(
      'port ranges of bridge',
      iface({ masquerade: undefined, bridge: {}, portRanges: [{ protocol: 'TCP', start: 1, end: 2 }] }),
      `${IF}.name`,
    ),
    'PortRangesSpec',
  ),
  withGates(
    refused(
      'a port range backwards',
      iface({ portRanges: [{ protocol: 'TCP', start: 3, end: 2 }] }),
      `${IF}.portRanges[0].start`,
    ),
    'PortRangesSpec',
  ),
  withGates(
    refused(
      'a port range of another protocol',
      iface({ portRanges: [{ protocol: 'tcp', start: 0, end: 0 }] }),
      `${IF}.portRanges[0].protocol`,
    ),
    'PortRangesSpec',
  ),
  withGates(
    refused(
      'a port range from 0',
      iface({ portRanges: [{ protocol: 'TCP', start: 0, end: 2 }] }),
      `${IF}.portRanges[0].start`,
    ),
    'PortRangesSpec',
  ),
  withGates(
    refused(
      'a port range to 65536',
      iface({ portRanges: [{ protocol: 'TCP', start: 1, end: 65536 }] }),
      `${IF}.portRanges[0].end`,
    ),
    'PortRangesSpec',
  ),
  withGates(
    refused(
      'port ranges that overlap',
      iface({
        portRanges: [
          { protocol: 'TCP', start: 5, end: 9 },
          { protocol: 'TCP', start: 1, end: 5 },
        ],
      }),
      `${IF}.portRanges`,
    ),
    'PortRangesSpec',
  ),
  withGates(
    refused(
      'eleven port ranges',
      iface({ portRanges: Array.from({ length: 11 }, (_, i) => ({ protocol: 'TCP', start: i + 1, end: i + 1 })) }),
      `${IF}.portRanges`,
    ),
    'PortRangesSpec',
  ),
  accepted(
    'DHCP options',
    iface({
      dhcpOptions: {
        ntpServers: ['10.0.0.1'],
        privateOptions: [
          { option: 224, value: 'x' },
          { option: 254, value: 'y' },
        ],
      },
    }),
  ),
  accepted('a boot file of more bytes than DHCP has', iface({ dhcpOptions: { bootFileName: 'x'.repeat(300) } })),
  refused(
    'a DHCP option twice',
    iface({
      dhcpOptions: {
        privateOptions: [
          { option: 230, value: 'x' },
          { option: 230, value: 'y' },
        ],
      },
    }),
    'spec',
  ),
  refused('a DHCP option of 223', iface({ dhcpOptions: { privateOptions: [{ option: 223, value: 'x' }] } }), 'spec'),
  refused(
    'an NTP server of IPv6',
    iface({ dhcpOptions: { ntpServers: ['10.0.0.1', 'fd00::1'] } }),
    `${IF}.dhcpOptions.ntpServers[1]`,
  ),
];

const claimed = { 'spec.resourceClaims': [{ name: 'c', resourceClaimName: 'claim' }] };

const claims: readonly SpecCase[] = [
  accepted('a GPU', { ...claimed, [`${DEV}.gpus`]: [{ name: 'g', claimName: 'c', requestName: 'r' }] }),
  refused(
    'an empty name',
    { 'spec.resourceClaims': [{ name: '', resourceClaimName: 'x' }] },
    'spec.resourceClaims[0].name',
  ),
  refused(
    'a name that is no label',
    { 'spec.resourceClaims': [{ name: 'A', resourceClaimName: 'x' }] },
    'spec.resourceClaims[0].name',
  ),
  refused(
    'a claim and a template',
    { 'spec.resourceClaims': [{ name: 'c', resourceClaimName: 'x', resourceClaimTemplateName: 'y' }] },
    'spec.resourceClaims[0]',
  ),
  refused('neither claim nor template', { 'spec.resourceClaims': [{ name: 'c' }] }, 'spec.resourceClaims[0]'),
  refused(
    'a claim that is no name',
    { 'spec.resourceClaims': [{ name: 'c', resourceClaimName: 'A' }] },
    'spec.resourceClaims[0].resourceClaimName',
  ),
  refused(
    'a GPU of both kinds',
    { ...claimed, [`${DEV}.gpus`]: [{ name: 'g', deviceName: 'd', claimName: 'c', requestName: 'r' }] },
    `${DEV}.gpus`,
  ),
  refused('a GPU of no kind', { [`${DEV}.gpus`]: [{ name: 'g' }] }, `${DEV}.gpus`),
  refused(
    'GPUs of both kinds',
    {
      ...claimed,
      [`${DEV}.gpus`]: [
        { name: 'g', deviceName: 'd' },
        { name: 'h', claimName: 'c', requestName: 'r' },
      ],
    },
    `${DEV}.gpus`,
  ),
  refused(
    'a GPU of no request',
    { ...claimed, [`${DEV}.gpus`]: [{ name: 'g', claimName: 'c' }] },
    `${DEV}.gpus[0].requestName`,
  ),
  refused(
    'one request twice',
    {
      ...claimed,
      [`${DEV}.gpus`]: [
        { name: 'g', claimName: 'c', requestName: 'r' },
        { name: 'h', claimName: 'c', requestName: 'r' },
      ],
    },
    `${DEV}.gpus[1]`,
  ),
  refused(
    'a GPU of an unlisted claim',
    { [`${DEV}.gpus`]: [{ name: 'g', claimName: 'c', requestName: 'r' }] },
    'spec.resourceClaims',
  ),
];

const devices: readonly SpecCase[] = [
  accepted('a queue for each vCPU of a topology', { [`${CPU}.cores`]: 4, [`${DEV}.blockMultiQueue`]: true }),
  refused(
    'host devices without their gate',
    { [`${DEV}.hostDevices`]: [{ name: 'h', deviceName: 'd' }] },
    `${DEV}.hostDevices`,
  ),
  withGates(accepted('host devices', { [`${DEV}.hostDevices`]: [{ name: 'h', deviceName: 'd' }] }), 'HostDevices'),
  accepted('a sound card', { [`${DEV}.sound`]: { name: 's' } }),
  refused('a sound card of another model', { [`${DEV}.sound`]: { name: 's', model: 'ich6' } }, `${DEV}.sound`),
  refused('a sound card of no name', { [`${DEV}.sound`]: { name: '' } }, `${DEV}.sound`),
  refused('VSOCK', { [`${DEV}.autoattachVSOCK`]: true }, `${DEV}.autoattachVSOCK`),
  accepted('no VSOCK', { [`${DEV}.autoattachVSOCK`]: false }),
  refused('the device downwardMetrics', { [`${DEV}.downwardMetrics`]: {} }, `${DEV}.downwardMetrics`),
  withGates(
    accepted('the device downwardMetrics with its gate', { [`${DEV}.downwardMetrics`]: {} }),
    'DownwardMetrics',
  ),
  refused(
    'a file system of a claim',
    {
      [`${DEV}.filesystems`]: [{ name: 'x', virtiofs: {} }],
      'spec.volumes[2]': { name: 'x', persistentVolumeClaim: { claimName: 'c' } },
    },
    `${DEV}.filesystems`,
  ),
  withGates(
    accepted('a file system of a claim with its gate', {
      [`${DEV}.filesystems`]: [{ name: 'x', virtiofs: {} }],
      'spec.volumes[2]': { name: 'x', persistentVolumeClaim: { claimName: 'c' } },
    }),
    'EnableVirtioFsStorageVolumes',
  ),
  accepted('a log of no console', {
    [`${DEV}.logSerialConsole`]: true,
    [`${DEV}.autoattachSerialConsole`]: false,
  }),
  accepted('a file system of no volume', { [`${DEV}.filesystems`]: [{ name: 'x', virtiofs: {} }] }),
  accepted('a panic device', { [`${DEV}.panicDevices`]: [{ model: 'pvpanic' }] }),
  refused(
    'a panic device of another model',
    { [`${DEV}.panicDevices`]: [{ model: 'isa' }, { model: 'bell' }] },
    `${DEV}.panicDevices[1].model`,
  ),
  refused(
    'two displays',
    { [`${DEV}.gpus`]: [1, 2].map((i) => ({ name: `g${i}`, deviceName: 'd', virtualGPUOptions: { display: {} } })) },
    `${DEV}.gpus`,
  ),
  accepted('one display', {
    [`${DEV}.gpus`]: [
      { name: 'g', deviceName: 'd', virtualGPUOptions: { display: {} } },
      { name: 'h', deviceName: 'd', virtualGPUOptions: { display: { enabled: false } } },
    ],
  }),
  refused('a watchdog of s390x on amd64', { [`${DEV}.watchdog`]: { name: 'w', diag288: {} } }, `${DEV}.watchdog`),
];

const hyperv: readonly SpecCase[] = [
  refused('beside its passthrough', { [HV]: {}, 'spec.domain.features.hypervPassthrough': {} }, HV),
  refused('ipi without vpindex', { [HV]: { ipi: {}, vpindex: { enabled: false } } }, `${HV}.ipi`),
  refused('synictimer without synic', { [HV]: { synictimer: {}, synic: { enabled: false } } }, `${HV}.synictimer`),
  refused('evmcs without vapic', { [HV]: { evmcs: {}, vapic: { enabled: false } } }, `${HV}.evmcs`, `${CPU}.features`),
  refused(
    'evmcs without vapic, with a feature',
    { [HV]: { evmcs: {}, vapic: { enabled: false } }, [`${CPU}.features`]: [{ name: 'avx' }] },
    `${HV}.evmcs`,
  ),
];

const architectures: readonly SpecCase[] = [
  refused('BIOS on arm64', { ...arm, [`${BOOT}.bios`]: {} }, `${BOOT}.bios`),
  refused('a CPU model on arm64', { ...arm, [`${CPU}.model`]: 'host-model' }, `${CPU}.model`),
  accepted('the CPU model of arm64', { ...arm, [`${CPU}.model`]: 'host-passthrough' }),
  refused('sata on arm64', { ...arm, [`${D}.disk.bus`]: 'sata' }, `${D}.disk.bus`),
  accepted('scsi on arm64', { ...arm, [`${D}.disk.bus`]: 'scsi' }),
  refused(
    'usb of a lun on arm64',
    {
      ...arm,
      [D]: { name: 'root', lun: { bus: 'usb' } },
      [V]: { name: 'root', persistentVolumeClaim: { claimName: 'c' } },
    },
    `${D}.lun.bus`,
  ),
  refused('a watchdog on arm64', { ...arm, [`${DEV}.watchdog`]: { name: 'w' } }, `${DEV}.watchdog`),
  refused('sound on arm64', { ...arm, [`${DEV}.sound`]: { name: 's' } }, `${DEV}.sound`),
  refused('vga on s390x', { ...s390x, [`${DEV}.video`]: { type: 'vga' } }, `${DEV}.video.type`),
  accepted('virtio on s390x', { ...s390x, [`${DEV}.video`]: { type: 'virtio' } }),
  refused('a panic device on s390x', { ...s390x, [`${DEV}.panicDevices`]: [{}] }, `${DEV}.panicDevices`),
  refused(
    'a watchdog of amd64 on s390x',
    { ...s390x, [`${DEV}.watchdog`]: { name: 'w', i6300esb: {} } },
    `${DEV}.watchdog`,
  ),
];

export const deviceCases: readonly SpecCase[] = [
  ...group('firmware', firmware),
  ...group('encryption', encryption),
  ...group('interfaces', interfaces),
  ...group('claims', claims),
  ...group('devices', devices),
  ...group('Hyper-V', hyperv),
  ...group('architectures', architectures),
];
