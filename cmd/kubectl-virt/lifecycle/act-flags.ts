import type { GlobalFlags } from '../global-flags.js';

/** What the user wrote behind an action's name. */
export interface ActFlags extends GlobalFlags {
  target: string;
  /** Second word of `pause vm web`. */
  name?: string;
  'dry-run'?: string;
  output?: string;
  paused?: boolean;
  force?: boolean;
  'grace-period'?: number;
}
