import type { BindingPlugins } from '../vmi/binding-plugins.js';
import { hasFeatureGate, type GateConfig } from './feature-gates.js';
import { Annotation } from '../names.js';
import { parseQuantity, tryQuantity, type Quantity } from '../quantity.js';
import type { KubeVirt } from '../schema/kinds.js';
import type { ArchConfiguration, KubeVirtConfiguration, NodeConfig } from '../schema/kubevirt-configuration.js';
import type { LabelSelector } from '../schema/meta.js';
import { CPU_TUNING_DEFAULTS, type CpuTuning } from '../vmi/cpu-spread.js';
import { supportContainers, type SupportContainers } from './support-containers.js';
import { DENSITY_WARNINGS, warningPatterns } from './warning-switch.js';

export { hasFeatureGate };

/*
 * The cluster's settings with every default filled in: built-in defaults overlaid by the KubeVirt object's
 * `spec.configuration`. Sources: docs/reference/admission.md §3.9 and §15, docs/reference/density-and-cpu.md §9.
 */

export type Architecture = 'amd64' | 'arm64' | 's390x' | 'ppc64le';
export const ARCHITECTURES: readonly Architecture[] = ['amd64', 'arm64', 's390x', 'ppc64le'];

/** All settings, resolved. Quantities are exact, sizes in bytes are bigint, everything is read-only. */
export interface ClusterConfig extends GateConfig {
  /** Architecture of a VM that names none. */
  readonly defaultArchitecture: string;
  /** Machine type of a VM that names none, per architecture. */
  readonly machineTypes: Readonly<Record<Architecture, string>>;
  /** Globs of the machine types that are accepted, per architecture. */
  readonly emulatedMachines: Readonly<Record<Architecture, readonly string[]>>;
  /** CPU model of VMs that name none and whose node has no entry in `nodeConfigs`. */
  readonly cpuModel?: string;
  /** CPU model that a node must be able to run to get VMs. */
  readonly minCpuModel?: string;
  /** CPU models that no node offers. */
  readonly obsoleteCpuModels: readonly string[];
  /** How a CPU limit is spread over the threads of QEMU. */
  readonly cpuTuning: CpuTuning;
  /** vCPUs for each physical core of a node, above which VMs are told, or (`enforceVcpusPerCore`) wait. */
  readonly maxVcpusPerCore: number;
  readonly enforceVcpusPerCore: boolean;
  /** CPU models by node; the highest `priority` that matches wins (`configuredCpuModel`). */
  readonly nodeConfigs: readonly NodeConfig[];
  /** CPU request of a launcher pod per VM without a request; undefined: vCPUs × 1000m ÷ cpuAllocationRatio. */
  readonly cpuRequest?: Quantity;
  /** Virtual CPUs per requested physical CPU. */
  readonly cpuAllocationRatio: number;
  /** Guest memory as a percentage of the memory request. 100: none is overcommitted. */
  readonly memoryOvercommit: number;
  /** Decimal factor on the launcher's memory overhead, such as "1.25". */
  readonly additionalGuestMemoryOverheadRatio?: string;
  readonly evictionStrategy: string;
  readonly network: {
    readonly defaultNetworkInterface: string;
    readonly permitBridge: boolean;
    /** Registered plugins, by name. */
    readonly binding: BindingPlugins;
  };
  readonly liveUpdate: {
    readonly maxHotplugRatio: number;
    readonly maxCpuSockets?: number;
    readonly maxGuest?: Quantity;
  };
  readonly vmRolloutStrategy: 'LiveUpdate' | 'Stage';
  /** Software emulation is allowed on nodes whose KVM does not work. */
  readonly useEmulation: boolean;
  /** Seconds between the balloon's memory statistics; 0: none. */
  readonly memBalloonStatsPeriod: number;
  /** Whose memory is locked (src/api/vmi/memory-lock.ts). */
  readonly memoryLocking: 'Auto' | 'Always' | 'Never';
  readonly imagePullPolicy?: 'Always' | 'IfNotPresent' | 'Never';
  readonly smbios: {
    readonly family: string;
    readonly manufacturer: string;
    readonly product: string;
    readonly sku?: string;
    readonly version?: string;
  };
  /** Memory limit of the process that reads a disk image's header. */
  readonly diskVerification: { readonly memoryLimit: Quantity };
  /** How much smaller than asked a PVC's file system may be, in percent. */
  readonly pvcTolerateLessSpaceUpToPercent: number;
  /** Bytes of a PVC's file system that a disk.img made on it leaves free. */
  readonly minimumReservePVCBytes: bigint;
  readonly freePageReportingDisabled: boolean;
  /** The nodes whose agents merge equal pages; undefined: none. */
  readonly ksmNodes?: LabelSelector;
  /** Nodes that launcher pods may run on, in addition to the VM's own selector. */
  readonly nodeSelectors: Readonly<Record<string, string>>;
  /** The instance types and preferences that come with the product are installed. */
  readonly commonInstancetypes: boolean;
  /** Whether a VM keeps naming its instance type, or becomes what that makes of it (docs/instance-types.md). */
  readonly instancetypeReferencePolicy: 'reference' | 'expand' | 'expandAll';
  readonly defaultRuntimeClass?: string;
  /** Of the claims with the state of firmware and TPMs; undefined: the cluster's default class. */
  readonly vmStateStorageClass?: string;
  /** What containers of launcher pods beside QEMU's get. */
  readonly supportContainers: SupportContainers;
  readonly permittedHostDevices?: KubeVirtConfiguration['permittedHostDevices'];
  /** Copied to VMIs with TDX by the webhook; empty: none. */
  readonly tdxQgsSocketPath: string;
  /** Copied to VMIs by the webhook (annotation of the KubeVirt object). */
  readonly emulatorThreadCompleteToEvenParity: boolean;
  /** Warnings that admission does not give: ids, or beginnings of ids with `*` (annotation of the KubeVirt object). */
  readonly disabledWarnings: readonly string[];
  /** Ids of those that are given at apply too, as the above. */
  readonly warningsAtApply: readonly string[];
  hasFeatureGate(name: string): boolean;
}

const MACHINE_TYPES: Readonly<Record<Architecture, string>> = {
  amd64: 'q35',
  arm64: 'virt',
  s390x: 's390-ccw-virtio',
  ppc64le: 'pseries',
};
const EMULATED_MACHINES: Readonly<Record<Architecture, readonly string[]>> = {
  amd64: ['q35*', 'pc-q35*'],
  arm64: ['virt*'],
  s390x: ['s390-ccw-virtio*'],
  ppc64le: ['pseries*'],
};
const DEFAULT_CPU_REQUEST = '100m';

const perArchitecture = <T>(choose: (architecture: Architecture) => T): Record<Architecture, T> => ({
  amd64: choose('amd64'),
  arm64: choose('arm64'),
  s390x: choose('s390x'),
  ppc64le: choose('ppc64le'),
});

type MachineSettings = Pick<ClusterConfig, 'machineTypes' | 'emulatedMachines'>;
/** The global setting wins over the architecture's, and that over the default (docs/reference/admission.md §3.9). */
const machineSettings = (configuration: KubeVirtConfiguration, arch: ArchConfiguration): MachineSettings => ({
  machineTypes: perArchitecture((a) => configuration.machineType || arch[a]?.machineType || MACHINE_TYPES[a]),
  emulatedMachines: perArchitecture(
    (a) => configuration.emulatedMachines ?? arch[a]?.emulatedMachines ?? EMULATED_MACHINES[a],
  ),
});

/**
 * 100m is the value a client wrote out without meaning it: only another one replaces the ratio
 * (docs/reference/admission.md §3.9).
 */
const cpuRequestOf = (configuration: KubeVirtConfiguration): Quantity | undefined => {
  // A malformed quantity counts as not set: a rule of the KubeVirt object refuses it.
  const request = tryQuantity(configuration.cpuRequest);
  return request === undefined || request.equals(parseQuantity(DEFAULT_CPU_REQUEST)) ? undefined : request;
};

const smbiosOf = (configuration: KubeVirtConfiguration): ClusterConfig['smbios'] => ({
  family: configuration.smbios?.family ?? 'KubeVirt',
  manufacturer: configuration.smbios?.manufacturer ?? 'KubeVirt',
  product: configuration.smbios?.product ?? 'None',
  sku: configuration.smbios?.sku,
  version: configuration.smbios?.version,
});

type DeveloperSettings = Pick<
  ClusterConfig,
  | 'featureGates'
  | 'disabledFeatureGates'
  | 'cpuAllocationRatio'
  | 'memoryOvercommit'
  | 'useEmulation'
  | 'diskVerification'
  | 'pvcTolerateLessSpaceUpToPercent'
  | 'minimumReservePVCBytes'
  | 'nodeSelectors'
>;
const developerSettings = (configuration: KubeVirtConfiguration): DeveloperSettings => {
  const developer = configuration.developerConfiguration ?? {};
  return {
    featureGates: developer.featureGates ?? [],
    disabledFeatureGates: developer.disabledFeatureGates ?? [],
    cpuAllocationRatio: developer.cpuAllocationRatio ?? 10,
    memoryOvercommit: developer.memoryOvercommit ?? 100,
    useEmulation: developer.useEmulation ?? false,
    diskVerification: {
      memoryLimit: tryQuantity(developer.diskVerification?.memoryLimit) ?? parseQuantity('128Mi'),
    },
    pvcTolerateLessSpaceUpToPercent: developer.pvcTolerateLessSpaceUpToPercent ?? 10,
    minimumReservePVCBytes: BigInt(Math.trunc(developer.minimumReservePVCBytes ?? 131072)),
    nodeSelectors: developer.nodeSelectors ?? {},
  };
};

type CpuSettings = Pick<
  ClusterConfig,
  | 'cpuModel'
  | 'minCpuModel'
  | 'obsoleteCpuModels'
  | 'nodeConfigs'
  | 'cpuRequest'
  | 'cpuTuning'
  | 'maxVcpusPerCore'
  | 'enforceVcpusPerCore'
>;
const cpuSettings = (configuration: KubeVirtConfiguration): CpuSettings => ({
  cpuModel: configuration.cpuModel || undefined,
  minCpuModel: configuration.minCPUModel || undefined,
  obsoleteCpuModels: Object.entries(configuration.obsoleteCPUModels ?? {}).flatMap(([model, obsolete]) =>
    obsolete ? [model] : [],
  ),
  nodeConfigs: configuration.nodeConfigs ?? [],
  cpuRequest: cpuRequestOf(configuration),
  cpuTuning: {
    limitSpread: configuration.cpuTuning?.limitSpread ?? CPU_TUNING_DEFAULTS.limitSpread,
    emulatorPercent: configuration.cpuTuning?.emulatorPercent ?? CPU_TUNING_DEFAULTS.emulatorPercent,
    emulatorSplitPercent: configuration.cpuTuning?.emulatorSplitPercent ?? CPU_TUNING_DEFAULTS.emulatorSplitPercent,
  },
  maxVcpusPerCore: configuration.maxVCPUsPerCore ?? 10,
  enforceVcpusPerCore: configuration.enforceVCPUsPerCore ?? false,
});

type NetworkSettings = Pick<ClusterConfig, 'network' | 'liveUpdate' | 'vmRolloutStrategy'>;
const behaviourSettings = (configuration: KubeVirtConfiguration): NetworkSettings => ({
  network: {
    defaultNetworkInterface: configuration.network?.defaultNetworkInterface || 'bridge',
    permitBridge: configuration.network?.permitBridgeInterfaceOnPodNetwork ?? true,
    binding: configuration.network?.binding ?? {},
  },
  liveUpdate: {
    maxHotplugRatio: configuration.liveUpdateConfiguration?.maxHotplugRatio || 4,
    maxCpuSockets: configuration.liveUpdateConfiguration?.maxCpuSockets,
    maxGuest: tryQuantity(configuration.liveUpdateConfiguration?.maxGuest),
  },
  vmRolloutStrategy: configuration.vmRolloutStrategy === 'Stage' ? 'Stage' : 'LiveUpdate',
});

/**
 * The settings in force. Pure: the caller passes the architecture of a cluster whose settings name none.
 * Never throws on a KubeVirt object that passed `checkSchema`; a missing object gives the defaults.
 */
export const resolveClusterConfig = (
  kubevirt?: Pick<KubeVirt, 'metadata' | 'spec' | 'status'>,
  buildArchitecture: Architecture = 'amd64',
): ClusterConfig => {
  const configuration = kubevirt?.spec.configuration ?? {};
  const arch = configuration.architectureConfiguration ?? {};
  const config: ClusterConfig = {
    ...machineSettings(configuration, arch),
    ...developerSettings(configuration),
    ...behaviourSettings(configuration),
    defaultArchitecture: arch.defaultArchitecture || kubevirt?.status?.defaultArchitecture || buildArchitecture,
    ...cpuSettings(configuration),
    additionalGuestMemoryOverheadRatio: configuration.additionalGuestMemoryOverheadRatio,
    evictionStrategy: configuration.evictionStrategy || 'None',
    memBalloonStatsPeriod: configuration.memBalloonStatsPeriod ?? 10,
    memoryLocking: configuration.memoryLocking ?? 'Auto',
    imagePullPolicy: configuration.imagePullPolicy ?? kubevirt?.spec.imagePullPolicy,
    smbios: smbiosOf(configuration),
    freePageReportingDisabled: configuration.virtualMachineOptions?.disableFreePageReporting !== undefined,
    ksmNodes: configuration.ksmConfiguration?.nodeLabelSelector,
    commonInstancetypes: configuration.commonInstancetypesDeployment?.enabled ?? true,
    instancetypeReferencePolicy: configuration.instancetype?.referencePolicy ?? 'reference',
    defaultRuntimeClass: configuration.defaultRuntimeClass,
    vmStateStorageClass: configuration.vmStateStorageClass || undefined,
    supportContainers: supportContainers(configuration.supportContainerResources),
    permittedHostDevices: configuration.permittedHostDevices,
    persistentReservation: configuration.persistentReservationConfiguration?.enabled,
    tdxQgsSocketPath:
      configuration.confidentialCompute?.tdx?.attestation?.qgsSocketPath ?? '/var/run/tdx-qgs/qgs.socket',
    emulatorThreadCompleteToEvenParity:
      kubevirt?.metadata?.annotations?.[Annotation.emulatorThreadEvenParity] !== undefined,
    disabledWarnings: [
      ...warningPatterns(kubevirt?.metadata, Annotation.disabledWarnings),
      ...(configuration.densityWarnings === false ? DENSITY_WARNINGS : []),
    ],
    warningsAtApply: warningPatterns(kubevirt?.metadata, Annotation.warningsAtApply),
    hasFeatureGate: (name) => hasFeatureGate(config, name),
  };
  return config;
};

/**
 * The CPU model of a VM that names none, on a node with these labels: of the entries of `nodeConfigs` whose
 * `nodeSelector`'s pairs are all among the labels and that have one, the one with the highest `priority` (default 0),
 * at equal priority the later; else the cluster's. Undefined: nobody says. Source: docs/reference/density-and-cpu.md
 * §1.6 (what an entry does not set, it does not override).
 */
export const configuredCpuModel = (
  config: Pick<ClusterConfig, 'nodeConfigs' | 'cpuModel'>,
  labels: Readonly<Record<string, string>>,
): string | undefined => {
  let best: NodeConfig | undefined;
  for (const entry of config.nodeConfigs) {
    const matches = Object.entries(entry.nodeSelector ?? {}).every(([key, value]) => labels[key] === value);
    if (!matches || !entry.cpuModel) continue;
    if (best === undefined || (entry.priority ?? 0) >= (best.priority ?? 0)) best = entry;
  }
  return best?.cpuModel ?? config.cpuModel;
};
