import type { GuestPort } from '../../agent-api/forward.js';
import type { GuestAddress } from './guest-address.js';

/** A port of a guest, and where the guest is. */
export type DialWish = GuestPort & GuestAddress;

/** What the agent asks of the program in the pod's namespace. */
export type DialRequest = DialWish & { readonly id: number };

/** What it says: with a handle, or why there is none. */
export interface DialReply {
  readonly id: number;
  /** Of the kernel, or `WRONG_WAY`. */
  readonly code?: string;
  readonly message?: string;
}
