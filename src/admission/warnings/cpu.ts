import { poolThreads } from '../../api/vmi/io-thread-pool.js';
import { cpuRequest, resource, wholeCpu } from '../../api/vmi/qos.js';
import { parseVcpuCount, virtletValue, VirtletAnnotation } from '../../api/virtlet/annotations.js';
import { vcpusOf, withClusterCpu } from './instance-size.js';
import { instanceWarning, kubevirtWarning } from './warning.js';

/** More vCPUs than these share a core badly (docs/reference/user-guides.md §2.3). */
const MAX_VCPUS_PER_CORE = 10;

export const cpuWarnings = [
  instanceWarning(
    'W-CPU-0',
    'apply',
    'docs/reference/density-and-cpu.md §3.4',
    `annotation ${VirtletAnnotation.vcpuCount} is zero or less`,
    ({ metadata, metadataPath }) => {
      const text = virtletValue(metadata, VirtletAnnotation.vcpuCount) ?? '';
      const count = parseVcpuCount(text);
      if (count === undefined || count > 0) return undefined;
      return {
        field: `${metadataPath}.annotations[${VirtletAnnotation.vcpuCount}]`,
        message: `${text} is no number of vCPUs: the VM gets 1`,
      };
    },
  ),
  instanceWarning(
    'W-CPU-1',
    'lint',
    'docs/reference/density-and-cpu.md §8.4; docs/reference/user-guides.md §2.3',
    'a VM of several vCPUs requests less CPU than it has vCPUs',
    (instance, config) => {
      const { path, isSized } = instance;
      if (isSized === true) return undefined;
      const spec = withClusterCpu(instance.spec, config);
      const count = vcpusOf({ metadata: instance.metadata, spec });
      if (count <= 1 || spec.domain.cpu?.dedicatedCpuPlacement) return undefined;
      const request = cpuRequest(spec, config, count);
      if (request.compare(wholeCpu(spec, count)) >= 0) return undefined;
      const pool = poolThreads(spec);
      const threads = pool === 0 ? '' : ` and ${pool} I/O thread${pool === 1 ? '' : 's'}`;
      return {
        field: `${path}.domain.cpu`,
        message: `${count} vCPUs${threads} share ${request.toString()} of CPU; one vCPU is recommended unless the workload is truly parallel`,
      };
    },
  ),
  instanceWarning(
    'W-CPU-3',
    'lint',
    'docs/reference/density-and-cpu.md §8.4; docs/reference/user-guides.md §2.2',
    'a CPU request without a CPU limit',
    ({ path, spec }, config) => {
      const request = resource(spec, 'requests', 'cpu');
      if (request === undefined || resource(spec, 'limits', 'cpu') !== undefined) return undefined;
      // The cluster's default is not the user's doing.
      if (spec.domain.cpu?.dedicatedCpuPlacement || config.cpuRequest?.equals(request) === true) return undefined;
      return {
        field: `${path}.domain.resources.requests.cpu`,
        message:
          'without a limit, how fast the VM is depends on its neighbours; set limits.cpu for a predictable speed',
      };
    },
  ),
  kubevirtWarning(
    'W-CPU-4',
    'apply',
    'docs/reference/density-and-cpu.md §8.4',
    'a spread of CPU limits that gives the threads of the emulator no part of their own',
    ({ spec }) =>
      spec.configuration?.cpuTuning?.limitSpread === 'VCPUOnly'
        ? [
            {
              field: 'spec.configuration.cpuTuning.limitSpread',
              message:
                'VCPUOnly does not limit the threads of the emulator: they may leave the vCPUs nothing of the limit; Global limits both',
            },
          ]
        : [],
  ),
  kubevirtWarning(
    'W-CPU-5',
    'apply',
    'docs/reference/density-and-cpu.md §8.4; docs/reference/user-guides.md §2.3',
    `the CPU allocation ratio lets more than ${MAX_VCPUS_PER_CORE} vCPUs share a core (more still with hyper-threading, which the webhook does not know of)`,
    ({ spec }, config) => {
      const ratio = spec.configuration?.developerConfiguration?.cpuAllocationRatio ?? 0;
      // Otherwise W-CPU-6.
      if (ratio <= MAX_VCPUS_PER_CORE || config.cpuRequest !== undefined) return [];
      return [
        {
          field: 'spec.configuration.developerConfiguration.cpuAllocationRatio',
          message: `${ratio} lets ${ratio} vCPUs and more share a physical core; more than ${MAX_VCPUS_PER_CORE} is not recommended`,
        },
      ];
    },
  ),
  kubevirtWarning(
    'W-CPU-6',
    'apply',
    'docs/reference/density-and-cpu.md §8.2',
    '`cpuAllocationRatio` beside a `cpuRequest`, which every VM without a CPU request of its own gets',
    ({ spec }, config) =>
      spec.configuration?.developerConfiguration?.cpuAllocationRatio === undefined || config.cpuRequest === undefined
        ? []
        : [
            {
              field: 'spec.configuration.developerConfiguration.cpuAllocationRatio',
              message: `no effect: every VM without a CPU request gets the cpuRequest ${config.cpuRequest.toString()}; remove one of the two`,
            },
          ],
  ),
];
