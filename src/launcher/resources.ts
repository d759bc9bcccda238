import { dedicatedCpuCount, dedicatedCpus } from '../api/vmi/dedicated-cpus.js';
import { vcpuCount, guestMemory } from '../api/vmi/guest-size.js';
import { hasTap } from '../api/vmi/guest-network.js';
import { DeviceResource } from '../api/names.js';
import { hugePages } from '../api/vmi/hugepages.js';
import { isLimitedForLock } from '../api/vmi/memory-lock.js';
import type { ClusterConfig } from '../api/settings/cluster-config.js';
import type { SupportContainer } from '../api/settings/support-containers.js';
import { cpuRequest, resource, wantsGuaranteed, wholeCpu } from '../api/vmi/qos.js';
import { parseQuantity, Quantity } from '../api/quantity.js';
import type { VirtualMachineInstance } from '../api/schema/kinds.js';
import type { LauncherContext } from './pod-input.js';
import { memoryOverhead, sharingMemory } from './overhead.js';
import { ephemeralStorage } from './storage.js';

/** Of a container: quantities as text. */
export interface Resources {
  requests: Record<string, string>;
  limits: Record<string, string>;
}

/** How far a pod with an automatic memory limit may grow beyond its request, in thousandths. */
const AUTO_LIMIT_RATIO = 2000n;
const AUTO_LIMIT_LABEL = 'alpha.kubevirt.io/auto-memory-limits-ratio';

const autoLimitRatio = (labels: Readonly<Record<string, string>> | undefined): bigint => {
  const text = labels?.[AUTO_LIMIT_LABEL];
  if (text === undefined || !/^\d{1,4}(\.\d{1,6})?$/.test(text)) return AUTO_LIMIT_RATIO;
  const ratio = parseQuantity(text).milliValue();
  return ratio < 1000n ? AUTO_LIMIT_RATIO : ratio;
};

/** What was asked for beyond the guest: of a guest in huge pages that alone is ordinary memory. */
const beyond = (asked: Quantity, guest: bigint): Quantity =>
  asked.value() > guest ? Quantity.of(asked.value() - guest) : Quantity.zero;

/** Request and limit of ordinary memory, without the overhead. */
const ownMemory = (vmi: VirtualMachineInstance, config: ClusterConfig) => {
  const { spec } = vmi;
  const guest = guestMemory(spec);
  const limit = resource(spec, 'limits', 'memory');
  const asked = resource(spec, 'requests', 'memory') ?? limit;
  if (hugePages(spec) !== undefined)
    return { own: asked === undefined ? Quantity.zero : beyond(asked, guest), limit: limit && beyond(limit, guest) };
  // What is locked is all there, and no more than the pod may have; nor may a pod of exclusive CPUs have more than it
  // requests, so the cluster's overcommit would have its guest killed.
  if (isLimitedForLock(spec, config) || dedicatedCpus(vmi) !== undefined) {
    const own = asked ?? Quantity.of(guest);
    return { own, limit: limit ?? own };
  }
  const overcommitted = (guest * 100n) / BigInt(config.memoryOvercommit > 0 ? config.memoryOvercommit : 100);
  return { own: asked ?? Quantity.of(overcommitted), limit };
};

/** What is requested for the guest's memory, in pages of any size; what running it costs is not counted. */
export const guestRequest = (vmi: VirtualMachineInstance, config: ClusterConfig): Quantity =>
  hugePages(vmi.spec) === undefined ? ownMemory(vmi, config).own : Quantity.of(guestMemory(vmi.spec));

const memory = (vmi: VirtualMachineInstance, context: LauncherContext) => {
  const { config } = context;
  const overhead = Quantity.of(memoryOverhead(vmi, config));
  const { own, limit } = ownMemory(vmi, config);
  // Exclusive CPUs are for Guaranteed pods, so nothing of memory is overcommitted (admission refuses who asks for it).
  if (dedicatedCpus(vmi) !== undefined) return { request: own.add(overhead), limit: own.add(overhead) };
  const request = vmi.spec.domain.resources?.overcommitGuestOverhead === true ? own : own.add(overhead);
  if (limit !== undefined) return { request, limit: limit.add(overhead) };
  if (context.namespaceHasMemoryQuota !== true) return { request };
  const automatic = (request.value() * autoLimitRatio(context.namespaceLabels)) / 1000n;
  return { request, limit: Quantity.of(automatic) };
};

/** Source: docs/reference/density-and-cpu.md §5.4 for Guaranteed, docs/reference/domain.md §8.4 for the rest. */
const cpu = (vmi: VirtualMachineInstance, context: LauncherContext) => {
  const { config } = context;
  const dedicated = dedicatedCpus(vmi);
  if (dedicated !== undefined) {
    const whole = Quantity.ofMilli(dedicatedCpuCount(dedicated) * 1000);
    return { request: whole, limit: whole };
  }
  const vcpus = vcpuCount(vmi.spec);
  const given = resource(vmi.spec, 'limits', 'cpu');
  const whole = wantsGuaranteed(vmi.spec) || context.namespaceHasCpuQuota === true;
  const limit = given ?? (whole ? wholeCpu(vmi.spec, vcpus) : undefined);
  return { request: cpuRequest(vmi.spec, config, vcpus), limit };
};

/** Amounts as Kubernetes prints them, without those of other concern. */
const canonical = (
  values: Readonly<Record<string, string | number>>,
  except: readonly string[] = [],
): Record<string, string> =>
  Object.fromEntries(
    Object.entries(values)
      .filter(([name]) => !except.includes(name))
      .map(([name, value]) => [name, parseQuantity(value).toString()]),
  );

/** The amounts as text, without the absent ones. */
const texts = (values: Readonly<Record<string, Quantity | undefined>>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).flatMap(([name, q]) => (q === undefined ? [] : [[name, q.toString()]])));

/** Kubernetes wants as many requested as limited, and gives none that are not asked for. */
const forHugePages = ({ spec }: VirtualMachineInstance): Record<string, string> => {
  const pages = hugePages(spec);
  return pages === undefined ? {} : { [pages.resource]: Quantity.of(guestMemory(spec)).toString() };
};

/** Requests and limits of the compute container. Whatever else the VMI asks for is passed on. */
export const computeResources = (vmi: VirtualMachineInstance, context: LauncherContext): Resources => {
  const { requests = {}, limits = {} } = vmi.spec.domain.resources ?? {};
  const [forMemory, forCpu] = [memory(vmi, context), cpu(vmi, context)];
  const forStorage = ephemeralStorage(vmi, context);
  const storage = 'ephemeral-storage';
  const pages = forHugePages(vmi);
  return {
    requests: {
      ...canonical(requests),
      ...texts({ memory: forMemory.request, cpu: forCpu.request, [storage]: forStorage.request }),
      ...pages,
    },
    limits: {
      ...canonical(limits, ['memory', 'cpu']),
      ...texts({ memory: forMemory.limit, cpu: forCpu.limit, [storage]: forStorage.limit }),
      ...pages,
      // The API server copies the limit of a device to its request.
      ...(context.config.useEmulation ? {} : devices(vmi)),
    },
  };
};

/**
 * From our device plugin, which serves kubelets from 1.29 on: those that can give KVM. For an emulated guest nothing is
 * asked for; the agent makes the device of its tap in the pod (device-owner.ts).
 */
const devices = (vmi: VirtualMachineInstance): Record<string, string> => ({
  [DeviceResource.kvm]: '1',
  ...(hasTap(vmi) ? { [DeviceResource.tun]: '1' } : {}),
});

/** A container that does next to nothing; Guaranteed pods need request and limit equal in every container. */
const support = (vmi: VirtualMachineInstance, cpuRequest: string, cpuLimit: string): Resources => {
  const limits = { cpu: cpuLimit, memory: '40M' };
  return { requests: wantsGuaranteed(vmi.spec) ? { ...limits } : { cpu: cpuRequest, memory: '1M' }, limits };
};

/** With what the cluster's settings say of containers of this type in place of our own numbers. */
const asConfigured = (
  { spec }: VirtualMachineInstance,
  { config }: LauncherContext,
  type: SupportContainer,
  own: Resources,
): Resources => {
  const given = config.supportContainers[type];
  if (given === undefined) return own;
  const limits = { ...own.limits, ...canonical(given.limits ?? {}) };
  return {
    requests: wantsGuaranteed(spec) ? { ...limits } : { ...own.requests, ...canonical(given.requests ?? {}) },
    limits,
  };
};

/** Of a container that only keeps an image mounted (docs/reference/domain.md §8.2). */
export const heldImageResources = (vmi: VirtualMachineInstance, context: LauncherContext): Resources =>
  asConfigured(vmi, context, 'container-disk', support(vmi, '1m', '10m'));
/** Of the init container that copies one file. */
export const initResources = (vmi: VirtualMachineInstance): Resources =>
  wantsGuaranteed(vmi.spec) ? support(vmi, '10m', '10m') : support(vmi, '10m', '100m');

/** Of a container that shares a directory with the guest, as fast as one CPU copies. */
export const sharingResources = (vmi: VirtualMachineInstance, context: LauncherContext): Resources => {
  const isGuaranteed = wantsGuaranteed(vmi.spec);
  const { request, limit } = sharingMemory(vmi.spec);
  const limits = { cpu: isGuaranteed ? '100m' : '1', memory: Quantity.of(limit).toString() };
  const requests = { cpu: isGuaranteed ? limits.cpu : '10m', memory: Quantity.of(request).toString() };
  return asConfigured(vmi, context, 'virtiofs', { requests, limits });
};

/** Of the container that prints the guest's console: it copies at most 256 KiB a second. */
export const consoleLogResources = (vmi: VirtualMachineInstance, context: LauncherContext): Resources => {
  const limits = { cpu: '20m', memory: '16Mi' };
  const requests = wantsGuaranteed(vmi.spec) ? { ...limits } : { cpu: '2m', memory: '4Mi' };
  return asConfigured(vmi, context, 'guest-console-log', { requests, limits });
};
