import { parseQuantity } from './quantity.js';
import type { VirtualMachineInstanceSpec } from './schema/virtualmachineinstance.js';

const MEBIBYTE = 1024n * 1024n;
const GIBIBYTE = 1024n * MEBIBYTE;

const bytesOf = (text: string | number | undefined): bigint | undefined => {
  try {
    return text === undefined ? undefined : parseQuantity(text).value();
  } catch {
    return undefined;
  }
};

const kindObstacle = (spec: VirtualMachineInstanceSpec): string | undefined => {
  if (spec.domain.cpu?.realtime)
    return 'a realtime VM cannot have memory hotplug: remove cpu.realtime or memory.maxGuest';
  if (spec.domain.cpu?.numa?.guestMappingPassthrough) {
    return 'NUMA passthrough excludes memory hotplug: remove cpu.numa.guestMappingPassthrough or memory.maxGuest';
  }
  if (spec.domain.launchSecurity)
    return 'an encrypted VM cannot have memory hotplug: remove launchSecurity or memory.maxGuest';
  return undefined;
};

/** A size as it was written, and its bytes. */
interface Size {
  readonly text: string | number;
  readonly bytes: bigint;
}

const sizeObstacle = (guest: Size, maximum: Size, block: bigint): string | undefined => {
  const [own, most] = [JSON.stringify(guest.text), JSON.stringify(maximum.text)];
  const unit = block === GIBIBYTE ? '1Gi' : '2Mi';
  if (guest.bytes > maximum.bytes) return `maxGuest ${most} is below memory.guest ${own}: write ${own} or more`;
  if (guest.bytes % block !== 0n)
    return `memory hotplug adds blocks of ${unit}, and memory.guest ${own} is no multiple of it: write one, or remove maxGuest`;
  if (maximum.bytes % block !== 0n)
    return `memory hotplug adds blocks of ${unit}, and maxGuest ${most} is no multiple of it: write one`;
  return undefined;
};

/**
 * Why a VM cannot have its memory grown up to `maxGuest` while it runs; undefined where it can.
 * The first obstacle only: they hide each other. Source: spec/admission.md §9.5. Used by the default of maxGuest and by
 * the rule that checks a user's own.
 */
export const memoryHotplugObstacle = (
  spec: VirtualMachineInstanceSpec,
  maxGuest: string | number | undefined,
): string | undefined => {
  const wrongKind = kindObstacle(spec);
  if (wrongKind !== undefined) return wrongKind;
  const text = spec.domain.memory?.guest;
  const [guest, maximum] = [bytesOf(text), bytesOf(maxGuest)];
  if (text === undefined || maxGuest === undefined || guest === undefined || maximum === undefined)
    return 'memory hotplug needs memory.guest and memory.maxGuest: write both, or remove maxGuest';
  const block = spec.domain.memory?.hugepages?.pageSize === '1Gi' ? GIBIBYTE : 2n * MEBIBYTE;
  const wrongSize = sizeObstacle({ text, bytes: guest }, { text: maxGuest, bytes: maximum }, block);
  if (wrongSize !== undefined) return wrongSize;
  if (spec.architecture && spec.architecture !== 'amd64')
    return `memory hotplug exists on amd64 only, not on ${JSON.stringify(spec.architecture)}: remove maxGuest`;
  if (guest < GIBIBYTE)
    return `memory hotplug needs at least 1Gi of memory.guest, not ${JSON.stringify(text)}: remove maxGuest`;
  return undefined;
};
