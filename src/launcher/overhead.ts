import type { ClusterConfig } from '../api/settings/cluster-config.js';
import { EMULATION_CACHE_MIB, guestMemory, vcpuCount } from '../api/vmi/guest-size.js';
import { hugePages } from '../api/vmi/hugepages.js';
import { DEVICE_FIELDS } from '../api/vmi/devices.js';
import { wantsGuaranteed } from '../api/vmi/qos.js';
import { MEBIBYTE, parseQuantity } from '../api/quantity.js';
import type { VirtualMachineInstance } from '../api/schema/kinds.js';

/**
 * What every VM costs besides its guest, as measured on Debian 13 (private memory): libvirtd 9, passt 15, the
 * entrypoint with its helpers 1, the sockets of the forwarded ports 8, QEMU's own code and heap 30 MiB. KubeVirt
 * reserves 240 MiB.
 */
const FIXED_OVERHEAD = 64n * MEBIBYTE;
/** QEMU's per-vCPU structures, stack and KVM state. */
const PER_VCPU = 8n * MEBIBYTE;
/** Stack and buffers of QEMU's I/O workers. */
const IO_THREAD = 8n * MEBIBYTE;
/** Nothing may push a Guaranteed VM over its limit, so it gets a margin (docs/reference/domain.md §8.5). */
const GUARANTEED_MARGIN = 100n * MEBIBYTE;
/** One byte of page table maps 512 bytes of guest. */
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
 * Bytes the launcher pod needs beyond the guest's own memory. Source of the terms: docs/reference/density-and-cpu.md
 * §5.3, with our own fixed part.
 */
export const memoryOverhead = (vmi: VirtualMachineInstance, config: ClusterConfig): bigint => {
  const { devices, memory } = vmi.spec.domain;
  const tables = hugePages(vmi.spec) === undefined ? guestMemory(vmi.spec) / PAGE_TABLE_RATIO : 0n;
  let bytes = tables + FIXED_OVERHEAD + IO_THREAD;
  bytes += PER_VCPU * BigInt(vcpuCount(vmi.spec));
  for (const { memory: ofDevice } of Object.values(DEVICE_FIELDS)) bytes += ofDevice(devices);
  if (wantsGuaranteed(vmi.spec)) bytes += GUARANTEED_MARGIN;
  if (config.useEmulation) bytes += BigInt(EMULATION_CACHE_MIB) * MEBIBYTE;
  const added = memory?.reservedOverhead?.addedOverhead;
  if (added !== undefined) bytes += parseQuantity(added).value();
  return scaled(bytes, config.additionalGuestMemoryOverheadRatio);
};
