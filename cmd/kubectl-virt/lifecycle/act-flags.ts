import type { GlobalFlags } from '../global-flags.js';

/** What the user wrote behind an action's name. */
export interface ActFlags extends GlobalFlags {
  /** Of `pause vm web` the first is the type. */
  targets?: string[];
  selector?: string;
  all?: boolean;
  wait?: boolean;
  timeout?: string;
  'dry-run'?: string;
  output?: string;
  paused?: boolean;
  force?: boolean;
  'grace-period'?: number;
  'unfreeze-timeout'?: string;
}
