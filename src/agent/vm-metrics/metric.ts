import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import type { ClusterConfig } from '../../api/settings/cluster-config.js';
import type { GuestUsage } from '../hypervisor/guest-usage.js';
import type { DomainUsage } from '../hypervisor/statistics.js';
import type { DomainView } from '../hypervisor/hypervisor.js';
import type { PodUsage } from '../pod/pod-usage.js';

/** What is known of a running VM at one scrape. What could not be had is undefined, and nothing is shown of it. */
export interface Observed {
  readonly vmi: VirtualMachineInstance;
  readonly config: ClusterConfig;
  /** libvirt's counts. */
  readonly domain?: DomainUsage;
  /** The kernel's. */
  readonly pod?: PodUsage;
  /** The guest's own word. */
  readonly guest?: GuestUsage;
  /** Names of disks and network cards. */
  readonly view?: DomainView;
}

type Value = number | undefined;

/** A metric of each running VM: one value, or one for each of several things, which labels tell apart. */
export type VmMetric = {
  readonly name: string;
  readonly help: string;
  /** A counter only rises as long as the VM runs. */
  readonly kind: 'gauge' | 'counter';
} & (
  | { readonly value: (observed: Observed) => Value }
  | {
      readonly labels: readonly string[];
      /** The values of the labels, in their order, and the value. */
      readonly values: (observed: Observed) => Iterable<readonly [labels: readonly string[], value: Value]>;
    }
);

/** What a sum of bytes or seconds may be and still be exact. Above it is what only a liar says. */
export const MAX_VALUE = Number.MAX_SAFE_INTEGER;

/** NaN, negative and absurd numbers are not shown: many of them are a guest's own word. */
export const isShown = (value: Value): value is number => value !== undefined && value >= 0 && value <= MAX_VALUE;
