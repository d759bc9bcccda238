import { DEVICE_FIELDS, DEVICE_NAMES } from '../vmi/devices.js';
import { SOURCE_KINDS, VOLUME_SOURCES } from '../vmi/volume-sources.js';

/*
 * Fields of the API that this project does not act on yet. Nothing is silently ignored: admission refuses an object
 * that sets one of them, and its description in the CRD says so. A field leaves this list with the change that
 * implements it.
 */

export interface NotActedOn {
  /** Path below the spec named by the list; `[]` stands for every item of a list: `domain.devices.disks[].tag`. */
  readonly path: string;
  /** What is missing, continuing "not acted on yet: ". */
  readonly reason: string;
  /** Values of a text field that are acted on all the same; the first is what to write. Absent: none is. */
  readonly but?: readonly [string, ...string[]];
  /** What the field would have set, by the path below the same spec: nobody misses that beside the refusal. */
  readonly brings?: Readonly<Record<string, unknown>>;
}

/** A field of the list as documentation names it. */
export const describeNotActedOn = ({ path, but }: NotActedOn, mark = (text: string): string => text): string =>
  but === undefined ? mark(path) : `${mark(path)} other than ${but.map(mark).join(' or ')}`;

/** Says at the end of a field's description that it is on the list. */
export const NOT_ACTED_ON_NOTE = 'Not acted on yet: refused at admission.';

const all = (reason: string, paths: readonly string[]): NotActedOn[] => paths.map((path) => ({ path, reason }));
const under = (prefix: string, names: readonly string[]): string[] => names.map((name) => `${prefix}${name}`);

const DEVICES = 'domain.devices.';
const DISK = 'domain.devices.disks[].';
const INTERFACE = 'domain.devices.interfaces[].';
const VOLUME = 'volumes[].';

const refusedVolumeSources = (): NotActedOn[] =>
  [...SOURCE_KINDS].sort().flatMap((kind) => {
    const { refused } = VOLUME_SOURCES[kind];
    return refused === false ? [] : [{ path: `${VOLUME}${kind}`, reason: refused }];
  });
const HOTPLUGGABLE = ['dataVolume.hotpluggable', 'persistentVolumeClaim.hotpluggable'];

const refusedDevices = (): NotActedOn[] =>
  DEVICE_NAMES.flatMap((name) => {
    const { refused } = DEVICE_FIELDS[name];
    return refused === false ? [] : [{ path: `${DEVICES}${name}`, reason: refused }];
  });

const AMD64_ONLY = { reason: 'only amd64 guests can be started', but: ['amd64'] } as const;

/** Below the spec of a VirtualMachineInstance, and the template's spec of the other kinds. */
export const VMI_SPEC_NOT_ACTED_ON: readonly NotActedOn[] = [
  ...all('access credentials are not put into guests', ['accessCredentials']),
  ...all('guests are not probed', ['livenessProbe', 'readinessProbe']),
  ...all('resource claims (DRA) are not used', ['resourceClaims', 'networks[].resourceClaim']),
  ...all('utility volumes are not attached', ['utilityVolumes']),
  ...refusedVolumeSources(),
  ...all('the volume source is not supported', under(VOLUME, HOTPLUGGABLE)),
  ...all(
    'the disk setting is not passed to the guest',
    under(DISK, ['changedBlockTracking', 'tag', 'lun.reservation']),
  ),
  ...all('the interface setting is not passed to the guest', under(INTERFACE, ['dhcpOptions', 'tag'])),
  ...all(
    'the binding is not supported; use masquerade, bridge or passtBinding',
    under(INTERFACE, ['binding', 'macvtap', 'passt', 'slirp', 'sriov']),
  ),
  ...all('only the pod network is supported', ['networks[].multus']),
  ...all('the guest has the address of its pod', ['networks[].pod.vmNetworkCIDR', 'networks[].pod.vmIPv6NetworkCIDR']),
  ...all('CPU placement is left to the node', ['domain.cpu.numa', 'domain.cpu.realtime']),
  ...all('guest memory is ordinary memory', ['domain.memory.hugepages']),
  { path: 'domain.memory.reservedOverhead.memLock', reason: 'memory is not locked', but: ['NotRequired'] },
  ...all('the firmware setting is not supported', [
    'domain.firmware.acpi',
    'domain.firmware.bootloader.efi',
    'domain.firmware.kernelBoot',
  ]),
  ...all('confidential computing is not supported', ['domain.launchSecurity']),
  ...refusedDevices(),
  { path: 'architecture', ...AMD64_ONLY },
];

/** Below the spec of a VirtualMachine, besides what its template may not have. */
export const VM_SPEC_NOT_ACTED_ON: readonly NotActedOn[] = [
  {
    path: 'instancetype',
    reason: 'instance types are not expanded',
    brings: { 'template.spec.domain.memory.guest': '1Gi', 'template.spec.domain.cpu.sockets': 1 },
  },
  { path: 'preference', reason: 'instance types are not expanded' },
  ...all('volumes are not replaced while a VM runs', ['updateVolumesStrategy']),
];

/** Below the status of a VirtualMachine: requests to its controller. */
export const VM_STATUS_NOT_ACTED_ON: readonly NotActedOn[] = [
  ...all('volumes are neither added nor removed while a VM runs', ['volumeRequests']),
  ...all('guest memory is not dumped', ['memoryDumpRequest']),
];

/** Below the spec of a VirtualMachineInstanceReplicaSet: nothing; its template is a VMI's. */
const REPLICA_SET_SPEC_NOT_ACTED_ON: readonly NotActedOn[] = [];

const CONFIGURATION = 'configuration.';
/** Below the spec of the KubeVirt object. */
export const KUBEVIRT_SPEC_NOT_ACTED_ON: readonly NotActedOn[] = [
  ...all('the product is installed by its manifests, not by an operator', [
    'certificateRotateStrategy',
    'customizeComponents',
    'imagePullSecrets',
    'imageRegistry',
    'imageTag',
    'infra',
    'monitorAccount',
    'monitorNamespace',
    'productComponent',
    'productName',
    'productVersion',
    'serviceMonitorNamespace',
    'synchronizationPort',
    'uninstallStrategy',
    'workloadUpdateStrategy',
    'workloads',
  ]),
  ...all(
    'the setting has no effect',
    under(CONFIGURATION, [
      'apiConfiguration',
      'autoCPULimitNamespaceLabelSelector',
      'changedBlockTrackingLabelSelectors',
      'commonInstancetypesDeployment',
      'confidentialCompute',
      'controllerConfiguration',
      'handlerConfiguration',
      'hypervisors',
      'instancetype',
      'ksmConfiguration',
      'mediatedDevicesConfiguration',
      'migrations',
      'minCPUModel',
      'network.binding',
      'network.permitSlirpInterface',
      'obsoleteCPUModels',
      'ovmfPath',
      'permittedHostDevices',
      'persistentReservationConfiguration',
      'roleAggregationStrategy',
      'seccompConfiguration',
      'selinuxLauncherType',
      'supportContainerResources',
      'supportedGuestAgentVersions',
      'tlsConfiguration',
      'virtTemplateDeployment',
      'virtualMachineInstancesPerNode',
      'vmStateStorageClass',
      'webhookConfiguration',
      'developerConfiguration.clusterProfiler',
      'developerConfiguration.logVerbosity',
      'developerConfiguration.minimumClusterTSCFrequency',
      ...['amd64', 'arm64', 'ppc64le', 's390x'].map((name) => `architectureConfiguration.${name}.ovmfPath`),
    ]),
  ),
  { path: `${CONFIGURATION}architectureConfiguration.defaultArchitecture`, ...AMD64_ONLY },
];

const inTemplate: readonly NotActedOn[] = VMI_SPEC_NOT_ACTED_ON.map((one) => ({
  ...one,
  path: `template.spec.${one.path}`,
}));

/** Everything by kind, with paths below the kind's `spec`. */
export const NOT_ACTED_ON = {
  VirtualMachineInstance: VMI_SPEC_NOT_ACTED_ON,
  VirtualMachine: [...VM_SPEC_NOT_ACTED_ON, ...inTemplate],
  VirtualMachineInstanceReplicaSet: [...REPLICA_SET_SPEC_NOT_ACTED_ON, ...inTemplate],
  KubeVirt: KUBEVIRT_SPEC_NOT_ACTED_ON,
} as const satisfies Record<string, readonly NotActedOn[]>;
