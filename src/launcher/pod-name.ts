import { createHash } from 'node:crypto';
import type { VirtualMachineInstance } from '../api/schema/kinds.js';

/** Kubernetes' alphabet for generated names: no vowels, nothing that reads as a word. */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
/** A name longer than this would not fit a label, as Kubernetes' own generated names do. */
const MAX_NAME = 63;

/**
 * `virt-launcher-<name>-<random>`, where the random part comes from the VMI's uid: creating the pod of a VMI twice is
 * the same request twice, and the API server refuses the second one. That is the last guard against two pods of one
 * VMI. The name proves nothing: any user who may create pods in the namespace may have taken it.
 */
export const launcherPodName = ({ metadata }: Pick<VirtualMachineInstance, 'metadata'>): string =>
  generatedName('virt-launcher', metadata?.name ?? '', metadata?.uid ?? '');

/** `<prefix>-<name>-<random>` for what an object has one of; the random part comes from the object's uid. */
export const generatedName = (prefix: string, name: string, uid: string): string => {
  const digest = createHash('sha256').update(uid).digest();
  const suffix = (length: number): string =>
    Array.from(digest.subarray(0, length), (byte) => ALPHABET[byte % ALPHABET.length]).join('');
  const whole = `${prefix}-${name}-${suffix(5)}`;
  if (whole.length <= MAX_NAME) return whole;
  // Cut names may be alike, so they get more of the digest.
  return `${`${prefix}-${name}`.slice(0, MAX_NAME - 11).replace(/[-.]+$/, '')}-${suffix(10)}`;
};
