import { Type } from 'typebox';
import { condition } from './object.js';
import { enumOf, int32, int64, mapOf, quantity, time } from './scalars.js';
import { VirtualMachineInstanceGuestOSInfo } from './guest-info.js';
import { ExperimentalMigrationOptions } from './kubevirt-migration.js';
import { Machine } from './machine.js';
import { ChangedBlockTrackingStatus } from './shared-status.js';
import { PersistentVolumeClaimInfo, StorageMigratedVolumeInfo } from './volume-migration.js';

export const VirtualMachineMemoryDumpRequest = Type.Object({
  claimName: Type.String(),
  endTimestamp: Type.Optional(time()),
  fileName: Type.Optional(Type.String()),
  message: Type.Optional(Type.String()),
  phase: Type.String(),
  remove: Type.Optional(Type.Boolean()),
  startTimestamp: Type.Optional(time()),
});
export type VirtualMachineMemoryDumpRequest = Type.Static<typeof VirtualMachineMemoryDumpRequest>;

export const VirtualMachineInstanceCondition = condition();
export type VirtualMachineInstanceCondition = Type.Static<typeof VirtualMachineInstanceCondition>;

export const CPUTopology = Type.Object({
  cores: Type.Optional(int64()),
  sockets: Type.Optional(int64()),
  threads: Type.Optional(int64()),
});
export type CPUTopology = Type.Static<typeof CPUTopology>;

export const VirtualMachineInstanceNetworkInterface = Type.Object({
  infoSource: Type.Optional(Type.String()),
  interfaceName: Type.Optional(Type.String()),
  ipAddress: Type.Optional(Type.String()),
  ipAddresses: Type.Optional(Type.Array(Type.String())),
  linkState: Type.Optional(Type.String()),
  mac: Type.Optional(Type.String()),
  name: Type.Optional(Type.String()),
  podInterfaceName: Type.Optional(Type.String()),
  queueCount: Type.Optional(int32()),
});
export type VirtualMachineInstanceNetworkInterface = Type.Static<typeof VirtualMachineInstanceNetworkInterface>;

export const InitrdInfo = Type.Object({
  checksum: Type.Optional(int64()),
});
export type InitrdInfo = Type.Static<typeof InitrdInfo>;

export const KernelInfo = Type.Object({
  checksum: Type.Optional(int64()),
});
export type KernelInfo = Type.Static<typeof KernelInfo>;

export const KernelBootStatus = Type.Object({
  initrdInfo: Type.Optional(InitrdInfo),
  kernelInfo: Type.Optional(KernelInfo),
});
export type KernelBootStatus = Type.Static<typeof KernelBootStatus>;

export const MemoryStatus = Type.Object({
  guestAtBoot: Type.Optional(quantity()),
  guestCurrent: Type.Optional(quantity()),
  guestRequested: Type.Optional(quantity()),
  memoryOverhead: Type.Optional(quantity()),
});
export type MemoryStatus = Type.Static<typeof MemoryStatus>;

export const VMIMConfigurationOptions = Type.Object({
  allowAutoConverge: Type.Optional(Type.Boolean()),
  allowPostCopy: Type.Optional(Type.Boolean()),
  allowWorkloadDisruption: Type.Optional(Type.Boolean()),
  bandwidthPerMigration: Type.Optional(quantity()),
  completionTimeoutPerGiB: Type.Optional(int64()),
  disableTLS: Type.Optional(Type.Boolean()),
  experimental: Type.Optional(ExperimentalMigrationOptions),
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
export type VMIMConfigurationOptions = Type.Static<typeof VMIMConfigurationOptions>;

export const VirtualMachineInstanceMigrationSourceState = Type.Object({
  domainName: Type.Optional(Type.String()),
  domainNamespace: Type.Optional(Type.String()),
  migrationUID: Type.Optional(Type.String()),
  node: Type.Optional(Type.String()),
  nodeSelectors: Type.Optional(mapOf(Type.String())),
  persistentStatePVCName: Type.Optional(Type.String()),
  pod: Type.Optional(Type.String()),
  selinuxContext: Type.Optional(Type.String()),
  syncAddress: Type.Optional(Type.String()),
  virtualMachineInstanceUID: Type.Optional(Type.String()),
});
export type VirtualMachineInstanceMigrationSourceState = Type.Static<typeof VirtualMachineInstanceMigrationSourceState>;

export const VirtualMachineInstanceMigrationTargetState = Type.Object({
  attachmentPodUID: Type.Optional(Type.String()),
  cpuSet: Type.Optional(Type.Array(int32(), { 'x-kubernetes-list-type': 'atomic' })),
  directMigrationNodePorts: Type.Optional(mapOf(int32())),
  domainDetected: Type.Optional(Type.Boolean()),
  domainName: Type.Optional(Type.String()),
  domainNamespace: Type.Optional(Type.String()),
  domainReadyTimestamp: Type.Optional(time()),
  migrationUID: Type.Optional(Type.String()),
  node: Type.Optional(Type.String()),
  nodeAddress: Type.Optional(Type.String()),
  nodeTopology: Type.Optional(Type.String()),
  persistentStatePVCName: Type.Optional(Type.String()),
  pod: Type.Optional(Type.String()),
  selinuxContext: Type.Optional(Type.String()),
  syncAddress: Type.Optional(Type.String()),
  virtualMachineInstanceUID: Type.Optional(Type.String()),
});
export type VirtualMachineInstanceMigrationTargetState = Type.Static<typeof VirtualMachineInstanceMigrationTargetState>;

export const VirtualMachineInstanceMigrationState = Type.Object({
  abortRequested: Type.Optional(Type.Boolean()),
  abortStatus: Type.Optional(Type.String()),
  completed: Type.Optional(Type.Boolean()),
  endTimestamp: Type.Optional(time()),
  failed: Type.Optional(Type.Boolean()),
  failureReason: Type.Optional(Type.String()),
  migrationConfiguration: Type.Optional(VMIMConfigurationOptions),
  migrationNetworkType: Type.Optional(Type.String()),
  migrationPolicyName: Type.Optional(Type.String()),
  migrationUid: Type.Optional(Type.String()),
  mode: Type.Optional(Type.String()),
  sourceNode: Type.Optional(Type.String()),
  sourcePersistentStatePVCName: Type.Optional(Type.String()),
  sourcePod: Type.Optional(Type.String()),
  sourceState: Type.Optional(VirtualMachineInstanceMigrationSourceState),
  startTimestamp: Type.Optional(time()),
  targetAttachmentPodUID: Type.Optional(Type.String()),
  targetCPUSet: Type.Optional(Type.Array(int32(), { 'x-kubernetes-list-type': 'atomic' })),
  targetDirectMigrationNodePorts: Type.Optional(mapOf(int32())),
  targetMemoryOverhead: Type.Optional(quantity()),
  targetNode: Type.Optional(Type.String()),
  targetNodeAddress: Type.Optional(Type.String()),
  targetNodeDomainDetected: Type.Optional(Type.Boolean()),
  targetNodeDomainReadyTimestamp: Type.Optional(time()),
  targetNodeTopology: Type.Optional(Type.String()),
  targetPersistentStatePVCName: Type.Optional(Type.String()),
  targetPod: Type.Optional(Type.String()),
  targetState: Type.Optional(VirtualMachineInstanceMigrationTargetState),
});
export type VirtualMachineInstanceMigrationState = Type.Static<typeof VirtualMachineInstanceMigrationState>;

export const VirtualMachineInstancePhaseTransitionTimestamp = Type.Object({
  phase: Type.Optional(Type.String()),
  phaseTransitionTimestamp: Type.Optional(time()),
});
export type VirtualMachineInstancePhaseTransitionTimestamp = Type.Static<
  typeof VirtualMachineInstancePhaseTransitionTimestamp
>;

export const TopologyHints = Type.Object({
  tscFrequency: Type.Optional(int64()),
});
export type TopologyHints = Type.Static<typeof TopologyHints>;

export const ContainerDiskInfo = Type.Object({
  checksum: Type.Optional(int64()),
});
export type ContainerDiskInfo = Type.Static<typeof ContainerDiskInfo>;

export const HotplugVolumeStatus = Type.Object({
  attachPodName: Type.Optional(Type.String()),
  attachPodUID: Type.Optional(Type.String()),
});
export type HotplugVolumeStatus = Type.Static<typeof HotplugVolumeStatus>;

export const DomainMemoryDumpInfo = Type.Object({
  claimName: Type.Optional(Type.String()),
  endTimestamp: Type.Optional(time()),
  startTimestamp: Type.Optional(time()),
  targetFileName: Type.Optional(Type.String()),
});
export type DomainMemoryDumpInfo = Type.Static<typeof DomainMemoryDumpInfo>;

export const VolumeStatus = Type.Object({
  containerDiskVolume: Type.Optional(ContainerDiskInfo),
  hotplugVolume: Type.Optional(HotplugVolumeStatus),
  memoryDumpVolume: Type.Optional(DomainMemoryDumpInfo),
  message: Type.Optional(Type.String()),
  name: Type.String(),
  persistentVolumeClaimInfo: Type.Optional(PersistentVolumeClaimInfo),
  phase: Type.Optional(Type.String()),
  reason: Type.Optional(Type.String()),
  size: Type.Optional(int64()),
  target: Type.String(),
});
export type VolumeStatus = Type.Static<typeof VolumeStatus>;

/** A container of the launcher pod, as the container runtime knows it. */
export const LauncherContainer = Type.Object({
  id: Type.String(),
  name: Type.String(),
});
export type LauncherContainer = Type.Static<typeof LauncherContainer>;

/**
 * The one pod that is this VM's. Not of KubeVirt: written by virt-controller alone, name and uid when its create call
 * returns, containers at the hand-over. Programs act on this pod and these containers and on no others, because a pod's
 * labels, owner references, names and environment can be written by a tenant.
 */
export const LauncherPod = Type.Object({
  containers: Type.Optional(Type.Array(LauncherContainer, { 'x-kubernetes-list-type': 'atomic' })),
  name: Type.String(),
  specDigest: Type.Optional(Type.String()),
  uid: Type.String(),
});
export type LauncherPod = Type.Static<typeof LauncherPod>;

export const VirtualMachineInstanceStatus = Type.Object({
  VSOCKCID: Type.Optional(int64()),
  activePods: Type.Optional(mapOf(Type.String())),
  changedBlockTracking: Type.Optional(ChangedBlockTrackingStatus),
  conditions: Type.Optional(Type.Array(VirtualMachineInstanceCondition)),
  currentCPUTopology: Type.Optional(CPUTopology),
  evacuationNodeName: Type.Optional(Type.String()),
  fsFreezeStatus: Type.Optional(Type.String()),
  guestOSInfo: Type.Optional(VirtualMachineInstanceGuestOSInfo),
  interfaces: Type.Optional(Type.Array(VirtualMachineInstanceNetworkInterface)),
  kernelBootStatus: Type.Optional(KernelBootStatus),
  launcherContainerImageVersion: Type.Optional(Type.String()),
  launcherPod: Type.Optional(LauncherPod),
  machine: Type.Optional(Machine),
  memory: Type.Optional(MemoryStatus),
  migratedVolumes: Type.Optional(Type.Array(StorageMigratedVolumeInfo, { 'x-kubernetes-list-type': 'atomic' })),
  migrationMethod: Type.Optional(Type.String()),
  migrationState: Type.Optional(VirtualMachineInstanceMigrationState),
  migrationTransport: Type.Optional(Type.String()),
  nodeName: Type.Optional(Type.String()),
  phase: Type.Optional(Type.String()),
  phaseTransitionTimestamps: Type.Optional(
    Type.Array(VirtualMachineInstancePhaseTransitionTimestamp, { 'x-kubernetes-list-type': 'atomic' }),
  ),
  qosClass: Type.Optional(enumOf(['BestEffort', 'Burstable', 'Guaranteed'])),
  reason: Type.Optional(Type.String()),
  runtimeUser: Type.Optional(int64()),
  selinuxContext: Type.Optional(Type.String()),
  topologyHints: Type.Optional(TopologyHints),
  virtualMachineRevisionName: Type.Optional(Type.String()),
  volumeStatus: Type.Optional(Type.Array(VolumeStatus, { 'x-kubernetes-list-type': 'atomic' })),
});
export type VirtualMachineInstanceStatus = Type.Static<typeof VirtualMachineInstanceStatus>;
