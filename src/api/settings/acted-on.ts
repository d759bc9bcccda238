import { DEVICE_FIELDS, DEVICE_NAMES } from '../vmi/devices.js';
import { areAllThere, SUPPORT_CONTAINERS } from './support-containers.js';
import { SOURCE_KINDS, VOLUME_SOURCES } from '../vmi/volume-sources.js';
import type { Presence } from './asks.js';

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
  /** What is acted on all the same where no list of values says it. */
  readonly unless?: { readonly said: string; readonly holds: (value: unknown) => boolean };
  /** What its being there says. Absent: that it is wanted. */
  readonly presence?: Presence;
  /** What to do, and what happens then. Absent: to remove it, which changes nothing else. */
  readonly remedy?: string;
}

/** A field of the list as documentation names it. */
export const describeNotActedOn = (
  { path, but, unless }: NotActedOn,
  mark = (text: string): string => text,
): string => {
  const except = but?.map(mark).join(' or ') ?? unless?.said;
  return except === undefined ? mark(path) : `${mark(path)} other than ${except}`;
};

/** Says at the end of a field's description that it is on the list. */
export const NOT_ACTED_ON_NOTE = 'Not acted on yet: refused at admission.';
/** The same of what is on {@link KUBEVIRT_SPEC_IGNORED}. */
export const IGNORED_NOTE = 'Has no effect here: a warning says so.';

const all = (
  reason: string,
  paths: readonly string[],
  more: Pick<NotActedOn, 'presence' | 'remedy'> = {},
): NotActedOn[] => paths.map((path) => ({ path, reason, ...more }));
const under = (prefix: string, names: readonly string[]): string[] => names.map((name) => `${prefix}${name}`);

const DEVICES = 'domain.devices.';
const DISK = 'domain.devices.disks[].';
const INTERFACE = 'domain.devices.interfaces[].';
const VOLUME = 'volumes[].';

const refusedVolumeSources = (): NotActedOn[] =>
  [...SOURCE_KINDS].sort().flatMap((kind) => {
    const { refused } = VOLUME_SOURCES[kind];
    return refused === false ? [] : [{ path: `${VOLUME}${kind}`, reason: refused, remedy: LOST_VOLUME }];
  });
const HOTPLUGGABLE = ['dataVolume.hotpluggable', 'persistentVolumeClaim.hotpluggable'];

const refusedDevices = (): NotActedOn[] =>
  DEVICE_NAMES.flatMap((name) => {
    const { refused, remedy } = DEVICE_FIELDS[name];
    const more = remedy === undefined ? {} : { remedy };
    return refused === false ? [] : [{ path: `${DEVICES}${name}`, reason: refused, ...more }];
  });

const HOSTS_OF_PROBES = ['livenessProbe.', 'readinessProbe.'].flatMap((probe) =>
  under(probe, ['httpGet.host', 'tcpSocket.host']),
);

const AMD64_ONLY = { reason: 'only amd64 guests can be started', but: ['amd64'] } as const;

const LOST_VOLUME = 'the guest would lack its data: copy them into a claim or a containerDisk, then remove it';
const LOST_NETWORK = 'the guest would lack this network: remove it and its interface only if the guest can do without';
const OTHER_BINDING =
  'write masquerade: {} or bridge: {} in its place: the guest keeps the interface, at an address of its pod';

/** Below the spec of a VirtualMachineInstance, and the template's spec of the other kinds. */
export const VMI_SPEC_NOT_ACTED_ON: readonly NotActedOn[] = [
  ...all('kubelet would ask another host', HOSTS_OF_PROBES, {
    remedy: 'remove it: the guest is asked at the address of its pod; a name goes into httpHeaders, as Host',
  }),
  ...all('resource claims (DRA) are not used', ['resourceClaims'], {
    remedy: 'the guest would lack the claimed devices: remove it only with what uses it',
  }),
  ...all('resource claims (DRA) are not used', ['networks[].resourceClaim'], { remedy: LOST_NETWORK }),
  ...all('utility volumes are not attached', ['utilityVolumes']),
  ...refusedVolumeSources(),
  ...all('volumes are not taken out while the guest runs', under(VOLUME, HOTPLUGGABLE), {
    remedy: 'remove it: the volume is attached when the VM starts, and stays until it stops',
  }),
  ...all('the disk setting is not passed to the guest', under(DISK, ['changedBlockTracking', 'tag'])),
  ...all('persistent reservations need a privileged daemon on the node', under(DISK, ['lun.reservation']), {
    remedy: 'guests that fail over by reservations (a Windows cluster) could not: remove it only if none does',
  }),
  ...all('the interface setting is not passed to the guest', under(INTERFACE, ['tag']), {
    presence: 'section',
  }),
  ...all(
    'the binding is not supported; use masquerade, bridge or passtBinding',
    under(INTERFACE, ['macvtap', 'passt', 'slirp', 'sriov']),
    { remedy: OTHER_BINDING },
  ),
  ...all('confidential computing is not supported', ['domain.launchSecurity'], {
    remedy: 'the node could read the memory of the guest: remove it only if you trust the node',
  }),
  ...refusedDevices(),
  { path: 'architecture', ...AMD64_ONLY },
];

/** Below the spec of a VirtualMachine, besides what its template may not have. */
export const VM_SPEC_NOT_ACTED_ON: readonly NotActedOn[] = [
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
const SECTIONS = { presence: 'sections' } as const;
const BY_MANIFESTS = 'the product is installed by its manifests, not by an operator';
const NO_EFFECT = 'the setting has no effect';

/**
 * Below the spec of the KubeVirt object: what somebody would rely on (where VMs run, what they get, which image), so
 * that ignoring it would mislead.
 */
export const KUBEVIRT_SPEC_NOT_ACTED_ON: readonly NotActedOn[] = [
  ...all(BY_MANIFESTS, ['customizeComponents'], {
    ...SECTIONS,
    remedy: 'patch the Deployments and the DaemonSet instead, then remove it',
  }),
  ...all(BY_MANIFESTS, ['imagePullSecrets', 'imageRegistry', 'imageTag'], {
    remedy: 'write it into the Deployments and the DaemonSet instead, then remove it',
  }),
  ...all('launcher pods run where their VMs say', ['workloads'], {
    ...SECTIONS,
    remedy: 'write nodeSelector, affinity or tolerations into the VMs instead, then remove it',
  }),
  ...all(
    NO_EFFECT,
    under(CONFIGURATION, [
      'autoCPULimitNamespaceLabelSelector',
      'changedBlockTrackingLabelSelectors',
      'hypervisors',
      'virtualMachineInstancesPerNode',
      ...['amd64', 'arm64', 'ppc64le', 's390x'].map((name) => `architectureConfiguration.${name}.ovmfPath`),
      'ovmfPath',
    ]),
    SECTIONS,
  ),
  { path: `${CONFIGURATION}architectureConfiguration.defaultArchitecture`, ...AMD64_ONLY },
];

/**
 * Below the spec of the KubeVirt object: what releases, operators and distributions write into theirs, and what harms
 * nobody here (a VM that would need it is refused by its own field). A warning says that it has no effect.
 */
export const KUBEVIRT_SPEC_IGNORED: readonly NotActedOn[] = [
  ...all(
    BY_MANIFESTS,
    [
      'certificateRotateStrategy',
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
    ],
    SECTIONS,
  ),
  ...all(
    NO_EFFECT,
    under(CONFIGURATION, [
      'apiConfiguration',
      'confidentialCompute',
      'controllerConfiguration',
      'handlerConfiguration',
      'mediatedDevicesConfiguration',
      'migrations',
      'network.permitSlirpInterface',
      'permittedHostDevices',
      'persistentReservationConfiguration',
      'roleAggregationStrategy',
      'seccompConfiguration',
      'selinuxLauncherType',
      'supportedGuestAgentVersions',
      'tlsConfiguration',
      'virtTemplateDeployment',
      'webhookConfiguration',
      'developerConfiguration.clusterProfiler',
      'developerConfiguration.logVerbosity',
      'developerConfiguration.minimumClusterTSCFrequency',
    ]),
    SECTIONS,
  ),
  {
    path: `${CONFIGURATION}supportContainerResources`,
    reason: NO_EFFECT,
    ...SECTIONS,
    unless: {
      said: `entries of type ${SUPPORT_CONTAINERS.map((type) => `\`${type}\``).join(', ')}`,
      holds: areAllThere,
    },
  },
];

const inTemplate: readonly NotActedOn[] = VMI_SPEC_NOT_ACTED_ON.map((one) => ({
  ...one,
  path: `template.spec.${one.path}`,
}));

/** What a field's being there says, by its path below the spec of a VMI; those that are not listed are settings. */
export const presenceOf = (path: string): Presence =>
  VMI_SPEC_NOT_ACTED_ON.find((one) => one.path === path)?.presence ?? 'setting';

/** Everything by kind, with paths below the kind's `spec`. */
export const NOT_ACTED_ON = {
  VirtualMachineInstance: VMI_SPEC_NOT_ACTED_ON,
  VirtualMachine: [...VM_SPEC_NOT_ACTED_ON, ...inTemplate],
  VirtualMachineInstanceReplicaSet: [...REPLICA_SET_SPEC_NOT_ACTED_ON, ...inTemplate],
  KubeVirt: KUBEVIRT_SPEC_NOT_ACTED_ON,
} as const satisfies Record<string, readonly NotActedOn[]>;
