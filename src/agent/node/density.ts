import { isAgentPhase } from '../../agent-api/instance-status.js';
import { tryQuantity } from '../../api/quantity.js';
import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import type { ClusterConfig } from '../../api/settings/cluster-config.js';
import type { DensityWarning, KubeletMemorySettings, NodeDensity } from '../../api/virt-node/virt-node.js';
import { gracePeriod } from '../../api/vmi/grace-period.js';
import { guestMemory } from '../../api/vmi/guest-size.js';
import { guestRequest } from '../../launcher/index.js';
import type { Meminfo } from './meminfo.js';

/*
 * How full the node may become, how full it is, and what there is to be said about that. Pure. Source:
 * docs/reference/density-and-cpu.md §6.5, §6.6, §6.8, §8.4.
 */

export interface DensityInput {
  readonly memory: Meminfo;
  readonly kubelet: KubeletMemorySettings | undefined;
  /** Of the Node's status. */
  readonly allocatable: string | undefined;
  /** What runs beside pods, in bytes. */
  readonly systemBytes: number | undefined;
  /** All of the node, whatever their phase. */
  readonly vmis: readonly VirtualMachineInstance[];
  readonly config: ClusterConfig;
}

export interface Density {
  readonly report: NodeDensity;
  /** Of the report's warnings, in its order. */
  readonly texts: Readonly<Record<string, string>>;
}

/** Of physical memory; guests of more swap or are killed sooner or later. */
const MOST_OVERCOMMIT_PERCENT = 150;

interface Sizes {
  readonly vms: number;
  readonly guest: bigint;
  readonly requested: bigint;
  /** Some VM may use more than it requests. */
  readonly overcommitted: boolean;
  readonly longestGrace: number;
}

const NOBODY: Sizes = { vms: 0, guest: 0n, requested: 0n, overcommitted: false, longestGrace: 0 };

const sizes = (vmis: readonly VirtualMachineInstance[], config: ClusterConfig): Sizes =>
  vmis.reduce((sum, vmi) => {
    if (!isAgentPhase(vmi.status?.phase)) return sum;
    try {
      const [guest, requested] = [guestMemory(vmi.spec), guestRequest(vmi, config).value()];
      const gives = vmi.spec.domain.resources?.overcommitGuestOverhead === true;
      return {
        vms: sum.vms + 1,
        guest: sum.guest + guest,
        requested: sum.requested + requested,
        overcommitted: sum.overcommitted || guest > requested || gives,
        longestGrace: Math.max(sum.longestGrace, gracePeriod(vmi)),
      };
    } catch {
      // A size that no guest can have: it does not start.
      return sum;
    }
  }, NOBODY);

/** For people, with a unit; never more digits than say something. */
const readable = (bytes: number): string =>
  bytes >= 1024 ** 3 ? `${(bytes / 1024 ** 3).toFixed(1)} GiB` : `${Math.round(bytes / 1024 ** 2)} MiB`;

type Warnings = readonly (readonly [DensityWarning, string])[];

const evictionWarnings = (kubelet: KubeletMemorySettings | undefined, all: Sizes): Warnings => {
  if (kubelet === undefined) return [];
  const { evictionSoftBytes, evictionMaxPodGraceSeconds: grace } = kubelet;
  if (evictionSoftBytes === undefined) {
    const text =
      'soft eviction is not configured: VMs that request less memory than their guests have can only be cut off; ' +
      'set evictionSoft, evictionSoftGracePeriod and evictionMaxPodGracePeriod of kubelet';
    return all.overcommitted ? [['SoftEvictionNotConfigured', text]] : [];
  }
  if (grace < 0 || grace >= all.longestGrace) return [];
  const text =
    `evictionMaxPodGracePeriod of kubelet is ${grace} s, shorter than the longest grace period of a VM here, ` +
    `${all.longestGrace} s: a soft eviction cuts that guest off`;
  return [['EvictionGraceTooShort', text]];
};

const reserveWarnings = ({ kubelet, systemBytes }: DensityInput, { vms }: Sizes): Warnings => {
  if (kubelet === undefined || systemBytes === undefined || vms === 0) return [];
  const reserved = kubelet.systemReservedBytes + kubelet.kubeReservedBytes;
  if (systemBytes <= reserved) return [];
  const text =
    `what runs beside pods uses ${readable(systemBytes)}, systemReserved and kubeReserved of kubelet together are ` +
    `${readable(reserved)}: the scheduler gives the difference to pods`;
  return [['SystemReservedExceeded', text]];
};

const swapWarnings = ({ memory, config }: DensityInput, all: Sizes): Warnings => {
  if (memory.swapTotalKiB === 0) return [];
  const percent = config.memoryOvercommit;
  const [swap, needed] = [memory.swapTotalKiB * 1024, Math.floor((memory.totalKiB * 1024 * (percent - 100)) / 100)];
  const on =
    'swap is on: VMs survive a shortage of memory at unpredictable speed, and kubelet may not see the shortage';
  const small =
    `swap is ${readable(swap)}, less than the ${readable(needed)} that memoryOvercommit ${percent} may need: ` +
    'make it larger, or the percentage smaller';
  return [
    ...(all.overcommitted ? ([['SwapEnabled', on]] as const) : []),
    ...(swap < needed ? ([['SwapTooSmall', small]] as const) : []),
  ];
};

const overcommitWarnings = (percent: number): Warnings =>
  percent > MOST_OVERCOMMIT_PERCENT
    ? [['MemoryOvercommit', `the guests here have ${percent} % of the node's memory; more than 150 % is not advisable`]]
    : [];

/** What is to be reported now. */
export const nodeDensity = (input: DensityInput): Density => {
  const { memory, kubelet, allocatable, vmis, config } = input;
  const all = sizes(vmis, config);
  const memoryBytes = memory.totalKiB * 1024;
  const percent = Number((all.guest * 100n) / BigInt(Math.max(1, memoryBytes)));
  const warnings = [
    ...evictionWarnings(kubelet, all),
    ...reserveWarnings(input, all),
    ...swapWarnings(input, all),
    ...overcommitWarnings(percent),
  ];
  const allocatableBytes = tryQuantity(allocatable)?.value();
  return {
    report: {
      ...(kubelet === undefined ? {} : { kubelet }),
      memoryBytes,
      ...(allocatableBytes === undefined ? {} : { allocatableBytes: Number(allocatableBytes) }),
      swapBytes: memory.swapTotalKiB * 1024,
      vms: all.vms,
      guestMemoryBytes: Number(all.guest),
      requestedMemoryBytes: Number(all.requested),
      memoryOvercommitPercent: percent,
      warnings: warnings.map(([reason]) => reason),
    },
    texts: Object.fromEntries(warnings),
  };
};
