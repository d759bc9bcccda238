import { LIMIT_SPREADS } from '../vmi/cpu-spread.js';
import { Type } from 'typebox';
import {
  LogVerbosity,
  ReloadableComponentConfiguration,
  ResourceRequirementsWithoutClaims,
  SupportContainerResources,
  TLSConfiguration,
} from './kubevirt-components.js';
import { MediatedDevicesConfiguration, PermittedHostDevices } from './kubevirt-devices.js';
import { MigrationConfiguration } from './kubevirt-migration.js';
import { LabelSelector } from './meta.js';
import { emptyObject, enumOf, int32, int64, mapOf, quantity } from './scalars.js';

export const ArchSpecificConfiguration = Type.Object({
  emulatedMachines: Type.Optional(Type.Array(Type.String(), { 'x-kubernetes-list-type': 'atomic' })),
  machineType: Type.Optional(Type.String()),
  ovmfPath: Type.Optional(Type.String()),
});
export type ArchSpecificConfiguration = Type.Static<typeof ArchSpecificConfiguration>;

export const ArchConfiguration = Type.Object({
  amd64: Type.Optional(ArchSpecificConfiguration),
  arm64: Type.Optional(ArchSpecificConfiguration),
  defaultArchitecture: Type.Optional(Type.String()),
  ppc64le: Type.Optional(ArchSpecificConfiguration),
  s390x: Type.Optional(ArchSpecificConfiguration),
});
export type ArchConfiguration = Type.Static<typeof ArchConfiguration>;

export const ChangedBlockTrackingSelectors = Type.Object({
  namespaceLabelSelector: Type.Optional(LabelSelector),
  virtualMachineLabelSelector: Type.Optional(LabelSelector),
});
export type ChangedBlockTrackingSelectors = Type.Static<typeof ChangedBlockTrackingSelectors>;

export const CommonInstancetypesDeployment = Type.Object({
  enabled: Type.Optional(Type.Boolean()),
});
export type CommonInstancetypesDeployment = Type.Static<typeof CommonInstancetypesDeployment>;

export const TDXAttestationConfiguration = Type.Object({
  enforced: Type.Optional(Type.Boolean()),
  qgsSocketPath: Type.Optional(Type.String()),
});
export type TDXAttestationConfiguration = Type.Static<typeof TDXAttestationConfiguration>;

export const TDXConfiguration = Type.Object({
  attestation: Type.Optional(TDXAttestationConfiguration),
});
export type TDXConfiguration = Type.Static<typeof TDXConfiguration>;

export const ConfidentialComputeConfiguration = Type.Object({
  tdx: Type.Optional(TDXConfiguration),
});
export type ConfidentialComputeConfiguration = Type.Static<typeof ConfidentialComputeConfiguration>;

export const DiskVerification = Type.Object({
  memoryLimit: quantity(),
});
export type DiskVerification = Type.Static<typeof DiskVerification>;

export const DeveloperConfiguration = Type.Object({
  clusterProfiler: Type.Optional(Type.Boolean()),
  cpuAllocationRatio: Type.Optional(int32()),
  disabledFeatureGates: Type.Optional(Type.Array(Type.String(), { 'x-kubernetes-list-type': 'atomic' })),
  diskVerification: Type.Optional(DiskVerification),
  featureGates: Type.Optional(Type.Array(Type.String(), { 'x-kubernetes-list-type': 'atomic' })),
  logVerbosity: Type.Optional(LogVerbosity),
  memoryOvercommit: Type.Optional(int32()),
  minimumClusterTSCFrequency: Type.Optional(int64()),
  minimumReservePVCBytes: Type.Optional(int64()),
  nodeSelectors: Type.Optional(mapOf(Type.String())),
  pvcTolerateLessSpaceUpToPercent: Type.Optional(int32()),
  useEmulation: Type.Optional(Type.Boolean()),
});
export type DeveloperConfiguration = Type.Static<typeof DeveloperConfiguration>;

export const HypervisorConfiguration = Type.Object({
  name: Type.Optional(Type.String()),
});
export type HypervisorConfiguration = Type.Static<typeof HypervisorConfiguration>;

export const InstancetypeConfiguration = Type.Object({
  referencePolicy: Type.Optional(enumOf(['reference', 'expand', 'expandAll'])),
});
export type InstancetypeConfiguration = Type.Static<typeof InstancetypeConfiguration>;

export const KSMConfiguration = Type.Object({
  nodeLabelSelector: Type.Optional(LabelSelector),
});
export type KSMConfiguration = Type.Static<typeof KSMConfiguration>;

export const LiveUpdateConfiguration = Type.Object({
  maxCpuSockets: Type.Optional(int64()),
  maxGuest: Type.Optional(quantity()),
  maxHotplugRatio: Type.Optional(int64()),
});
export type LiveUpdateConfiguration = Type.Static<typeof LiveUpdateConfiguration>;

export const InterfaceBindingMigration = Type.Object({
  method: Type.Optional(Type.String()),
});
export type InterfaceBindingMigration = Type.Static<typeof InterfaceBindingMigration>;

export const InterfaceBindingPlugin = Type.Object({
  computeResourceOverhead: Type.Optional(ResourceRequirementsWithoutClaims),
  domainAttachmentType: Type.Optional(Type.String()),
  downwardAPI: Type.Optional(Type.String()),
  migration: Type.Optional(InterfaceBindingMigration),
  networkAttachmentDefinition: Type.Optional(Type.String()),
  sidecarImage: Type.Optional(Type.String()),
});
export type InterfaceBindingPlugin = Type.Static<typeof InterfaceBindingPlugin>;

export const NetworkConfiguration = Type.Object({
  binding: Type.Optional(mapOf(InterfaceBindingPlugin)),
  defaultNetworkInterface: Type.Optional(Type.String()),
  permitBridgeInterfaceOnPodNetwork: Type.Optional(Type.Boolean()),
  permitSlirpInterface: Type.Optional(Type.Boolean()),
});
export type NetworkConfiguration = Type.Static<typeof NetworkConfiguration>;

export const PersistentReservationConfiguration = Type.Object({
  enabled: Type.Optional(Type.Boolean()),
});
export type PersistentReservationConfiguration = Type.Static<typeof PersistentReservationConfiguration>;

export const CustomProfile = Type.Object({
  localhostProfile: Type.Optional(Type.String()),
  runtimeDefaultProfile: Type.Optional(Type.Boolean()),
});
export type CustomProfile = Type.Static<typeof CustomProfile>;

export const VirtualMachineInstanceProfile = Type.Object({
  customProfile: Type.Optional(CustomProfile),
});
export type VirtualMachineInstanceProfile = Type.Static<typeof VirtualMachineInstanceProfile>;

export const SeccompConfiguration = Type.Object({
  virtualMachineInstanceProfile: Type.Optional(VirtualMachineInstanceProfile),
});
export type SeccompConfiguration = Type.Static<typeof SeccompConfiguration>;

export const SMBiosConfiguration = Type.Object({
  family: Type.Optional(Type.String()),
  manufacturer: Type.Optional(Type.String()),
  product: Type.Optional(Type.String()),
  sku: Type.Optional(Type.String()),
  version: Type.Optional(Type.String()),
});
export type SMBiosConfiguration = Type.Static<typeof SMBiosConfiguration>;

export const VirtTemplateDeployment = Type.Object({
  enabled: Type.Optional(Type.Boolean()),
});
export type VirtTemplateDeployment = Type.Static<typeof VirtTemplateDeployment>;

export const DisableFreePageReporting = emptyObject();
export type DisableFreePageReporting = Type.Static<typeof DisableFreePageReporting>;

export const DisableSerialConsoleLog = emptyObject();
export type DisableSerialConsoleLog = Type.Static<typeof DisableSerialConsoleLog>;

export const VirtualMachineOptions = Type.Object({
  disableFreePageReporting: Type.Optional(DisableFreePageReporting),
  disableSerialConsoleLog: Type.Optional(DisableSerialConsoleLog),
});
export type VirtualMachineOptions = Type.Static<typeof VirtualMachineOptions>;

/** This project's own: a CPU model for the nodes with these labels. */
export const NodeConfig = Type.Object({
  cpuModel: Type.Optional(Type.String()),
  nodeSelector: Type.Optional(mapOf(Type.String())),
  priority: Type.Optional(int32()),
});
export type NodeConfig = Type.Static<typeof NodeConfig>;

/** This project's own: how a CPU limit is spread over the threads of QEMU. */
export const CPUTuning = Type.Object({
  emulatorPercent: Type.Optional(int32()),
  emulatorSplitPercent: Type.Optional(int32()),
  limitSpread: Type.Optional(enumOf(LIMIT_SPREADS)),
});
export type CPUTuning = Type.Static<typeof CPUTuning>;

export const KubeVirtConfiguration = Type.Object({
  additionalGuestMemoryOverheadRatio: Type.Optional(Type.String()),
  apiConfiguration: Type.Optional(ReloadableComponentConfiguration),
  architectureConfiguration: Type.Optional(ArchConfiguration),
  autoCPULimitNamespaceLabelSelector: Type.Optional(LabelSelector),
  changedBlockTrackingLabelSelectors: Type.Optional(ChangedBlockTrackingSelectors),
  commonInstancetypesDeployment: Type.Optional(CommonInstancetypesDeployment),
  confidentialCompute: Type.Optional(ConfidentialComputeConfiguration),
  controllerConfiguration: Type.Optional(ReloadableComponentConfiguration),
  cpuModel: Type.Optional(Type.String()),
  cpuRequest: Type.Optional(quantity()),
  cpuTuning: Type.Optional(CPUTuning),
  defaultRuntimeClass: Type.Optional(Type.String()),
  densityWarnings: Type.Optional(Type.Boolean()),
  developerConfiguration: Type.Optional(DeveloperConfiguration),
  emulatedMachines: Type.Optional(Type.Array(Type.String())),
  enforceVCPUsPerCore: Type.Optional(Type.Boolean()),
  evictionStrategy: Type.Optional(Type.String()),
  handlerConfiguration: Type.Optional(ReloadableComponentConfiguration),
  hypervisors: Type.Optional(Type.Array(HypervisorConfiguration, { 'x-kubernetes-list-type': 'atomic' })),
  imagePullPolicy: Type.Optional(enumOf(['Always', 'IfNotPresent', 'Never'])),
  instancetype: Type.Optional(InstancetypeConfiguration),
  ksmConfiguration: Type.Optional(KSMConfiguration),
  liveUpdateConfiguration: Type.Optional(LiveUpdateConfiguration),
  machineType: Type.Optional(Type.String()),
  maxVCPUsPerCore: Type.Optional(int32()),
  mediatedDevicesConfiguration: Type.Optional(MediatedDevicesConfiguration),
  memBalloonStatsPeriod: Type.Optional(int64()),
  /** This project's own. */
  memoryLocking: Type.Optional(enumOf(['Auto', 'Always', 'Never'])),
  migrations: Type.Optional(MigrationConfiguration),
  minCPUModel: Type.Optional(Type.String()),
  network: Type.Optional(NetworkConfiguration),
  nodeConfigs: Type.Optional(Type.Array(NodeConfig, { 'x-kubernetes-list-type': 'atomic' })),
  obsoleteCPUModels: Type.Optional(mapOf(Type.Boolean())),
  ovmfPath: Type.Optional(Type.String()),
  permittedHostDevices: Type.Optional(PermittedHostDevices),
  persistentReservationConfiguration: Type.Optional(PersistentReservationConfiguration),
  roleAggregationStrategy: Type.Optional(Type.String()),
  seccompConfiguration: Type.Optional(SeccompConfiguration),
  selinuxLauncherType: Type.Optional(Type.String()),
  smbios: Type.Optional(SMBiosConfiguration),
  supportContainerResources: Type.Optional(
    Type.Array(SupportContainerResources, { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'] }),
  ),
  supportedGuestAgentVersions: Type.Optional(Type.Array(Type.String())),
  tlsConfiguration: Type.Optional(TLSConfiguration),
  virtTemplateDeployment: Type.Optional(VirtTemplateDeployment),
  virtualMachineInstancesPerNode: Type.Optional(int32()),
  virtualMachineOptions: Type.Optional(VirtualMachineOptions),
  vmRolloutStrategy: Type.Optional(Type.String()),
  vmStateStorageClass: Type.Optional(Type.String()),
  webhookConfiguration: Type.Optional(ReloadableComponentConfiguration),
});
export type KubeVirtConfiguration = Type.Static<typeof KubeVirtConfiguration>;
