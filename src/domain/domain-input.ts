import type { ClusterConfig } from '../api/settings/cluster-config.js';
import type { VmPaths } from '../api/pod-layout.js';
import type { ExclusiveCpus } from './cpu-pool.js';

/** In bytes. */
export interface BlockSizes {
  /** 0: unknown. */
  readonly logical: number;
  /** 0: unknown. */
  readonly physical: number;
  /** 0: it cannot discard, or does not say. */
  readonly discardGranularity: number;
}

/** What is known about the image behind a volume, by looking at it. */
export interface DiskContext {
  readonly format: 'raw' | 'qcow2';
  /** The volume is a device node (a block PVC). */
  readonly blockDevice?: boolean;
  /** Whether O_DIRECT works on it. Unknown: QEMU's own cache mode, unless the disk names one. */
  readonly directIo?: boolean;
  /** Of a raw image whose size alone is what keeps O_DIRECT from working: that size. */
  readonly unalignedBytes?: bigint;
  /** The blocks of the device, or of the file system that the image is on. */
  readonly blockSize?: BlockSizes;
  /** Every block of a raw image is there, so that writing to it allocates none. */
  readonly preallocated?: boolean;
  /** Of a device node: whether it understands SCSI commands. Unknown: as if it did. */
  readonly scsi?: boolean;
  /** Where the image is, when it is not where {@link VmPaths} would have it (`kubectl virt run`). */
  readonly path?: string;
}

/** What a network that Multus attached gave the pod. */
export interface AttachedFacts {
  /** Of the guest's card, where it names none. */
  readonly mac: string;
  readonly mtu: number;
}

/** Everything a domain depends on besides its VMI. */
export interface DomainContext {
  readonly config: ClusterConfig;
  readonly paths: VmPaths;
  /** KVM works where the guest will run: the device is in its pod and the node's self-test passed. */
  readonly kvmAvailable: boolean;
  readonly node: { readonly labels: Readonly<Record<string, string>> };
  /** What the pod has for itself; needed for a VM with dedicated CPUs. */
  readonly exclusiveCpus?: ExclusiveCpus;
  /** The guest's memory is to be locked, and QEMU has the right to. */
  readonly lockMemory?: boolean;
  /** By volume name; needed for containerDisks and PVCs. */
  readonly disks: Readonly<Record<string, DiskContext>>;
  /** passt: libvirt has that backend (9.2 and newer). Otherwise QEMU's own user network: outgoing connections only. */
  readonly network: {
    readonly passt: boolean;
    /** For interfaces that go by a tap; absent: passt carries theirs too (`kubectl virt run`). */
    readonly tap?: {
      /** A persistent tap of the guest's uid in the network namespace where QEMU runs. */
      readonly device: string;
      readonly mtu?: number;
    };
    /**
     * Of networks that Multus attached, by the name of the interface; absent: it is not known (`kubectl virt render`).
     * `none`: nobody attaches any (`kubectl virt run`).
     */
    readonly attached?: Readonly<Record<string, AttachedFacts>> | 'none';
  };
}
