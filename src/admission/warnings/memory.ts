import { cpuIsLimitedToRequest, memoryIsLimitedToRequest, resource } from '../../api/vmi/qos.js';
import { parseQuantity } from '../../api/quantity.js';
import { hugePages } from '../../api/vmi/hugepages.js';
import type { VirtualMachineInstanceSpec } from '../../api/schema/virtualmachineinstance.js';
import { withClusterCpu } from './instance-size.js';
import { instanceWarning, kubevirtWarning, type InstanceSubject } from './warning.js';

/** Percent of physical memory up to which overcommitting is said to work (docs/reference/user-guides.md §2.4). */
const MAX_MEMORY_OVERCOMMIT = 150;

const overcommitsOverhead = ({ spec }: InstanceSubject): boolean =>
  spec.domain.resources?.overcommitGuestOverhead === true;

/** What is written of memory; the limit is what the pod may use besides the overhead. */
const memoryOf = (spec: VirtualMachineInstanceSpec) => {
  const { guest } = spec.domain.memory ?? {};
  const written = resource(spec, 'limits', 'memory');
  const request = resource(spec, 'requests', 'memory') ?? written;
  // A pod with exclusive CPUs is Guaranteed: it may use what it requests.
  const limit = spec.domain.cpu?.dedicatedCpuPlacement === true ? request : written;
  return { guest: guest === undefined ? undefined : parseQuantity(guest), request, limit };
};

/* W-MEM-4 (no memory given) is not here: such a VM is refused by rule mem.none. */
export const memoryWarnings = [
  instanceWarning(
    'W-MEM-1',
    'lint',
    'docs/reference/density-and-cpu.md §8.4; docs/reference/user-guides.md §1.2',
    '`overcommitGuestOverhead` is true',
    (instance) =>
      overcommitsOverhead(instance)
        ? {
            field: `${instance.path}.domain.resources.overcommitGuestOverhead`,
            message:
              'the memory overhead is not requested from the scheduler; long-lived or memory-hungry guests may be killed when the node is full',
          }
        : undefined,
  ),
  instanceWarning(
    'W-MEM-2',
    'lint',
    'docs/reference/density-and-cpu.md §8.4; docs/reference/user-guides.md §1.3',
    'the guest has more memory than the VM requests, and no more than its limit',
    ({ path, spec, isSized }) => {
      if (isSized === true) return undefined;
      const { guest, request, limit } = memoryOf(spec);
      // Huge pages are all set aside, whatever is requested beside them.
      if (hugePages(spec) !== undefined) return undefined;
      if (guest === undefined || request === undefined || guest.compare(request) <= 0) return undefined;
      // Then W-MEM-5 says what is worse.
      if (limit !== undefined && guest.compare(limit) > 0) return undefined;
      return {
        field: `${path}.domain.memory.guest`,
        message: `${spec.domain.memory?.guest} is more than the request ${request.toString()}: the VM is Burstable, and evicted before Guaranteed VMs`,
      };
    },
  ),
  kubevirtWarning(
    'W-MEM-3',
    'apply',
    'docs/reference/density-and-cpu.md §8.4; docs/reference/user-guides.md §2.4',
    `memory is overcommitted beyond ${MAX_MEMORY_OVERCOMMIT} %`,
    ({ spec }) => {
      const percent = spec.configuration?.developerConfiguration?.memoryOvercommit ?? 0;
      if (percent <= MAX_MEMORY_OVERCOMMIT) return [];
      return [
        {
          field: 'spec.configuration.developerConfiguration.memoryOvercommit',
          message: `${percent} % is more than the recommended ${MAX_MEMORY_OVERCOMMIT} % of physical memory`,
        },
      ];
    },
  ),
  instanceWarning(
    'W-MEM-5',
    'apply',
    'docs/reference/density-and-cpu.md §5.4',
    'the guest has more memory than its pod may use',
    ({ path, spec }) => {
      const { guest, limit } = memoryOf(spec);
      if (hugePages(spec) !== undefined) return undefined;
      if (guest === undefined || limit === undefined || guest.compare(limit) <= 0) return undefined;
      const [has, may] = [String(spec.domain.memory?.guest), limit.toString()];
      return {
        field: `${path}.domain.memory.guest`,
        message: `the guest sees ${has}, its pod may use ${may} and the overhead: the VM is killed when the guest uses its memory; write ${may} or less, or raise the limit to ${has}`,
      };
    },
  ),
];

export const qosWarnings = [
  instanceWarning(
    'W-QOS-1',
    'lint',
    'docs/reference/density-and-cpu.md §8.4, §5.4; docs/reference/user-guides.md §1.4',
    'memory is limited to its request, CPU is not',
    (instance, config) => {
      if (overcommitsOverhead(instance) || !memoryIsLimitedToRequest(instance.spec)) return undefined;
      // Exclusive CPUs make it Guaranteed, whatever else is written.
      if (instance.spec.domain.cpu?.dedicatedCpuPlacement === true) return undefined;
      if (cpuIsLimitedToRequest(withClusterCpu(instance.spec, config))) return undefined;
      return {
        field: `${instance.path}.domain.resources`,
        message:
          'memory is limited to its request but CPU is not, so the VM will be Burstable; for Guaranteed write the same CPU in requests and limits',
      };
    },
  ),
  instanceWarning(
    'W-QOS-2',
    'lint',
    'docs/reference/density-and-cpu.md §8.4, §5.4',
    'memory is limited to its request, but `overcommitGuestOverhead` is true',
    (instance, config) => {
      if (!overcommitsOverhead(instance) || !memoryIsLimitedToRequest(instance.spec)) return undefined;
      const cpu = cpuIsLimitedToRequest(withClusterCpu(instance.spec, config));
      const also = cpu ? '' : ' and write the same CPU in requests and limits';
      return {
        field: `${instance.path}.domain.resources.overcommitGuestOverhead`,
        message: `this makes the VM Burstable although its memory is limited to its request; for Guaranteed remove it${also}`,
      };
    },
  ),
];
