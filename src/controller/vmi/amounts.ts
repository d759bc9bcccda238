import { quantityBytes, Quantity, tryQuantity } from '../../api/quantity.js';
import { guestMemory } from '../../api/vmi/guest-size.js';
import { hugePages } from '../../api/vmi/hugepages.js';
import { resource } from '../../api/vmi/qos.js';
import type { VirtualMachineInstance } from '../../api/schema/kinds.js';

/* What a VM asks a cluster for, in the words of who wrote it: how much is the guest's, how much is on top. */

const UNITS = ['Ki', 'Mi', 'Gi', 'Ti', 'Pi'] as const;
/** From this many of a unit on, fractions of it say nothing. */
const WHOLE = 10n;

/**
 * Bytes as people write them: the largest unit of which there is one at least, with a decimal where that is below ten.
 * @param rounded up for what is needed, down for what there is
 */
export const readableBytes = (bytes: bigint, rounded: 'up' | 'down'): string => {
  let unit = -1;
  let size = 1n;
  while (unit < UNITS.length - 1 && bytes >= size * 1024n) [unit, size] = [unit + 1, size * 1024n];
  const up = rounded === 'up' ? size - 1n : 0n;
  const suffix = UNITS[unit] ?? '';
  if (unit < 0 || bytes >= WHOLE * size) return `${(bytes + up) / size}${suffix}`;
  const tenths = (bytes * 10n + up) / size;
  return tenths % 10n === 0n ? `${tenths / 10n}${suffix}` : `${tenths / 10n}.${tenths % 10n}${suffix}`;
};

/** An amount of any resource: bytes where it is memory or storage, otherwise as Kubernetes prints it. */
export const readableAmount = (name: string, amount: Quantity, rounded: 'up' | 'down'): string => {
  if (!/memory|storage|hugepages/.test(name)) return amount.toString();
  return amount.sign() < 0 ? '0' : readableBytes(amount.value(), rounded);
};

/** What of a memory request is the guest's own: what the VMI says, in whichever of its fields. */
const guestPart = ({ spec }: VirtualMachineInstance): bigint | undefined => {
  const own = resource(spec, 'requests', 'memory') ?? resource(spec, 'limits', 'memory');
  if (own !== undefined) return own.value();
  try {
    return guestMemory(spec);
  } catch {
    // Stored by another version, without a size that we know.
    return undefined;
  }
};

/** "738Mi of memory (512Mi guest + 226Mi overhead)". @param total bytes that its pod asks for */
export const memoryAsked = (vmi: VirtualMachineInstance, total: bigint): string => {
  const guest = guestPart(vmi);
  const asked = `${readableBytes(total, 'up')} of memory`;
  if (guest === undefined || guest > total) return asked;
  return `${asked} (${readableBytes(guest, 'up')} guest + ${readableBytes(total - guest, 'up')} overhead)`;
};

interface WithRequests {
  readonly resources?: { readonly requests?: Readonly<Record<string, string>> };
}

/** The sum over containers of what they request of a resource; what cannot be read counts nothing. */
export const requested = (containers: readonly WithRequests[], name: string): Quantity => {
  let sum = Quantity.zero;
  for (const { resources } of containers) {
    const amount = tryQuantity(resources?.requests?.[name]);
    if (amount !== undefined) sum = sum.add(amount);
  }
  return sum;
};

/** What the guest's memory is made of, where that is not ordinary memory: ", 1Gi of hugepages-2Mi". */
const hugePagesAsked = ({ spec }: VirtualMachineInstance, containers: readonly WithRequests[]): string => {
  const resource = hugePages(spec)?.resource;
  if (resource === undefined) return '';
  return `, ${readableBytes(quantityBytes(requested(containers, resource)), 'up')} of ${resource}`;
};

/** "738Mi of memory (512Mi guest + 226Mi overhead) and 100m CPU". */
export const podAsks = (vmi: VirtualMachineInstance, containers: readonly WithRequests[]): string =>
  `${memoryAsked(vmi, quantityBytes(requested(containers, 'memory')))}${hugePagesAsked(vmi, containers)} and ${requested(containers, 'cpu').toString()} CPU`;
