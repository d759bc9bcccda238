import { withoutCondition } from '../api/vmi/condition.js';
import { Label } from '../api/names.js';
import { FIRST_DEVICE } from '../api/vmi/attached-networks.js';
import type { VirtualMachineInstance } from '../api/schema/kinds.js';
import type { VirtualMachineInstanceNetworkInterface } from '../api/schema/virtualmachineinstance-status.js';
import type { PersistentVolumeClaimInfo } from '../api/schema/volume-migration.js';
import type { Pod } from '../kube/types.js';
import type { LauncherContainer } from '../api/schema/virtualmachineinstance-status.js';
import { attachedStatus } from './network-status.js';
import { withClaims } from './vmi/claims.js';
import { launcherImage } from './vmi/launcher-pods.js';

/**
 * A VMI in phase Scheduled with everything that the agent needs, for one write: contract "who writes what",
 * docs/reference/domain.md §9.1.
 */
export const handOver = (
  after: VirtualMachineInstance,
  pod: Pod,
  containers: readonly LauncherContainer[],
  claims: ReadonlyMap<string, PersistentVolumeClaimInfo> = new Map(),
): VirtualMachineInstance => {
  const node = pod.spec?.nodeName ?? '';
  const qosClass = pod.status?.qosClass;
  const conditions = withoutCondition(withoutCondition(after.status?.conditions, 'PodScheduled'), 'Synchronized');
  return {
    ...after,
    metadata: { ...after.metadata, labels: { ...after.metadata?.labels, [Label.nodeName]: node } },
    status: {
      ...after.status,
      conditions,
      nodeName: node,
      activePods: { [pod.metadata?.uid ?? '']: node },
      interfaces: interfaces(after, pod),
      launcherContainerImageVersion: launcherImage(pod),
      launcherPod: after.status?.launcherPod && { ...after.status.launcherPod, containers: [...containers] },
      volumeStatus: withClaims(after, claims),
      ...(qosClass === 'BestEffort' || qosClass === 'Burstable' || qosClass === 'Guaranteed' ? { qosClass } : {}),
    },
  };
};

/** The guest has the pod's address. */
const onPodNetwork = (vmi: VirtualMachineInstance, pod: Pod): VirtualMachineInstanceNetworkInterface[] => {
  const network = vmi.spec.networks?.find(({ pod: source }) => source !== undefined);
  if (!network) return [];
  const ipAddress = pod.status?.podIP;
  const all = (pod.status?.podIPs ?? []).flatMap(({ ip }) => ip ?? []);
  const ipAddresses = all.length > 0 ? all : ipAddress ? [ipAddress] : [];
  return [{ name: network.name, ipAddress, ipAddresses, podInterfaceName: FIRST_DEVICE }];
};

const interfaces = (vmi: VirtualMachineInstance, pod: Pod): VirtualMachineInstanceNetworkInterface[] | undefined => {
  const known = [...onPodNetwork(vmi, pod), ...attachedStatus(vmi, pod)];
  return known.length === 0 ? vmi.status?.interfaces : known;
};
