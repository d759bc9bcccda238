import type { AppliedChange } from '../../../src/admission/trace.js';

const value = (shown: unknown): string => (shown === undefined ? 'absent' : JSON.stringify(shown));

/** `PATH: OLD → NEW`. */
export const describeChange = ({ path, before, after }: AppliedChange): string =>
  `${path}: ${value(before)} → ${after === undefined ? 'removed' : value(after)}`;
