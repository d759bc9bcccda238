import { cpuExamples } from './cpu-memory/cpu.examples.js';
import { cpuModelExamples } from './cpu-memory/cpu-model.examples.js';
import { cpuPinningExamples } from './cpu-memory/cpu-pinning.examples.js';
import { memoryBackingExamples } from './cpu-memory/memory-backing.examples.js';
import { memoryExamples } from './cpu-memory/memory.examples.js';
import { virtletExamples } from './cpu-memory/virtlet.examples.js';
import { devicesExamples } from './devices/devices.examples.js';
import { filesystemsExamples } from './devices/filesystems.examples.js';
import { pciAddressExamples } from './devices/pci-addresses.examples.js';
import { draDevicesExamples } from './devices/dra-devices.examples.js';
import { graphicsExamples } from './devices/graphics.examples.js';
import { nvidiaGraceExamples } from './devices/nvidia-grace.examples.js';
import { resourceClaimsExamples } from './devices/resource-claims.examples.js';
import { accessCredentialsExamples } from './guest-access/access-credentials.examples.js';
import { cloudInitExamples } from './guest-access/cloud-init.examples.js';
import { probesExamples } from './guest-access/probes.examples.js';
import { kubevirtCpuExamples } from './kinds/kubevirt-cpu.examples.js';
import { kubevirtExamples } from './kinds/kubevirt.examples.js';
import { matcherExamples } from './kinds/matchers.examples.js';
import { replicaSetExamples } from './kinds/replica-set.examples.js';
import { virtualMachineExamples } from './kinds/virtual-machine.examples.js';
import { architectureExamples } from './machine/architecture.examples.js';
import { clockExamples } from './machine/clock.examples.js';
import { firmwareExamples } from './machine/firmware.examples.js';
import { hypervExamples } from './machine/hyperv.examples.js';
import { identityExamples } from './machine/identity.examples.js';
import { launchSecurityExamples } from './machine/launch-security.examples.js';
import { machineExamples } from './machine/machine.examples.js';
import { smbiosExamples } from './machine/smbios.examples.js';
import { metadataExamples } from './metadata/metadata.examples.js';
import { objectMetadataExamples } from './metadata/object-metadata.examples.js';
import { podMetadataExamples } from './metadata/pod-metadata.examples.js';
import { templateMetadataExamples } from './metadata/template-metadata.examples.js';
import { dhcpOptionsExamples } from './network/dhcp-options.examples.js';
import { draNetworksExamples } from './network/dra-networks.examples.js';
import { interfacePortsExamples } from './network/interface-ports.examples.js';
import { interfaceStateExamples } from './network/interface-state.examples.js';
import { interfacesExamples } from './network/interfaces.examples.js';
import { networksExamples } from './network/networks.examples.js';
import { nodeAffinityExamples } from './scheduling/node-affinity.examples.js';
import { podAffinityExamples } from './scheduling/pod-affinity.examples.js';
import { schedulingExamples } from './scheduling/scheduling.examples.js';
import { topologySpreadExamples } from './scheduling/topology-spread.examples.js';
import { blockSizeExamples } from './storage/block-size.examples.js';
import { dataVolumeSpecExamples } from './storage/data-volume-spec.examples.js';
import { dataVolumeTemplatesExamples } from './storage/data-volume-templates.examples.js';
import { diskVolumesExamples } from './storage/disk-volumes.examples.js';
import { disksExamples } from './storage/disks.examples.js';
import { hostDiskExamples } from './storage/host-disk.examples.js';
import { multiqueueExamples } from './storage/multiqueue.examples.js';
import { storageGatesExamples } from './storage/storage-gates.examples.js';
import { volumeDevicesExamples } from './storage/volume-devices.examples.js';
import { volumeRequestsExamples } from './storage/volume-requests.examples.js';
import { volumeSourcesExamples } from './storage/volume-sources.examples.js';
import { volumesExamples } from './storage/volumes.examples.js';
import { instanceResourcesUpdateExamples } from './updates/instance-resources-update.examples.js';
import { instanceStorageUpdateExamples } from './updates/instance-storage-update.examples.js';
import { instanceUpdateExamples } from './updates/instance-update.examples.js';
import { nodeRestrictionExamples } from './updates/node-restriction.examples.js';
import { virtualMachineStateExamples } from './updates/virtual-machine-state.examples.js';
import { notActedOnExamples } from './not-acted-on.examples.js';
import type { ExampleTable } from './rule/examples.js';
import { schemaExamples } from './schema.examples.js';

/** Rules that no manifest can show, and why. */
export const WITHOUT_EXAMPLE: Readonly<Record<string, string>> = {
  'map.volume-unused':
    'The default `mut.volume-disk` gives a disk to every volume that has none, so that this cannot happen.',
  'schema.too-many': 'It stands at the end of a long list of other errors.',
  'vm.instancetype-unusable':
    'It takes an object that was stored past its own admission, or a ControllerRevision of another VM.',
  'upd.node-name': 'It is about who writes, whatever is written.',
  'upd.node-owner': 'It is about who writes, whatever is written.',
};

/** Examples of what is checked before the rules of the table: the schema, and fields that nothing acts on. */
export const EARLIER_EXAMPLES: ExampleTable = { ...schemaExamples, ...notActedOnExamples };

/**
 * Examples by the id of their rule. For documentation, `kubectl virt explain` and tests; the webhook does not load
 * them.
 */
export const EXAMPLES: ExampleTable = {
  ...cpuExamples,
  ...cpuModelExamples,
  ...cpuPinningExamples,
  ...memoryExamples,
  ...memoryBackingExamples,
  ...virtletExamples,
  ...devicesExamples,
  ...filesystemsExamples,
  ...pciAddressExamples,
  ...draDevicesExamples,
  ...graphicsExamples,
  ...nvidiaGraceExamples,
  ...resourceClaimsExamples,
  ...accessCredentialsExamples,
  ...cloudInitExamples,
  ...probesExamples,
  ...kubevirtExamples,
  ...kubevirtCpuExamples,
  ...replicaSetExamples,
  ...virtualMachineExamples,
  ...matcherExamples,
  ...architectureExamples,
  ...clockExamples,
  ...firmwareExamples,
  ...hypervExamples,
  ...identityExamples,
  ...launchSecurityExamples,
  ...machineExamples,
  ...smbiosExamples,
  ...metadataExamples,
  ...objectMetadataExamples,
  ...podMetadataExamples,
  ...templateMetadataExamples,
  ...dhcpOptionsExamples,
  ...draNetworksExamples,
  ...interfacePortsExamples,
  ...interfaceStateExamples,
  ...interfacesExamples,
  ...networksExamples,
  ...nodeAffinityExamples,
  ...podAffinityExamples,
  ...schedulingExamples,
  ...topologySpreadExamples,
  ...blockSizeExamples,
  ...dataVolumeSpecExamples,
  ...dataVolumeTemplatesExamples,
  ...diskVolumesExamples,
  ...disksExamples,
  ...hostDiskExamples,
  ...multiqueueExamples,
  ...storageGatesExamples,
  ...volumeDevicesExamples,
  ...volumeRequestsExamples,
  ...volumeSourcesExamples,
  ...volumesExamples,
  ...instanceResourcesUpdateExamples,
  ...instanceStorageUpdateExamples,
  ...instanceUpdateExamples,
  ...nodeRestrictionExamples,
  ...virtualMachineStateExamples,
};
