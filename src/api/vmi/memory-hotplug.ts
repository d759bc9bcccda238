import { MEBIBYTE, tryQuantity } from '../quantity.js';
import type { VirtualMachineInstanceSpec } from '../schema/virtualmachineinstance.js';

const GIBIBYTE = 1024n * MEBIBYTE;

export interface HotplugObstacle {
  readonly message: string;
  /** The field that excludes memory hotplug, below the VMI's spec. */
  readonly because?: string;
}

const kindObstacle = ({ domain }: VirtualMachineInstanceSpec): HotplugObstacle | undefined => {
  const excludes = (field: string, what: string): HotplugObstacle => ({
    message: `${what} cannot have memory hotplug: remove ${field} or memory.maxGuest`,
    because: `domain.${field}`,
  });
  if (domain.cpu?.realtime) return excludes('cpu.realtime', 'a realtime VM');
  if (domain.cpu?.numa?.guestMappingPassthrough)
    return excludes('cpu.numa.guestMappingPassthrough', "a VM with its node's NUMA layout");
  return domain.launchSecurity ? excludes('launchSecurity', 'an encrypted VM') : undefined;
};

/** A size as it was written, and its bytes. */
interface Size {
  readonly text: string | number;
  readonly bytes: bigint;
}

const sizeProblem = (guest: Size, maximum: Size, block: bigint): string | undefined => {
  const [own, most] = [JSON.stringify(guest.text), JSON.stringify(maximum.text)];
  const unit = block === GIBIBYTE ? '1Gi' : '2Mi';
  if (guest.bytes > maximum.bytes) return `maxGuest ${most} is below memory.guest ${own}: write ${own} or more`;
  if (guest.bytes % block !== 0n)
    return `memory hotplug adds blocks of ${unit}, and memory.guest ${own} is no multiple of it: write one, or remove maxGuest`;
  if (maximum.bytes % block !== 0n)
    return `memory hotplug adds blocks of ${unit}, and maxGuest ${most} is no multiple of it: write one`;
  return undefined;
};

const sizeObstacle = (
  { architecture, domain: { memory } }: VirtualMachineInstanceSpec,
  maxGuest: string | number | undefined,
): string | undefined => {
  const text = memory?.guest;
  const [guest, maximum] = [tryQuantity(text)?.value(), tryQuantity(maxGuest)?.value()];
  if (text === undefined || maxGuest === undefined || guest === undefined || maximum === undefined)
    return 'memory hotplug needs memory.guest and memory.maxGuest: write both, or remove maxGuest';
  const block = memory?.hugepages?.pageSize === '1Gi' ? GIBIBYTE : 2n * MEBIBYTE;
  const problem = sizeProblem({ text, bytes: guest }, { text: maxGuest, bytes: maximum }, block);
  if (problem !== undefined) return problem;
  if (architecture && architecture !== 'amd64')
    return `memory hotplug exists on amd64 only, not on ${JSON.stringify(architecture)}: remove maxGuest`;
  return guest < GIBIBYTE
    ? `memory hotplug needs at least 1Gi of memory.guest, not ${JSON.stringify(text)}: remove maxGuest`
    : undefined;
};

/**
 * Why a VM cannot have its memory grown up to `maxGuest` while it runs; undefined where it can.
 * The first obstacle only: they hide each other. Source: docs/reference/admission.md §9.5. Used by the default of
 * maxGuest and by the rule that checks a user's own.
 */
export const memoryHotplugObstacle = (
  spec: VirtualMachineInstanceSpec,
  maxGuest: string | number | undefined,
): HotplugObstacle | undefined => {
  const ofKind = kindObstacle(spec);
  if (ofKind !== undefined) return ofKind;
  const message = sizeObstacle(spec, maxGuest);
  return message === undefined ? undefined : { message };
};
