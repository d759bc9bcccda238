import type { GlobalFlags } from '../global-flags.js';

export interface UiFlags extends GlobalFlags {
  port: string;
  address: string;
  browser: boolean;
}
