import { usesPasst } from '../api/vmi/guest-network.js';
import type { ClusterConfig } from '../api/settings/cluster-config.js';
import { EMULATION_CACHE_MIB, guestMemory, vcpuCount } from '../api/vmi/guest-size.js';
import { poolThreads } from '../api/vmi/io-thread-pool.js';
import { hugePages } from '../api/vmi/hugepages.js';
import { DEVICE_FIELDS } from '../api/vmi/devices.js';
import { efiBoot } from '../api/vmi/efi.js';
import { wantsGuaranteed } from '../api/vmi/qos.js';
import { MEBIBYTE, parseQuantity } from '../api/quantity.js';
import type { VirtualMachineInstance } from '../api/schema/kinds.js';

type Spec = VirtualMachineInstance['spec'];

/*
 * What a VM costs besides its guest, as `npm run bench:density` measured it: libvirt and QEMU of the launcher image,
 * their code included, as of a node's only VM, with guests that fill their memory. Each term is a tenth or so more than
 * what was used; docs/density.md has the table. KubeVirt reserves 240 MiB before the first term.
 */

/** libvirtd, QEMU and the entrypoint: 76 MiB, of which 40 are code that VMs share. */
const FIXED_OVERHEAD = 86n * MEBIBYTE;
/** 1.1 MiB: the thread's stack and heap; and KVM's state of it. */
const PER_VCPU = 2n * MEBIBYTE;
/** 0.6 MiB: its queue, and the buffers of what is read and written. */
const PER_DISK = (3n * MEBIBYTE) / 4n;
/** A thread of a pool of I/O threads. */
const PER_POOL_THREAD = MEBIBYTE;
/** virtiofsd's own, for each file system of the guest: 2.5 MiB, its code, and the shell that keeps it. */
const VIRTIOFSD = 8n * MEBIBYTE;
/** What it may have of files' pages and buffers beside the guest's memory. */
const VIRTIOFSD_ROOM = 64n * MEBIBYTE;
/** Of passt, where it serves an interface: 15 MiB, and the sockets of the forwarded ports. */
const PASST = 24n * MEBIBYTE;
/** UEFI firmware's code and variables in QEMU: 7 MiB. */
const EFI = 8n * MEBIBYTE;
/** Nothing may push a Guaranteed VM over its limit, so it gets a margin (docs/reference/domain.md §8.5). */
const GUARANTEED_MARGIN = 24n * MEBIBYTE;
/** One byte of page table maps 512 bytes of guest: QEMU's own, and a second time for KVM's. */
const PAGE_TABLE_RATIO = 512n;

/**
 * `bytes × ratio` for a decimal such as "1.25", exactly; an absent or malformed ratio, or one below 1, changes nothing.
 */
const scaled = (bytes: bigint, ratio: string | undefined): bigint => {
  const [, whole, fraction = ''] = /^(\d{1,6})(?:\.(\d{1,9}))?$/.exec(ratio ?? '') ?? [];
  if (whole === undefined) return bytes;
  const result = (bytes * BigInt(whole + fraction)) / 10n ** BigInt(fraction.length);
  return result < bytes ? bytes : result;
};

/**
 * Bytes of a container that shares a directory with the guest. It maps the guest's memory, and what of it is touched
 * there first (the guest's cache of files) counts as the container's, not as QEMU's: the limit has room for it. Not of
 * a Guaranteed VM or one in huge pages, whose memory QEMU has touched.
 */
export const sharingMemory = (spec: Spec): { readonly request: bigint; readonly limit: bigint } => {
  const tables = hugePages(spec) === undefined ? guestMemory(spec) / PAGE_TABLE_RATIO : 0n;
  const most = VIRTIOFSD_ROOM + tables;
  return wantsGuaranteed(spec)
    ? { request: most, limit: most }
    : { request: VIRTIOFSD + tables, limit: hugePages(spec) === undefined ? most + guestMemory(spec) : most };
};

/** Of huge pages they are next to nothing. */
const pageTables = (spec: Spec, { useEmulation }: ClusterConfig): bigint => {
  if (hugePages(spec) !== undefined) return 0n;
  const one = guestMemory(spec) / PAGE_TABLE_RATIO;
  return useEmulation ? one : 2n * one;
};

/**
 * Bytes the launcher pod needs beyond the guest's own memory. Source of the terms: docs/reference/density-and-cpu.md
 * §5.3, with our own fixed part.
 */
export const memoryOverhead = (vmi: VirtualMachineInstance, config: ClusterConfig): bigint => {
  const { devices, memory } = vmi.spec.domain;
  let bytes = FIXED_OVERHEAD + pageTables(vmi.spec, config);
  bytes += PER_DISK * BigInt(devices.disks?.length ?? 0) + PER_POOL_THREAD * BigInt(poolThreads(vmi.spec));
  if (usesPasst(vmi)) bytes += PASST;
  if (efiBoot(vmi.spec.domain) !== undefined) bytes += EFI;
  bytes += PER_VCPU * BigInt(vcpuCount(vmi.spec));
  for (const { memory: ofDevice } of Object.values(DEVICE_FIELDS)) bytes += ofDevice(devices);
  if (wantsGuaranteed(vmi.spec)) bytes += GUARANTEED_MARGIN;
  if (config.useEmulation) bytes += BigInt(EMULATION_CACHE_MIB) * MEBIBYTE;
  const added = memory?.reservedOverhead?.addedOverhead;
  if (added !== undefined) bytes += parseQuantity(added).value();
  return scaled(bytes, config.additionalGuestMemoryOverheadRatio);
};
