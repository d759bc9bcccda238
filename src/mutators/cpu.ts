import type { CPU } from '../api/schema/cpu-memory.js';
import type { MutationStep } from './mutation.js';
import { readNonZero, readQuantity } from './quantities.js';

/** What the field can hold; how many vCPUs there may be a rule says. */
const MOST_SOCKETS = 2 ** 32 - 1;
/** KVM's limit of vCPUs that the default of hot-pluggable sockets may reach (docs/reference/admission.md §4.2.3). */
const MAX_DEFAULT_VCPUS = 512;

export const cpuRequestFromLimit: MutationStep = {
  id: 'mut.cpu-request-from-limit',
  summary: '`resources.requests.cpu` becomes `resources.limits.cpu`.',
  apply: ({ spec }) => {
    const { resources } = spec.domain;
    const limit = resources?.limits?.['cpu'];
    if (resources === undefined || limit === undefined || readNonZero(limit) === undefined) return;
    const request = resources.requests?.['cpu'];
    if (request !== undefined && !readQuantity(request)?.isZero()) return;
    (resources.requests ??= {})['cpu'] = limit;
  },
};

export const cpuRequestOfCluster: MutationStep = {
  id: 'mut.cpu-request-cluster',
  summary: "`resources.requests.cpu` becomes the cluster's `cpuRequest`, where that is not 100m.",
  apply: ({ spec }, { config }) => {
    // Undefined is 100m, which clients write out without meaning it.
    const { cpuRequest } = config;
    if (cpuRequest === undefined) return;
    if (spec.domain.cpu?.dedicatedCpuPlacement || spec.domain.resources?.requests?.['cpu'] !== undefined) return;
    const resources = (spec.domain.resources ??= {});
    (resources.requests ??= {})['cpu'] = cpuRequest.toString();
  },
};

export const cpuTopology: MutationStep = {
  id: 'mut.cpu-topology',
  summary:
    '`cpu` becomes as many sockets as the CPU limit, else the request, else 1 (rounded up), of 1 core and 1 thread.',
  apply: ({ spec }) => {
    const cpu = (spec.domain.cpu ??= {});
    if (cpu.sockets || cpu.cores || cpu.threads) return;
    const { limits, requests } = spec.domain.resources ?? {};
    const wanted = readQuantity(limits?.['cpu'] ?? requests?.['cpu'])?.value() ?? 1n;
    Object.assign(cpu, { cores: 1, threads: 1 });
    // An amount of zero says nothing of sockets, and no number of them is one. A negative amount is refused by a rule.
    if (wanted !== 0n) cpu.sockets = Math.min(Math.max(Number(wanted), 1), MOST_SOCKETS);
  },
};

/** The most sockets by default: the cluster's number, else a multiple of what the VM has, within what KVM can do. */
const defaultMaxSockets = (cpu: CPU, clusterMaximum: number | undefined, ratio: number): number => {
  const sockets = cpu.sockets ?? 0;
  if (clusterMaximum) return Math.max(clusterMaximum, sockets);
  const perSocket = (cpu.cores ?? 0) * (cpu.threads ?? 0);
  const maximum = sockets * ratio;
  if (maximum * perSocket <= MAX_DEFAULT_VCPUS) return maximum;
  return Math.max(Math.trunc(MAX_DEFAULT_VCPUS / perSocket), sockets);
};

export const cpuHotplug: MutationStep = {
  id: 'mut.hotplug-cpu',
  summary: '`cpu.maxSockets` leaves room for CPU hotplug (rollout strategy LiveUpdate, not on arm64).',
  apply: ({ spec }, { config }) => {
    const { cpu } = spec.domain;
    if (config.vmRolloutStrategy !== 'LiveUpdate' || spec.architecture === 'arm64') return;
    if (cpu === undefined || cpu.maxSockets) return;
    const { maxCpuSockets, maxHotplugRatio } = config.liveUpdate;
    const maximum = defaultMaxSockets(cpu, maxCpuSockets, maxHotplugRatio);
    // A negative number of sockets is refused by the schema; its multiple would be a second mistake.
    if (maximum > 0) cpu.maxSockets = maximum;
  },
};
