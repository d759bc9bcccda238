import { accessCredentialRules } from './guest-access/access-credentials.js';
import { architectureRules } from './machine/architecture.js';
import { blockSizeRules } from './storage/block-size.js';
import { clockRules } from './machine/clock.js';
import { cloudInitRules } from './guest-access/cloud-init.js';
import { cpuRules } from './cpu-memory/cpu.js';
import { cpuModelRules } from './cpu-memory/cpu-model.js';
import { pciAddressRules } from './devices/pci-addresses.js';
import { pinningRules } from './cpu-memory/cpu-pinning.js';
import { dataVolumeSpecRules } from './storage/data-volume-spec.js';
import { dataVolumeTemplateRules } from './storage/data-volume-templates.js';
import { deviceRules } from './devices/devices.js';
import { filesystemRules } from './devices/filesystems.js';
import { dhcpOptionRules } from './network/dhcp-options.js';
import { diskVolumeRules } from './storage/disk-volumes.js';
import { diskRules } from './storage/disks.js';
import { draDeviceRules } from './devices/dra-devices.js';
import { draNetworkRules } from './network/dra-networks.js';
import { firmwareRules } from './machine/firmware.js';
import { graceRules } from './devices/nvidia-grace.js';
import { hypervRules } from './machine/hyperv.js';
import { graphicsRules } from './devices/graphics.js';
import { dnsRules, identityRules } from './machine/identity.js';
import { instanceResourcesUpdateRules } from './updates/instance-resources-update.js';
import { instanceStorageUpdateRules } from './updates/instance-storage-update.js';
import { instanceUpdateRules } from './updates/instance-update.js';
import { interfacePortRules } from './network/interface-ports.js';
import { interfaceStateRules } from './network/interface-state.js';
import { kubevirtRules } from './kinds/kubevirt.js';
import { launchSecurityRules } from './machine/launch-security.js';
import { machineRules } from './machine/machine.js';
import { memoryBackingRules } from './cpu-memory/memory-backing.js';
import { memoryRules } from './cpu-memory/memory.js';
import { metadataRules } from './metadata/metadata.js';
import { multiqueueRules } from './storage/multiqueue.js';
import { interfaceRules } from './network/interfaces.js';
import { objectMetadataRules } from './metadata/object-metadata.js';
import { networkRules } from './network/networks.js';
import { nodeAffinityRules } from './scheduling/node-affinity.js';
import { notActedOnRule } from './not-acted-on.js';
import { podAffinityRules } from './scheduling/pod-affinity.js';
import { podMetadataRules } from './metadata/pod-metadata.js';
import { probeRules } from './guest-access/probes.js';
import { replicaSetRules } from './kinds/replica-set.js';
import { resourceClaimRules } from './devices/resource-claims.js';
import type { Rule } from './rule/rule.js';
import type { InstanceSubject } from './rule/subject.js';
import { storageGateRules } from './storage/storage-gates.js';
import { schedulingRules } from './scheduling/scheduling.js';
import { smbiosRules } from './machine/smbios.js';
import { templateMetadataRules } from './metadata/template-metadata.js';
import { topologySpreadRules } from './scheduling/topology-spread.js';
import { machineStateRules } from './updates/virtual-machine-state.js';
import { virtletRules } from './cpu-memory/virtlet.js';
import { matcherRules } from './kinds/matchers.js';
import { virtualMachineRules } from './kinds/virtual-machine.js';
import { volumeRequestRules } from './storage/volume-requests.js';
import { volumeSourceRules } from './storage/volume-sources.js';
import { volumeDeviceRules } from './storage/volume-devices.js';
import { volumeRules } from './storage/volumes.js';

/** The rules of an object of any kind, on its own metadata. */
export const OBJECT_RULES = objectMetadataRules;

/** The rules of a VMI that is created, and of every template, in the order in which causes are reported. */
export const INSTANCE_RULES: readonly Rule<InstanceSubject>[] = [
  ...identityRules,
  ...memoryRules,
  ...memoryBackingRules,
  ...machineRules,
  ...firmwareRules,
  ...launchSecurityRules,
  ...hypervRules,
  ...architectureRules,
  ...smbiosRules,
  ...clockRules,
  ...graphicsRules,
  ...cpuRules,
  ...cpuModelRules,
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
  ...filesystemRules,
  ...pciAddressRules,
  ...graceRules,
  ...probeRules,
  ...diskVolumeRules,
  ...diskRules,
  ...blockSizeRules,
  ...multiqueueRules,
  ...volumeRules,
  ...volumeDeviceRules,
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

export const VIRTUAL_MACHINE_RULES = [
  ...virtualMachineRules,
  ...matcherRules,
  ...dataVolumeTemplateRules,
  ...dataVolumeSpecRules,
];
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
  ...OBJECT_RULES,
  ...INSTANCE_RULES,
  ...VIRTUAL_MACHINE_RULES,
  ...MACHINE_STATE_RULES,
  ...VOLUME_REQUEST_RULES,
  ...REPLICA_SET_RULES,
  ...INSTANCE_UPDATE_RULES,
  ...INSTANCE_HOTPLUG_RULES,
  ...KUBEVIRT_RULES,
];
