import type { CheckedKind } from '../../api/schema-check/check-schema.js';
import type { Change } from '../../validators/rule/examples.js';

/** For the documentation and the tests: what brings a warning about, and what, as near as can be, does not. */
export interface WarningExample {
  /** Absent: a VirtualMachineInstance. */
  readonly kind?: CheckedKind;
  /** The field of the one warning is named too. */
  readonly warns: readonly [change: Change, field: string];
  readonly silent: readonly Change[];
}
