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

const sizeObstacle = (guest: bigint, maximum: bigint, block: bigint): string | undefined => {
  const unit = block === GIBIBYTE ? '1Gi' : '2Mi';
  if (guest > maximum) return 'memory.guest is greater than memory.maxGuest: raise maxGuest or lower guest';
  if (guest % block !== 0n) return `memory hotplug needs memory.guest to be a multiple of ${unit}`;
  if (maximum % block !== 0n) return `memory hotplug needs memory.maxGuest to be a multiple of ${unit}`;
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
  const guest = bytesOf(spec.domain.memory?.guest);
  const maximum = bytesOf(maxGuest);
  if (guest === undefined || maximum === undefined) return 'memory hotplug needs memory.guest and memory.maxGuest';
  const block = spec.domain.memory?.hugepages?.pageSize === '1Gi' ? GIBIBYTE : 2n * MEBIBYTE;
  const wrongSize = sizeObstacle(guest, maximum, block);
  if (wrongSize !== undefined) return wrongSize;
  if (spec.architecture && spec.architecture !== 'amd64')
    return 'memory hotplug exists on amd64 only: remove memory.maxGuest';
  if (guest < GIBIBYTE) return 'memory hotplug needs at least 1Gi of memory.guest';
  return undefined;
};
