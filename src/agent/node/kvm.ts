import { readFileSync } from 'node:fs';

/** The outcome of the node's KVM self-test (`kvm-self-test.sh`). */
export interface KvmState {
  readonly usable: boolean;
  /** Why, in a sentence. */
  readonly reason: string;
}

/**
 * Reads the self-test's result file; one that is missing or means nothing counts as no KVM. Exported parts for tests.
 */
const parseKvmResult = (text: string): KvmState => {
  const [answer = '', reason = ''] = text.split('\n', 2);
  if (answer.trim() === 'true') return { usable: true, reason: reason.trim() };
  if (answer.trim() === 'false') return { usable: false, reason: reason.trim() };
  return { usable: false, reason: 'the result of the KVM self-test is not readable' };
};

/** @param file Undefined: no self-test was made, so KVM is not used. */
export const readKvmState = (file: string | undefined): KvmState => {
  if (file === undefined) return { usable: false, reason: 'no KVM self-test was made (--kvm-result-file)' };
  try {
    return parseKvmResult(readFileSync(file, 'utf8'));
  } catch (error) {
    return { usable: false, reason: `the result of the KVM self-test cannot be read: ${(error as Error).message}` };
  }
};
