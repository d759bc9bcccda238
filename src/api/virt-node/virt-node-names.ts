/** CPU vendors in libvirt's words. */
export const CPU_VENDORS = ['Intel', 'AMD', 'Hygon'] as const;
export type CpuVendor = (typeof CPU_VENDORS)[number];

/** How a seccomp profile is called: 128 bits of its SHA-256, as hexadecimal digits. */
export const PROFILE_DIGEST = /^[0-9a-f]{32}$/;

export const VIRT_NODES = 'virtnodes';

/** What the density report warns of; the reasons of the agent's events on its Node. */
export const DENSITY_WARNINGS = [
  /** VMs with less memory requested than their guests may use run, and kubelet has no soft eviction threshold. */
  'SoftEvictionNotConfigured',
  /** Soft evictions cut guests off: kubelet gives pods less time than a VM's grace period. */
  'EvictionGraceTooShort',
  /** What runs on the node beside pods uses more memory than is reserved for it. */
  'SystemReservedExceeded',
  /** The node swaps, and VMs with less memory requested than their guests may use run. */
  'SwapEnabled',
  /** The node swaps, and has less swap than the cluster's memoryOvercommit needs. */
  'SwapTooSmall',
  /** The guests of the node have more than 150 % of its memory. */
  'MemoryOvercommit',
] as const;
export type DensityWarning = (typeof DENSITY_WARNINGS)[number];

/** kubelet's words for which containers may swap; `NoSwap` where its configuration names none. */
export const SWAP_BEHAVIORS = ['NoSwap', 'LimitedSwap', 'UnlimitedSwap'] as const;
