import type { Disk } from '../../../../src/api/schema/disks.js';
import type { VirtualMachineInstance } from '../../../../src/api/schema/kinds.js';
import type { Interface } from '../../../../src/api/schema/networks.js';
import type { Volume } from '../../../../src/api/schema/volumes.js';

/* What acted-on.test.ts must know of single fields to see whether anything acts on them. */

type Spec = VirtualMachineInstance['spec'];

/** Fields that are passed on as they are, whatever is in them, or refused as a whole. */
export const WHOLE: readonly string[] = [
  'affinity',
  'dnsConfig',
  'resourceClaims',
  'tolerations',
  'topologySpreadConstraints',
  'utilityVolumes',
];

/** Values of fields that take only certain ones, or that act only beside certain ones. */
export const SAMPLES: Readonly<Record<string, readonly unknown[]>> = {
  affinity: [{ nodeAffinity: {} }],
  'domain.devices.disks[].blockSize.custom': [{ logical: 512, physical: 4096 }],
  'domain.devices.disks[].bootOrder': [1],
  'domain.devices.disks[].cache': ['writeback'],
  'domain.devices.disks[].disk.bus': ['sata'],
  'domain.devices.disks[].disk.pciAddress': ['0000:00:10.0'],
  'domain.devices.disks[].errorPolicy': ['ignore'],
  'domain.devices.disks[].io': ['threads'],
  'domain.devices.disks[].lun.bus': ['sata'],
  'domain.devices.interfaces[].macAddress': ['02:00:00:00:00:01'],
  'domain.devices.interfaces[].model': ['e1000'],
  'domain.devices.interfaces[].pciAddress': ['0000:00:10.0'],
  'domain.devices.interfaces[].portRanges[]': [{ protocol: 'TCP', start: 80, end: 81 }],
  'domain.devices.interfaces[].ports[].protocol': ['UDP'],
  'domain.devices.interfaces[].state': ['down', 'absent'],
  'domain.memory.hugepages.pageSize': ['2Mi'],
  'domain.ioThreadsPolicy': ['auto', 'shared', 'supplementalPool'],
  'domain.firmware.uuid': ['5d307ca9-b3ef-428c-8861-06e72d69f224'],
  'volumes[].hostDisk.type': ['Disk'],
  // Of the KubeVirt object.
  'configuration.vmRolloutStrategy': ['Stage'],
};

const disk =
  (changes: Partial<Disk>, volume: Omit<Volume, 'name'> = {}) =>
  (spec: Spec) => {
    spec.domain.devices.disks = [{ name: 'a', ...changes }];
    spec.volumes = [
      { name: 'a', ...(Object.keys(volume).length > 0 ? volume : { persistentVolumeClaim: { claimName: 'a' } }) },
    ];
  };
/** Volumes with files, and the file systems that some of them have. */
const shared = (names: readonly string[]) => (spec: Spec) => {
  spec.domain.devices.filesystems = names.map((name) => ({ name, virtiofs: {} }));
  spec.volumes = ['a', 'sample'].map((name) => ({ name, configMap: { name } }));
};
const card = (changes: Partial<Interface>) => (spec: Spec) => {
  spec.domain.devices.interfaces = [{ name: 'n', ...changes }];
  spec.networks = [{ name: 'n', pod: {} }];
};

/** What must be there so that a field can have an effect; the longest prefix counts. */
export const BASES: Readonly<Record<string, (spec: Spec) => void>> = {
  'domain.cpu.isolateEmulatorThread': (spec) => {
    spec.domain.cpu = { cores: 1, dedicatedCpuPlacement: true };
  },
  'domain.cpu.numa.': (spec) => {
    spec.domain.cpu = { cores: 1, dedicatedCpuPlacement: true };
    spec.domain.memory = { guest: '128Mi', hugepages: { pageSize: '2Mi' } };
  },
  'domain.devices.blockMultiQueue': disk({ disk: { bus: 'virtio' } }),
  'domain.devices.disks[].': disk({ disk: { bus: 'virtio' } }),
  'domain.devices.disks[].name': (spec) => {
    spec.domain.devices.disks = [{ name: 'a', disk: {} }];
    spec.volumes = ['a', 'sample'].map((name) => ({ name, persistentVolumeClaim: { claimName: name } }));
  },
  'domain.devices.interfaces[].name': (spec) => {
    spec.domain.devices.interfaces = [{ name: 'n', masquerade: {} }];
    spec.networks = ['n', 'sample'].map((name) => ({ name, pod: {} }));
  },
  'domain.devices.disks[].cdrom': disk({ cdrom: {} }),
  'domain.devices.disks[].floppy': disk({}),
  'domain.devices.disks[].lun': disk({ lun: {} }),
  'domain.devices.filesystems': shared([]),
  'domain.devices.filesystems[].': shared(['a']),
  'domain.devices.interfaces[].': card({ masquerade: {} }),
  'domain.devices.interfaces[].bridge': card({}),
  'domain.devices.interfaces[].masquerade': card({}),
  'networks[].multus.': (spec) => {
    spec.domain.devices.interfaces = [{ name: 'n', bridge: {} }];
    spec.networks = [{ name: 'n', multus: { networkName: 'lan' } }];
  },
  'domain.firmware.kernelBoot.': (spec) => {
    spec.domain.firmware = { kernelBoot: { container: { image: 'registry/kernel:1', kernelPath: '/vmlinuz' } } };
  },
  'domain.devices.networkInterfaceMultiqueue': (spec) => {
    card({ masquerade: {} })(spec);
    spec.domain.cpu = { cores: 2 };
  },
  'domain.ioThreads.supplementalPoolThreadCount': (spec) => {
    disk({ disk: { bus: 'virtio' } })(spec);
    spec.domain.ioThreadsPolicy = 'supplementalPool';
  },
  ...Object.fromEntries(
    (['livenessProbe', 'readinessProbe'] as const).flatMap((probe) => [
      [`${probe}.`, (spec: Spec) => void (spec[probe] = { guestAgentPing: {} })],
      [`${probe}.guestAgentPing`, (spec: Spec) => void (spec[probe] = {})],
    ]),
  ),
  'volumes[].': (spec) => {
    spec.volumes = [{ name: 'a' }];
  },
  'volumes[].name': (spec) => {
    spec.volumes = [{ name: 'a', emptyDisk: { capacity: '1Mi' } }];
  },
  'volumes[].containerDisk.': (spec) => {
    spec.volumes = [{ name: 'a', containerDisk: { image: 'registry/image:1' } }];
  },
  'volumes[].persistentVolumeClaim.readOnly': (spec) => {
    spec.volumes = [{ name: 'a', persistentVolumeClaim: { claimName: 'a' } }];
  },
  'volumes[].ephemeral.persistentVolumeClaim.readOnly': (spec) => {
    spec.volumes = [{ name: 'a', ephemeral: { persistentVolumeClaim: { claimName: 'a' } } }];
  },
  'domain.ioThreadsPolicy': (spec) => {
    disk({ disk: { bus: 'virtio' } })(spec);
    spec.domain.cpu = { cores: 2 };
    spec.domain.ioThreads = { supplementalPoolThreadCount: 2 };
  },
};

/** Fields that change neither domain nor pod nor what is reported of them, and the file that acts on each. */
export const ACTS_ELSEWHERE: Readonly<Record<string, string>> = {
  // passt carries it, and what has no binding; rules look at which it is.
  'domain.devices.interfaces[].passtBinding': 'src/validators/network/interfaces.ts',
  // The agent forwards and translates by a tap.
  ...Object.fromEntries(
    ['start', 'end', 'protocol'].map((field) => [
      `domain.devices.interfaces[].portRanges[].${field}`,
      'src/api/vmi/forwarded-ports.ts',
    ]),
  ),
  // The agent tells the guest's agent, or puts keys into the data of cloud-init.
  ...Object.fromEntries(
    [
      'sshPublicKey.propagationMethod.configDrive',
      'sshPublicKey.propagationMethod.noCloud',
      'sshPublicKey.propagationMethod.qemuGuestAgent.users',
      'userPassword.propagationMethod.qemuGuestAgent',
    ].map((field) => [`accessCredentials[].${field}`, 'src/api/vmi/access-credentials.ts']),
  ),
  // As bridge without DHCP, where the plugin is registered and is no more.
  'domain.devices.interfaces[].binding.name': 'src/api/vmi/binding-plugins.ts',
  // The agent answers DHCP.
  ...Object.fromEntries(
    ['bootFileName', 'ntpServers', 'privateOptions[].option', 'privateOptions[].value', 'tftpServerName'].map(
      (field) => [`domain.devices.interfaces[].dhcpOptions.${field}`, 'src/agent/network/dhcp-options.ts'],
    ),
  ),
  'networks[].pod.vmNetworkCIDR': 'src/agent/network/vm-network.ts',
  'networks[].pod.vmIPv6NetworkCIDR': 'src/agent/network/vm-network.ts',
  'domain.cpu.realtime.mask': 'src/api/vmi/realtime.ts',
  evictionStrategy: 'src/webhook/eviction/decision.ts',
  startStrategy: 'src/controller/vm/instance.ts',
  // The agent makes the disk's image of it.
  ...Object.fromEntries(
    ['cloudInitConfigDrive', 'cloudInitNoCloud'].flatMap((source) =>
      ['networkData', 'networkDataBase64', 'userData', 'userDataBase64'].map((field) => [
        `volumes[].${source}.${field}`,
        'src/agent/volumes/cloud-init.ts',
      ]),
    ),
  ),
  ...Object.fromEntries(
    ['configMap', 'downwardAPI', 'secret'].map((source) => [
      `volumes[].${source}.volumeLabel`,
      'src/launcher/volume-label.ts',
    ]),
  ),
  // By the list of files that the agent finds in the image.
  'domain.firmware.kernelBoot.container.kernelPath': 'src/api/vmi/kernel-boot.ts',
  'volumes[].containerDisk.path': 'src/agent/volumes/container-disk.ts',
  'volumes[].hostDisk.capacity': 'src/agent/volumes/host-disk.ts',
  'volumes[].hostDisk.type': 'src/agent/volumes/host-disk.ts',
};

/**
 * Fields whose wish is always fulfilled. The base of a copy is never written to, whatever it says; no guest has
 * anything in reserve for hot-plug; and a file system is shared by virtiofs, for there is no other way.
 */
export const ALWAYS_SO: readonly string[] = [
  'domain.devices.disableHotplug',
  'domain.devices.filesystems[].virtiofs',
  'volumes[].ephemeral.persistentVolumeClaim.readOnly',
];

/** Fields without an effect yet, and the warning that whoever writes one gets. */
export const WARNED_ABOUT: Readonly<Record<string, { readonly id: string; readonly value: unknown }>> = {
  'domain.cpu.maxSockets': { id: 'W-HOT-1', value: 4 },
  'domain.memory.maxGuest': { id: 'W-HOT-1', value: '4Gi' },
};

/** Fields that a rule refuses, wherever they have an effect. */
export const REFUSED_BY: Readonly<Record<string, string>> = {
  'domain.devices.disks[].floppy': 'disk.floppy',
  'domain.devices.watchdog.diag288.action': 'arch.watchdog',
  // A network without an interface.
  'networks[].name': 'net.no-iface',
};

/** Fields that are refused, and for which the defaults of admission annotate the VMI all the same, as KubeVirt's do. */
export const ANNOTATED: Readonly<Record<string, string>> = { 'domain.launchSecurity.tdx': 'mut.qgs' };

/** Settings that are not in ClusterConfig, and the file that does as they say. */
export const SETTING_ACTS_ELSEWHERE: Readonly<Record<string, string>> = {
  // No guest's console is logged unless the VM asks for it, whatever it says.
  'virtualMachineOptions.disableSerialConsoleLog': 'src/domain/devices.ts',
};
