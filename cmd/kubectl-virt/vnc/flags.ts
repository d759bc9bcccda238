import type { GlobalFlags } from '../global-flags.js';

export interface VncFlags extends GlobalFlags {
  target: string;
  'proxy-only'?: boolean | undefined;
  address: string;
  port: string;
  'preserve-session'?: boolean | undefined;
  'view-only'?: boolean | undefined;
  'vnc-type'?: string | undefined;
  'vnc-path'?: string | undefined;
}
