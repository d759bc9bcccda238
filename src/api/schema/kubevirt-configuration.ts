import { Type } from 'typebox';
import { emptyObject, duration, enumOf, int32, int64, mapOf, nullableTime, quantity } from './scalars.js';
import { Affinity, LocalObjectReference, Toleration } from './core.js';
import { LabelSelector } from './meta.js';

export const DowntimeTuningOptions = Type.Object({
  cooldownSeconds: Type.Optional(int32()),
  initialMs: Type.Optional(int64()),
  startAfterIteration: Type.Optional(int64()),
  steps: Type.Optional(int32()),
});
export type DowntimeTuningOptions = Type.Static<typeof DowntimeTuningOptions>;

export const StallDetectorOptions = Type.Object({
  completionTimeoutFactor: Type.Optional(quantity()),
  ewmaAlpha: Type.Optional(quantity()),
  patienceWindowDecayFactor: Type.Optional(quantity()),
  precopyPossibleFactor: Type.Optional(quantity()),
  searchLocalMinima: Type.Optional(Type.Boolean()),
  stallMargin: Type.Optional(int64()),
  stallProgressTimeout: Type.Optional(int64()),
  switchoverTimeout: Type.Optional(int64()),
});
export type StallDetectorOptions = Type.Static<typeof StallDetectorOptions>;

export const ExperimentalMigrationOptions = Type.Object({
  compression: Type.Optional(Type.String()),
  downtimeTuning: Type.Optional(DowntimeTuningOptions),
  stallDetector: Type.Optional(StallDetectorOptions),
});
export type ExperimentalMigrationOptions = Type.Static<typeof ExperimentalMigrationOptions>;

export const CertConfig = Type.Object({
  duration: Type.Optional(duration()),
  renewBefore: Type.Optional(duration()),
});
export type CertConfig = Type.Static<typeof CertConfig>;

export const KubeVirtSelfSignConfiguration = Type.Object({
  ca: Type.Optional(CertConfig),
  caOverlapInterval: Type.Optional(duration()),
  caRotateInterval: Type.Optional(duration()),
  certRotateInterval: Type.Optional(duration()),
  server: Type.Optional(CertConfig),
});
export type KubeVirtSelfSignConfiguration = Type.Static<typeof KubeVirtSelfSignConfiguration>;

export const KubeVirtCertificateRotateStrategy = Type.Object({
  selfSigned: Type.Optional(KubeVirtSelfSignConfiguration),
});
export type KubeVirtCertificateRotateStrategy = Type.Static<typeof KubeVirtCertificateRotateStrategy>;

export const TokenBucketRateLimiter = Type.Object({
  burst: int32(),
  qps: Type.Number(),
});
export type TokenBucketRateLimiter = Type.Static<typeof TokenBucketRateLimiter>;

export const RateLimiter = Type.Object({
  tokenBucketRateLimiter: Type.Optional(TokenBucketRateLimiter),
});
export type RateLimiter = Type.Static<typeof RateLimiter>;

export const RESTClientConfiguration = Type.Object({
  rateLimiter: Type.Optional(RateLimiter),
});
export type RESTClientConfiguration = Type.Static<typeof RESTClientConfiguration>;

export const ReloadableComponentConfiguration = Type.Object({
  restClient: Type.Optional(RESTClientConfiguration),
});
export type ReloadableComponentConfiguration = Type.Static<typeof ReloadableComponentConfiguration>;

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

export const LogVerbosity = Type.Object({
  nodeVerbosity: Type.Optional(mapOf(int32())),
  virtAPI: Type.Optional(int32()),
  virtController: Type.Optional(int32()),
  virtHandler: Type.Optional(int32()),
  virtLauncher: Type.Optional(int32()),
  virtOperator: Type.Optional(int32()),
  virtSynchronizationController: Type.Optional(int32()),
});
export type LogVerbosity = Type.Static<typeof LogVerbosity>;

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
  referencePolicy: Type.Optional(Type.String()),
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

export const NodeMediatedDeviceTypesConfig = Type.Object({
  mediatedDeviceTypes: Type.Optional(Type.Array(Type.String(), { 'x-kubernetes-list-type': 'atomic' })),
  mediatedDevicesTypes: Type.Optional(Type.Array(Type.String(), { 'x-kubernetes-list-type': 'atomic' })),
  nodeSelector: mapOf(Type.String()),
});
export type NodeMediatedDeviceTypesConfig = Type.Static<typeof NodeMediatedDeviceTypesConfig>;

export const MediatedDevicesConfiguration = Type.Object({
  enabled: Type.Optional(Type.Boolean()),
  mediatedDeviceTypes: Type.Optional(Type.Array(Type.String(), { 'x-kubernetes-list-type': 'atomic' })),
  mediatedDevicesTypes: Type.Optional(Type.Array(Type.String(), { 'x-kubernetes-list-type': 'atomic' })),
  nodeMediatedDeviceTypes: Type.Optional(
    Type.Array(NodeMediatedDeviceTypesConfig, { 'x-kubernetes-list-type': 'atomic' }),
  ),
});
export type MediatedDevicesConfiguration = Type.Static<typeof MediatedDevicesConfiguration>;

export const MigrationConfiguration = Type.Object({
  allowAutoConverge: Type.Optional(Type.Boolean()),
  allowPostCopy: Type.Optional(Type.Boolean()),
  allowWorkloadDisruption: Type.Optional(Type.Boolean()),
  bandwidthPerMigration: Type.Optional(quantity()),
  completionTimeoutPerGiB: Type.Optional(int64()),
  disableTLS: Type.Optional(Type.Boolean()),
  matchSELinuxLevelOnMigration: Type.Optional(Type.Boolean()),
  maxDowntimeMs: Type.Optional(int64()),
  network: Type.Optional(Type.String()),
  nodeDrainTaintKey: Type.Optional(Type.String()),
  parallelMigrationsPerCluster: Type.Optional(int64()),
  parallelOutboundMigrationsPerNode: Type.Optional(int64()),
  progressTimeout: Type.Optional(int64()),
  unsafeMigrationOverride: Type.Optional(Type.Boolean()),
  utilityVolumesTimeout: Type.Optional(int64()),
});
export type MigrationConfiguration = Type.Static<typeof MigrationConfiguration>;

export const ResourceRequirementsWithoutClaims = Type.Object({
  limits: Type.Optional(mapOf(quantity())),
  requests: Type.Optional(mapOf(quantity())),
});
export type ResourceRequirementsWithoutClaims = Type.Static<typeof ResourceRequirementsWithoutClaims>;

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

export const MediatedHostDevice = Type.Object({
  externalResourceProvider: Type.Optional(Type.Boolean()),
  mdevNameSelector: Type.String(),
  resourceName: Type.String(),
});
export type MediatedHostDevice = Type.Static<typeof MediatedHostDevice>;

export const PciHostDevice = Type.Object({
  externalResourceProvider: Type.Optional(Type.Boolean()),
  pciVendorSelector: Type.String(),
  resourceName: Type.String(),
});
export type PciHostDevice = Type.Static<typeof PciHostDevice>;

export const USBSelector = Type.Object({
  product: Type.String(),
  vendor: Type.String(),
});
export type USBSelector = Type.Static<typeof USBSelector>;

export const USBHostDevice = Type.Object({
  externalResourceProvider: Type.Optional(Type.Boolean()),
  resourceName: Type.String(),
  selectors: Type.Optional(Type.Array(USBSelector, { 'x-kubernetes-list-type': 'atomic' })),
});
export type USBHostDevice = Type.Static<typeof USBHostDevice>;

export const PermittedHostDevices = Type.Object({
  mediatedDevices: Type.Optional(Type.Array(MediatedHostDevice, { 'x-kubernetes-list-type': 'atomic' })),
  pciHostDevices: Type.Optional(Type.Array(PciHostDevice, { 'x-kubernetes-list-type': 'atomic' })),
  usb: Type.Optional(Type.Array(USBHostDevice, { 'x-kubernetes-list-type': 'atomic' })),
});
export type PermittedHostDevices = Type.Static<typeof PermittedHostDevices>;

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

export const SupportContainerResources = Type.Object({
  resources: ResourceRequirementsWithoutClaims,
  type: Type.String(),
});
export type SupportContainerResources = Type.Static<typeof SupportContainerResources>;

export const TLSConfiguration = Type.Object({
  ciphers: Type.Optional(Type.Array(Type.String(), { 'x-kubernetes-list-type': 'set' })),
  minTLSVersion: Type.Optional(Type.String()),
});
export type TLSConfiguration = Type.Static<typeof TLSConfiguration>;

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

/** This project's own (design §5): a CPU model for the nodes with these labels. */
export const NodeConfig = Type.Object({
  cpuModel: Type.Optional(Type.String()),
  nodeSelector: Type.Optional(mapOf(Type.String())),
  priority: Type.Optional(int32()),
});
export type NodeConfig = Type.Static<typeof NodeConfig>;

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
  defaultRuntimeClass: Type.Optional(Type.String()),
  developerConfiguration: Type.Optional(DeveloperConfiguration),
  emulatedMachines: Type.Optional(Type.Array(Type.String())),
  evictionStrategy: Type.Optional(Type.String()),
  handlerConfiguration: Type.Optional(ReloadableComponentConfiguration),
  hypervisors: Type.Optional(Type.Array(HypervisorConfiguration, { 'x-kubernetes-list-type': 'atomic' })),
  imagePullPolicy: Type.Optional(enumOf(['Always', 'IfNotPresent', 'Never'])),
  instancetype: Type.Optional(InstancetypeConfiguration),
  ksmConfiguration: Type.Optional(KSMConfiguration),
  liveUpdateConfiguration: Type.Optional(LiveUpdateConfiguration),
  machineType: Type.Optional(Type.String()),
  mediatedDevicesConfiguration: Type.Optional(MediatedDevicesConfiguration),
  memBalloonStatsPeriod: Type.Optional(int64()),
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

export const Flags = Type.Object({
  api: Type.Optional(mapOf(Type.String())),
  controller: Type.Optional(mapOf(Type.String())),
  handler: Type.Optional(mapOf(Type.String())),
});
export type Flags = Type.Static<typeof Flags>;

export const CustomizeComponentsPatch = Type.Object({
  patch: Type.String(),
  resourceName: Type.String(),
  resourceType: Type.String(),
  type: Type.String(),
});
export type CustomizeComponentsPatch = Type.Static<typeof CustomizeComponentsPatch>;

export const CustomizeComponents = Type.Object({
  flags: Type.Optional(Flags),
  patches: Type.Optional(Type.Array(CustomizeComponentsPatch, { 'x-kubernetes-list-type': 'atomic' })),
});
export type CustomizeComponents = Type.Static<typeof CustomizeComponents>;

export const NodePlacement = Type.Object({
  affinity: Type.Optional(Affinity),
  nodeSelector: Type.Optional(mapOf(Type.String())),
  tolerations: Type.Optional(Type.Array(Toleration)),
});
export type NodePlacement = Type.Static<typeof NodePlacement>;

export const ComponentConfig = Type.Object({
  nodePlacement: Type.Optional(NodePlacement),
  replicas: Type.Optional(int32()),
});
export type ComponentConfig = Type.Static<typeof ComponentConfig>;

export const KubeVirtWorkloadUpdateStrategy = Type.Object({
  batchEvictionInterval: Type.Optional(duration()),
  batchEvictionSize: Type.Optional(int32()),
  workloadUpdateMethods: Type.Optional(Type.Array(Type.String(), { 'x-kubernetes-list-type': 'atomic' })),
});
export type KubeVirtWorkloadUpdateStrategy = Type.Static<typeof KubeVirtWorkloadUpdateStrategy>;

export const KubeVirtSpec = Type.Object({
  certificateRotateStrategy: Type.Optional(KubeVirtCertificateRotateStrategy),
  configuration: Type.Optional(KubeVirtConfiguration),
  customizeComponents: Type.Optional(CustomizeComponents),
  imagePullPolicy: Type.Optional(enumOf(['Always', 'IfNotPresent', 'Never'])),
  imagePullSecrets: Type.Optional(Type.Array(LocalObjectReference, { 'x-kubernetes-list-type': 'atomic' })),
  imageRegistry: Type.Optional(Type.String()),
  imageTag: Type.Optional(Type.String()),
  infra: Type.Optional(ComponentConfig),
  monitorAccount: Type.Optional(Type.String()),
  monitorNamespace: Type.Optional(Type.String()),
  productComponent: Type.Optional(Type.String()),
  productName: Type.Optional(Type.String()),
  productVersion: Type.Optional(Type.String()),
  serviceMonitorNamespace: Type.Optional(Type.String()),
  synchronizationPort: Type.Optional(Type.String()),
  uninstallStrategy: Type.Optional(Type.String()),
  workloadUpdateStrategy: Type.Optional(KubeVirtWorkloadUpdateStrategy),
  workloads: Type.Optional(ComponentConfig),
});
export type KubeVirtSpec = Type.Static<typeof KubeVirtSpec>;

export const KubeVirtCondition = Type.Object({
  lastProbeTime: Type.Optional(nullableTime()),
  lastTransitionTime: Type.Optional(nullableTime()),
  message: Type.Optional(Type.String()),
  reason: Type.Optional(Type.String()),
  status: Type.String(),
  type: Type.String(),
});
export type KubeVirtCondition = Type.Static<typeof KubeVirtCondition>;

export const GenerationStatus = Type.Object({
  group: Type.String(),
  hash: Type.Optional(Type.String()),
  lastGeneration: int64(),
  name: Type.String(),
  namespace: Type.Optional(Type.String()),
  resource: Type.String(),
});
export type GenerationStatus = Type.Static<typeof GenerationStatus>;

export const KubeVirtStatus = Type.Object({
  conditions: Type.Optional(Type.Array(KubeVirtCondition)),
  defaultArchitecture: Type.Optional(Type.String()),
  generations: Type.Optional(Type.Array(GenerationStatus, { 'x-kubernetes-list-type': 'atomic' })),
  observedDeploymentConfig: Type.Optional(Type.String()),
  observedDeploymentID: Type.Optional(Type.String()),
  observedGeneration: Type.Optional(int64()),
  observedKubeVirtRegistry: Type.Optional(Type.String()),
  observedKubeVirtVersion: Type.Optional(Type.String()),
  operatorVersion: Type.Optional(Type.String()),
  outdatedVirtualMachineInstanceWorkloads: Type.Optional(int32()),
  phase: Type.Optional(Type.String()),
  synchronizationAddresses: Type.Optional(Type.Array(Type.String(), { 'x-kubernetes-list-type': 'atomic' })),
  targetDeploymentConfig: Type.Optional(Type.String()),
  targetDeploymentID: Type.Optional(Type.String()),
  targetKubeVirtRegistry: Type.Optional(Type.String()),
  targetKubeVirtVersion: Type.Optional(Type.String()),
});
export type KubeVirtStatus = Type.Static<typeof KubeVirtStatus>;
