import type { GlobalFlags } from '../global-flags.js';

export interface ConsoleFlags extends GlobalFlags {
  target: string;
  timeout: string;
  escape: string;
  'drain-timeout': string;
}
