import { parseQuantity, type Quantity } from '../quantity.js';
import type { VirtualMachineInstanceSpec } from '../schema/virtualmachineinstance.js';

/*
 * How large the guest is: memory and virtual CPUs. The domain builder and the launcher pod must agree on it to the
 * byte, or the pod's limit would not be the guest's.
 */

/** A size that no guest can have. `message` says what to write instead, `field` is the JSON path in the VMI. */
export class GuestSizeError extends Error {
  override readonly name = 'GuestSizeError';
  constructor(
    readonly field: string,
    message: string,
  ) {
    super(message);
  }
}

/** What a guest gets when nobody says (docs/reference/density-and-cpu.md §5.1). */
const DEFAULT_GUEST_MEMORY = 1024n * 1024n * 1024n;

/** Rounded down: a guest never gets more than what was written. */
const wholeBytes = (quantity: Quantity): bigint =>
  quantity.isInteger() || quantity.sign() < 0 ? quantity.value() : quantity.value() - 1n;

/**
 * Guest memory as it was written, and in bytes: `memory.guest`, then the request, then the limit, then one huge page;
 * zero counts as absent.
 * @throws GuestSizeError for a negative amount, QuantityError for none at all.
 */
export const writtenGuestMemory = (
  spec: VirtualMachineInstanceSpec,
): { readonly text: string | number; readonly bytes: bigint } | undefined => {
  const { memory, resources } = spec.domain;
  const candidates = [
    ['spec.domain.memory.guest', memory?.guest],
    ['spec.domain.resources.requests.memory', resources?.requests?.['memory']],
    ['spec.domain.resources.limits.memory', resources?.limits?.['memory']],
    ['spec.domain.memory.hugepages.pageSize', memory?.hugepages?.pageSize],
  ] as const;
  for (const [field, text] of candidates) {
    if (text === undefined) continue;
    const bytes = wholeBytes(parseQuantity(text));
    if (bytes < 0n) throw new GuestSizeError(field, `${JSON.stringify(text)} is negative; write "1Gi"`);
    if (bytes > 0n) return { text, bytes };
  }
  return undefined;
};

/** Guest memory in bytes, where it was not written the default. @throws as {@link writtenGuestMemory} */
export const guestMemory = (spec: VirtualMachineInstanceSpec): bigint =>
  writtenGuestMemory(spec)?.bytes ?? DEFAULT_GUEST_MEMORY;

export interface Topology {
  readonly sockets: number;
  readonly cores: number;
  readonly threads: number;
}

const part = (spec: VirtualMachineInstanceSpec, name: keyof Topology): number => {
  const value = spec.domain.cpu?.[name] ?? 0;
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new GuestSizeError(`spec.domain.cpu.${name}`, `${value} is no number of ${name}; write 1 or more`);
};

/**
 * The topology; one socket per CPU of the limit, or of the request, when none is given (docs/reference/domain.md §1.5).
 */
export const topology = (spec: VirtualMachineInstanceSpec): Topology => {
  const { resources } = spec.domain;
  const [sockets, cores, threads] = [part(spec, 'sockets'), part(spec, 'cores'), part(spec, 'threads')];
  if (sockets + cores + threads > 0) return { sockets: sockets || 1, cores: cores || 1, threads: threads || 1 };
  const wanted = resources?.limits?.['cpu'] ?? resources?.requests?.['cpu'] ?? 1;
  return { sockets: Math.max(1, Number(parseQuantity(wanted).value())), cores: 1, threads: 1 };
};

/**
 * The most any machine type of QEMU takes; libvirt words its own, lower limits. This one only keeps the number exact.
 */
export const MOST_VCPUS = 4096;

export const vcpuCount = (spec: VirtualMachineInstanceSpec): number => {
  const { sockets, cores, threads } = topology(spec);
  const count = sockets * cores * threads;
  if (count <= MOST_VCPUS) return count;
  throw new GuestSizeError('spec.domain.cpu', `sockets × cores × threads is ${count}; ${MOST_VCPUS} is the most`);
};

/**
 * MiB of QEMU's cache of translated code when it emulates. Its own default is an eighth of the host's memory, up to
 * 1 GiB, which the pod would have to be charged for; a small Linux guest fills 64 MiB of it (`npm run bench:density`).
 */
export const EMULATION_CACHE_MIB = 96;
