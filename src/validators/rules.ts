import { accessCredentialRules } from './access-credentials.js';
import { architectureRules } from './architecture.js';
import { blockSizeRules } from './block-size.js';
import { clockRules } from './clock.js';
import { cloudInitRules } from './cloud-init.js';
import { cpuRules } from './cpu.js';
import { pinningRules } from './cpu-pinning.js';
import { dataVolumeTemplateRules } from './data-volume-templates.js';
import { deviceRules } from './devices.js';
import { dhcpOptionRules } from './dhcp-options.js';
import { diskVolumeRules } from './disk-volumes.js';
import { diskRules } from './disks.js';
import { draDeviceRules } from './dra-devices.js';
import { draNetworkRules } from './dra-networks.js';
import { firmwareRules } from './firmware.js';
import { graceRules } from './grace.js';
import { hypervRules } from './hyperv.js';
import { graphicsRules } from './graphics.js';
import { dnsRules, identityRules } from './identity.js';
import { instanceResourcesUpdateRules } from './instance-resources-update.js';
import { instanceStorageUpdateRules } from './instance-storage-update.js';
import { instanceUpdateRules } from './instance-update.js';
import { interfacePortRules } from './interface-ports.js';
import { interfaceStateRules } from './interface-state.js';
import { kubevirtRules } from './kubevirt.js';
import { launchSecurityRules } from './launch-security.js';
import { machineRules } from './machine.js';
import { memoryRules } from './memory.js';
import { metadataRules } from './metadata.js';
import { multiqueueRules } from './multiqueue.js';
import { interfaceRules, networkRules } from './networks.js';
import { nodeAffinityRules } from './node-affinity.js';
import { notActedOnRule } from './not-acted-on.js';
import { podAffinityRules } from './pod-affinity.js';
import { podMetadataRules } from './pod-metadata.js';
import { probeRules } from './probes.js';
import { replicaSetRules } from './replica-set.js';
import { resourceClaimRules } from './resource-claims.js';
import type { InstanceSubject, Rule } from './rule.js';
import { storageGateRules } from './storage-gates.js';
import { schedulingRules } from './scheduling.js';
import { smbiosRules } from './smbios.js';
import { templateMetadataRules } from './template-metadata.js';
import { topologySpreadRules } from './topology-spread.js';
import { machineStateRules } from './virtual-machine-state.js';
import { virtletRules } from './virtlet.js';
import { virtualMachineRules } from './virtual-machine.js';
import { volumeRequestRules } from './volume-requests.js';
import { volumeSourceRules } from './volume-sources.js';
import { volumeRules } from './volumes.js';

/** The rules of a VMI that is created, and of every template, in the order in which causes are reported. */
export const INSTANCE_RULES: readonly Rule<InstanceSubject>[] = [
  ...identityRules,
  ...memoryRules,
  ...machineRules,
  ...firmwareRules,
  ...launchSecurityRules,
  ...hypervRules,
  ...architectureRules,
  ...smbiosRules,
  ...clockRules,
  ...graphicsRules,
  ...cpuRules,
  ...pinningRules,
  ...nodeAffinityRules,
  ...podAffinityRules,
  ...topologySpreadRules,
  ...schedulingRules,
  ...networkRules,
  ...interfaceRules,
  ...interfaceStateRules,
  ...interfacePortRules,
  ...dhcpOptionRules,
  ...resourceClaimRules,
  ...draNetworkRules,
  ...draDeviceRules,
  ...deviceRules,
  ...graceRules,
  ...probeRules,
  ...diskVolumeRules,
  ...diskRules,
  ...blockSizeRules,
  ...multiqueueRules,
  ...volumeRules,
  ...storageGateRules,
  ...volumeSourceRules,
  ...cloudInitRules,
  ...accessCredentialRules,
  ...dnsRules,
  ...metadataRules,
  ...podMetadataRules,
  ...templateMetadataRules,
  ...virtletRules,
];

export const VIRTUAL_MACHINE_RULES = [...virtualMachineRules, ...dataVolumeTemplateRules];
/** On what must not change now; for a VM and for its status. */
export const MACHINE_STATE_RULES = machineStateRules;
export const VOLUME_REQUEST_RULES = volumeRequestRules;
export const REPLICA_SET_RULES = replicaSetRules;
/** Who may write what of a VMI that exists. */
export const INSTANCE_UPDATE_RULES = instanceUpdateRules;
/** What those who may may change of its spec. */
export const INSTANCE_HOTPLUG_RULES = [...instanceResourcesUpdateRules, ...instanceStorageUpdateRules];
export const KUBEVIRT_RULES = kubevirtRules;

/** Everything that documentation says about a rule. */
export type RuleDescription = Omit<Rule<never>, 'check'>;

/** The one table of rules, for documentation, `lint` and tests. */
export const RULES: readonly RuleDescription[] = [
  notActedOnRule,
  ...INSTANCE_RULES,
  ...VIRTUAL_MACHINE_RULES,
  ...MACHINE_STATE_RULES,
  ...VOLUME_REQUEST_RULES,
  ...REPLICA_SET_RULES,
  ...INSTANCE_UPDATE_RULES,
  ...INSTANCE_HOTPLUG_RULES,
  ...KUBEVIRT_RULES,
];
