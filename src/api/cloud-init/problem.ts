import type { Position } from '../yaml/lines.js';

/**
 * `yaml`: it cannot be read. `key`: a key that means nothing. `format`: meant for cloud-init, which will not know it.
 * `unknown-format`: nothing that cloud-init knows; the guest may have another reader.
 */
export type CloudInitProblemKind = 'yaml' | 'key' | 'format' | 'unknown-format';

/** What is wrong with data for cloud-init, and where in their text. */
export interface CloudInitProblem extends Position {
  readonly kind: CloudInitProblemKind;
  /** Goes on from the place. Never a part of the text but the name of a key. */
  readonly message: string;
}

/** More about one text nobody reads at once. */
export const MAX_PROBLEMS = 5;
