import { Annotation } from '../../api/names.js';
import { CPU, D, DEV, LIM, REQ, type Change } from '../../validators/rule/examples.js';
import { instancetypeExamples } from './instancetype-examples.js';
import { networkWarningExamples } from './network-examples.js';
import type { WarningExample } from './warning-example.js';

export type { WarningExample };

const CONFIGURATION = 'spec.configuration.developerConfiguration';
const DISABLED = `metadata.annotations[${Annotation.disabledWarnings}]`;
const annotation = (key: string, value: string): Change => ({ 'metadata.annotations': { [key]: value } });
const USER_DATA = 'spec.volumes[1].cloudInitNoCloud.userData';
const userData = (text: string): Change => ({ [USER_DATA]: text });
const equalMemory = { [`${REQ}.memory`]: '1Gi', [`${LIM}.memory`]: '1Gi' };

const networkBoot = (bootOrder: number): Change => ({
  'spec.networks': [{ name: 'default', pod: {} }],
  [`${DEV}.interfaces`]: [{ name: 'default', masquerade: {}, bootOrder }],
});

const copying = (source: object): Change => ({
  'spec.template.spec.volumes[1]': { name: 'init', dataVolume: { name: 'root' } },
  'spec.dataVolumeTemplates': [
    { metadata: { name: 'root' }, spec: { source, storage: { resources: { requests: { storage: '10Gi' } } } } },
  ],
});

export const WARNING_EXAMPLES: Readonly<Record<string, WarningExample>> = {
  'W-DEP-1': {
    kind: 'VirtualMachine',
    warns: [{ 'spec.running': true, 'spec.runStrategy': undefined }, 'spec.running'],
    silent: [{ 'spec.runStrategy': 'Always' }],
  },
  'W-DEP-2': {
    warns: [
      annotation('virtualmachinepreset.kubevirt.io/small', 'kubevirt.io/v1'),
      'metadata.annotations[virtualmachinepreset.kubevirt.io/small]',
    ],
    silent: [annotation('preset', 'small')],
  },
  'W-DEP-3': { warns: [{ apiVersion: 'kubevirt.io/v1alpha3' }, 'apiVersion'], silent: [{}] },
  'W-DEP-4': {
    kind: 'KubeVirt',
    warns: [
      { 'spec.configuration.architectureConfiguration.ppc64le': { machineType: 'pseries' } },
      'spec.configuration.architectureConfiguration.ppc64le',
    ],
    silent: [{ 'spec.configuration.architectureConfiguration.amd64': { machineType: 'q35' } }],
  },
  ...instancetypeExamples,
  'W-CLD-1': {
    warns: [userData('#cloud-config\nusers:\n\t- name: ann'), USER_DATA],
    silent: [userData('#cloud-config\nusers:\n  - name: ann'), userData('#!/bin/sh\nusers:\n\t- name: ann')],
  },
  'W-CLD-2': {
    warns: [userData('#cloud-config\npasword: hunter2'), USER_DATA],
    silent: [userData('#cloud-config\npassword: hunter2'), userData('#cloud-config\nstages: {}\npasword: x')],
  },
  'W-CLD-3': {
    warns: [userData('# cloud-config\npassword: hunter2'), USER_DATA],
    silent: [userData('#cloud-config\npassword: hunter2'), userData('Hi.')],
  },
  'W-CLD-4': {
    warns: [userData('Hi.'), USER_DATA],
    silent: [userData('#!/bin/sh\necho Hi.'), userData('{"ignition": {"version": "3.4.0"}}')],
  },
  'W-SET-2': {
    kind: 'KubeVirt',
    warns: [
      { 'spec.workloadUpdateStrategy': { workloadUpdateMethods: ['LiveMigrate'] } },
      'spec.workloadUpdateStrategy',
    ],
    silent: [
      { 'spec.workloadUpdateStrategy': {}, 'spec.certificateRotateStrategy': { selfSigned: { ca: {} } } },
      { 'spec.configuration.commonInstancetypesDeployment': { enabled: false } },
    ],
  },
  'W-NET-1': {
    kind: 'KubeVirt',
    warns: [{ 'spec.configuration.network.permitBridgeInterfaceOnPodNetwork': false }, 'spec.configuration.network'],
    silent: [
      {
        'spec.configuration.network': {
          permitBridgeInterfaceOnPodNetwork: false,
          defaultNetworkInterface: 'masquerade',
        },
      },
    ],
  },
  'W-ROM-1': {
    warns: [{ [D]: { name: 'root', cdrom: { bus: 'sata', readOnly: false } } }, `${D}.cdrom.readOnly`],
    silent: [{ [D]: { name: 'root', cdrom: { bus: 'sata', readonly: true } } }],
  },
  'W-GFX-1': {
    warns: [{ [`${DEV}.autottachGraphicsDevice`]: false }, `${DEV}.autottachGraphicsDevice`],
    silent: [{ [`${DEV}.autoattachGraphicsDevice`]: false }],
  },
  'W-MACH-1': {
    warns: [{ 'spec.domain.machine.type': 'pc-q35-rhel9.4.0' }, 'spec.domain.machine.type'],
    silent: [{ 'spec.domain.machine.type': 'pc-q35-8.2' }, { 'spec.domain.machine.type': 'q35' }],
  },
  'W-MACH-2': {
    warns: [{ 'spec.domain.machine.type': 'pc-q35-6.2' }, 'spec.domain.machine.type'],
    silent: [{ 'spec.domain.machine.type': 'pc-q35-7.1' }],
  },
  'W-MACH-3': {
    kind: 'KubeVirt',
    warns: [{ 'spec.configuration.machineType': 'pc-q35-rhel9.6.0' }, 'spec.configuration.machineType'],
    silent: [{ 'spec.configuration.machineType': 'pc-q35-9.2' }],
  },
  'W-DSK-1': {
    warns: [{ [`${D}.serial`]: 'a'.repeat(21) }, `${D}.serial`],
    silent: [{ [`${D}.serial`]: 'a'.repeat(20) }, { [`${D}.serial`]: 'a'.repeat(36), [`${D}.disk.bus`]: 'scsi' }],
  },
  'W-EVC-3': {
    warns: [{ 'spec.evictionStrategy': 'LiveMigrate' }, 'spec.evictionStrategy'],
    silent: [{ 'spec.evictionStrategy': 'None' }],
  },
  'W-SRC-1': {
    kind: 'VirtualMachine',
    warns: [copying({ pvc: { namespace: 'golden', name: 'fedora' } }), 'spec.dataVolumeTemplates[0].spec.source.pvc'],
    silent: [copying({ blank: {} })],
  },
  'W-ANN-1': {
    kind: 'VirtualMachine',
    warns: [annotation('VirtletVCPUCount', '2'), 'metadata.annotations[VirtletVCPUCount]'],
    silent: [annotation('note', '2')],
  },
  'W-ANN-2': {
    warns: [annotation('VirtletDiskDriver', 'virtio'), 'metadata.annotations[VirtletDiskDriver]'],
    silent: [annotation('VirtletCPUModel', 'host-model'), annotation('virtlet.cloud/x', 'y')],
  },
  'W-ANN-3': {
    warns: [annotation('kubernetes.io/target-runtime', 'kata'), 'metadata.annotations[kubernetes.io/target-runtime]'],
    silent: [annotation('kubernetes.io/target-runtime', 'virtlet.cloud')],
  },
  'W-ANN-4': {
    warns: [
      annotation('kubevirt.io/libvirt-log-filters', '3:remote'),
      'metadata.annotations[kubevirt.io/libvirt-log-filters]',
    ],
    silent: [
      annotation('kubevirt.io/placePCIDevicesOnRootComplex', 'true'),
      annotation('kubevirt.io/nonroot', 'true'),
      annotation('vm.kubevirt.io/os', 'fedora'),
    ],
  },
  'W-BOOT-1': {
    warns: [networkBoot(1), `${D}.bootOrder`],
    silent: [{}, { ...networkBoot(2), [`${D}.bootOrder`]: 1 }],
  },
  'W-HOT-1': {
    warns: [{ [`${CPU}.maxSockets`]: 4 }, `${CPU}.maxSockets`],
    silent: [{ [`${CPU}.sockets`]: 1, [`${CPU}.maxSockets`]: 1 }, {}],
  },
  ...networkWarningExamples,
  'W-IOT-1': {
    warns: [
      { 'spec.domain.ioThreads.supplementalPoolThreadCount': 2 },
      'spec.domain.ioThreads.supplementalPoolThreadCount',
    ],
    silent: [
      {
        'spec.domain.ioThreads.supplementalPoolThreadCount': 2,
        'spec.domain.ioThreadsPolicy': 'supplementalPool',
      },
    ],
  },
  'W-CPU-0': {
    warns: [annotation('VirtletVCPUCount', '0'), 'metadata.annotations[VirtletVCPUCount]'],
    silent: [annotation('VirtletVCPUCount', '1')],
  },
  'W-CPU-1': {
    warns: [{ [`${CPU}.cores`]: 4 }, CPU],
    silent: [
      { [`${CPU}.cores`]: 1 },
      { [`${CPU}.cores`]: 4, [`${REQ}.cpu`]: '4', [`${LIM}.cpu`]: '4' },
      { [`${CPU}.cores`]: 4, ...equalMemory },
    ],
  },
  'W-CPU-3': {
    warns: [{ [`${REQ}.cpu`]: '500m' }, `${REQ}.cpu`],
    silent: [{ [`${REQ}.cpu`]: '500m', [`${LIM}.cpu`]: '1' }, { [`${REQ}.cpu`]: '0' }],
  },
  'W-CPU-4': {
    kind: 'KubeVirt',
    warns: [
      { 'spec.configuration.cpuTuning': { limitSpread: 'VCPUOnly' } },
      'spec.configuration.cpuTuning.limitSpread',
    ],
    silent: [{ 'spec.configuration.cpuTuning': { limitSpread: 'Split' } }, {}],
  },
  'W-CPU-5': {
    kind: 'KubeVirt',
    warns: [{ [`${CONFIGURATION}.cpuAllocationRatio`]: 16 }, `${CONFIGURATION}.cpuAllocationRatio`],
    silent: [{ [`${CONFIGURATION}.cpuAllocationRatio`]: 10 }, {}],
  },
  'W-CPU-6': {
    kind: 'KubeVirt',
    warns: [
      { [`${CONFIGURATION}.cpuAllocationRatio`]: 4, 'spec.configuration.cpuRequest': '250m' },
      `${CONFIGURATION}.cpuAllocationRatio`,
    ],
    silent: [{ [`${CONFIGURATION}.cpuAllocationRatio`]: 4, 'spec.configuration.cpuRequest': '100m' }],
  },
  'W-MEM-1': {
    warns: [{ 'spec.domain.resources.overcommitGuestOverhead': true }, 'spec.domain.resources.overcommitGuestOverhead'],
    silent: [{ 'spec.domain.resources.overcommitGuestOverhead': false }],
  },
  'W-MEM-2': {
    warns: [{ 'spec.domain.memory.guest': '2048M', [`${REQ}.memory`]: '1024M' }, 'spec.domain.memory.guest'],
    silent: [
      { 'spec.domain.memory.guest': '1Gi', [`${REQ}.memory`]: '1024Mi' },
      { 'spec.domain.memory.guest': '2Gi', 'spec.domain.resources': {} },
    ],
  },
  'W-MEM-3': {
    kind: 'KubeVirt',
    warns: [{ [`${CONFIGURATION}.memoryOvercommit`]: 151 }, `${CONFIGURATION}.memoryOvercommit`],
    silent: [{ [`${CONFIGURATION}.memoryOvercommit`]: 150 }],
  },
  'W-MEM-5': {
    warns: [
      { 'spec.domain.memory.guest': '4Gi', 'spec.domain.resources': { limits: { memory: '1Gi' } } },
      'spec.domain.memory.guest',
    ],
    silent: [{ 'spec.domain.memory.guest': '1Gi', 'spec.domain.resources': { limits: { memory: '1024Mi' } } }],
  },
  'W-QOS-1': {
    warns: [{ ...equalMemory, [`${REQ}.cpu`]: '500m' }, 'spec.domain.resources'],
    silent: [
      equalMemory,
      { ...equalMemory, [`${REQ}.cpu`]: '1', [`${LIM}.cpu`]: 1 },
      { ...equalMemory, [`${LIM}.memory`]: '2Gi', [`${REQ}.cpu`]: '500m' },
    ],
  },
  'W-QOS-2': {
    warns: [
      { ...equalMemory, 'spec.domain.resources.overcommitGuestOverhead': true },
      'spec.domain.resources.overcommitGuestOverhead',
    ],
    silent: [{ 'spec.domain.resources.overcommitGuestOverhead': true }],
  },
  'W-GATE-1': {
    kind: 'KubeVirt',
    warns: [{ [`${CONFIGURATION}.featureGates`]: ['Sidecar', 'Macvtap'] }, `${CONFIGURATION}.featureGates[1]`],
    silent: [{ [`${CONFIGURATION}.featureGates`]: ['Sidecar', 'PersistentReservation'] }],
  },
  'W-GATE-2': {
    kind: 'KubeVirt',
    warns: [{ [`${CONFIGURATION}.featureGates`]: ['LiveMigration'] }, `${CONFIGURATION}.featureGates[0]`],
    silent: [{ [`${CONFIGURATION}.featureGates`]: ['HostDisk'] }],
  },
  'W-GATE-3': {
    kind: 'KubeVirt',
    warns: [{ [`${CONFIGURATION}.disabledFeatureGates`]: ['Snapshots'] }, `${CONFIGURATION}.disabledFeatureGates[0]`],
    silent: [{ [`${CONFIGURATION}.disabledFeatureGates`]: ['Snapshot'] }],
  },
  'W-SET-1': {
    kind: 'KubeVirt',
    warns: [annotation(Annotation.disabledWarnings, 'W-CPU-1, W-MEM-9, W-QOS-*'), DISABLED],
    silent: [annotation(Annotation.disabledWarnings, 'W-CPU-1 W-MEM-*,*')],
  },
};
