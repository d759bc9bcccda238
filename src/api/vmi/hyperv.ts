export type Enlightenment = 'evmcs' | 'ipi' | 'tlbflush' | 'synictimer' | 'synic' | 'vapic' | 'vpindex';

/**
 * Which Hyper-V enlightenment needs which, in the order in which what is missing must be added: synic is last because
 * synictimer may have brought it. Source: docs/reference/admission.md §4.2.1.
 */
export const HYPERV_DEPENDENCIES: readonly (readonly [
  dependent: Enlightenment,
  requirement: 'vapic' | 'vpindex' | 'synic',
])[] = [
  ['evmcs', 'vapic'],
  ['ipi', 'vpindex'],
  ['tlbflush', 'vpindex'],
  ['synictimer', 'synic'],
  ['synic', 'vpindex'],
];
