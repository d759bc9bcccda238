import { parseQuantity, type Quantity } from '../api/quantity.js';
import type { VirtualMachineInstance } from '../api/schema/kinds.js';
import { DomainError } from './error.js';
import { element, type XmlElement } from './xml.js';

/** What a guest gets when nobody says (spec/density-and-cpu.md §5.1). */
const DEFAULT_GUEST_MEMORY = 1024n * 1024n * 1024n;

/** Guest memory in bytes: `memory.guest`, then the request, then the limit; zero counts as absent. */
export const guestMemory = (vmi: VirtualMachineInstance): bigint => {
  const { memory, resources } = vmi.spec.domain;
  const candidates = [
    ['spec.domain.memory.guest', memory?.guest],
    ['spec.domain.resources.requests.memory', resources?.requests?.['memory']],
    ['spec.domain.resources.limits.memory', resources?.limits?.['memory']],
  ] as const;
  for (const [field, text] of candidates) {
    const bytes = text === undefined ? 0n : wholeBytes(parseQuantity(text));
    if (bytes < 0n) throw new DomainError('InvalidValue', `${JSON.stringify(text)} is negative; write "1Gi"`, field);
    if (bytes > 0n) return bytes;
  }
  return DEFAULT_GUEST_MEMORY;
};

/** Rounded down: a guest never gets more than what was written. */
const wholeBytes = (quantity: Quantity): bigint =>
  quantity.isInteger() ? quantity.value() : quantity.value() - (quantity.sign() < 0 ? 0n : 1n);

/**
 * Plain memory. passt talks to QEMU over a stream socket, so the guest's memory need not be shared, and hot-plug and
 * huge pages are not acted on: no `<memoryBacking>`, no `<maxMemory>`.
 */
export const memory = (vmi: VirtualMachineInstance): XmlElement =>
  element('memory', { unit: 'b' }, guestMemory(vmi).toString());
