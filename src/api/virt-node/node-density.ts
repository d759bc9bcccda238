import { Type } from 'typebox';
import { enumOf, int64 } from '../schema/scalars.js';
import { DENSITY_WARNINGS, SWAP_BEHAVIORS } from './virt-node-names.js';

/*
 * How full a node may become and is: the agent reports it in the VirtNode of its node, virt-controller copies it into
 * the annotation `kubevirt.io/node-density` of the Node, as JSON of this form. Numbers and words of ours only: whoever
 * forges a report puts no text into it.
 */

const bytes = () => Type.Integer({ format: 'int64', minimum: 0 });

/** kubelet's settings as it was started with them, its own defaults filled in. */
export const KubeletMemorySettings = Type.Object({
  /** Less memory than this left: pods are killed at once. 0: kubelet was told to have no such threshold. */
  evictionHardBytes: bytes(),
  /** Less than this left for so long: pods are asked to end. Absent: never. */
  evictionSoftBytes: Type.Optional(bytes()),
  evictionSoftGraceSeconds: Type.Optional(bytes()),
  /** What pods get to end in after a soft eviction; negative: their own grace period. */
  evictionMaxPodGraceSeconds: int64(),
  systemReservedBytes: bytes(),
  kubeReservedBytes: bytes(),
  failSwapOn: Type.Boolean(),
  swapBehavior: enumOf(SWAP_BEHAVIORS),
});
export type KubeletMemorySettings = Type.Static<typeof KubeletMemorySettings>;

export const NodeDensity = Type.Object({
  /** Absent: they could not be read. */
  kubelet: Type.Optional(KubeletMemorySettings),
  memoryBytes: bytes(),
  /** What the scheduler may give to pods, by the Node's status. */
  allocatableBytes: Type.Optional(bytes()),
  swapBytes: bytes(),
  /** VMs that are starting or run, what their guests have, and what they request for them (overhead not counted). */
  vms: bytes(),
  guestMemoryBytes: bytes(),
  requestedMemoryBytes: bytes(),
  /** Guests' memory, in per cent of the node's. */
  memoryOvercommitPercent: bytes(),
  warnings: Type.Array(enumOf(DENSITY_WARNINGS), { maxItems: DENSITY_WARNINGS.length }),
});
export type NodeDensity = Type.Static<typeof NodeDensity>;
