import type { ClusterConfig } from '../../api/settings/cluster-config.js';
import { resource } from '../../api/vmi/qos.js';
import type { VirtualMachineInstanceSpec } from '../../api/schema/virtualmachineinstance.js';
import { annotatedTopology } from '../../api/virtlet/annotations.js';
import { vcpus } from '../../validators/cpu-memory/cpu.js';
import type { InstanceSubject } from './warning.js';

/*
 * The size of a VM as defaulting will make it, without defaulting it: warnings look at what was written, and one cheap
 * look is enough.
 */

/** The spec with the CPU request that the cluster gives to VMs that say nothing about CPU (mut.cpu-request-cluster). */
export const withClusterCpu = (
  spec: VirtualMachineInstanceSpec,
  { cpuRequest }: ClusterConfig,
): VirtualMachineInstanceSpec => {
  const { resources, cpu } = spec.domain;
  // A request of zero is one: the default leaves it alone, and the pod then goes by what it goes by without any.
  const silent = resources?.requests?.['cpu'] === undefined && resource(spec, 'limits', 'cpu') === undefined;
  if (cpuRequest === undefined || !silent || cpu?.dedicatedCpuPlacement === true) return spec;
  const requests = { ...resources?.requests, cpu: cpuRequest.toString() };
  return { ...spec, domain: { ...spec.domain, resources: { ...resources, requests } } };
};

/**
 * The number of vCPUs: the topology, else the annotations, else the CPU limit or request rounded up (mut.virtlet-vcpus,
 * mut.cpu-topology).
 */
export const vcpusOf = ({ metadata, spec }: Pick<InstanceSubject, 'metadata' | 'spec'>): number => {
  const count = vcpus(spec.domain.cpu) || vcpus(annotatedTopology(metadata));
  if (count > 0) return count;
  const cpu = resource(spec, 'limits', 'cpu') ?? resource(spec, 'requests', 'cpu');
  return Math.max(Number(cpu?.value() ?? 1n), 1);
};
