/** What one entry of the procedure tables is, and the argument structures that several of them share. */
import { nothing, struct, uint, type Codec } from './codec.js';
import { Program } from './frame.js';
import { domain, string } from './wire-types.js';

/** One remote procedure: `A` is sent, `R` is returned. */
export interface Procedure<A, R> {
  readonly name: string;
  readonly program: number;
  readonly number: number;
  readonly args: Codec<A>;
  readonly result: Codec<R>;
}

/** A procedure of libvirt's `remote_protocol.x`. */
export const remote = <A, R>(name: string, number: number, args: Codec<A>, result: Codec<R>): Procedure<A, R> => ({
  name,
  program: Program.REMOTE,
  number,
  args,
  result,
});

/** A procedure of the QEMU driver's `qemu_protocol.x`. */
export const qemu = <A, R>(name: string, number: number, args: Codec<A>, result: Codec<R>): Procedure<A, R> => ({
  ...remote(name, number, args, result),
  program: Program.QEMU,
});

/** A procedure that returns nothing. */
export const command = <A>(name: string, number: number, args: Codec<A>): Procedure<A, void> =>
  remote(name, number, args, nothing);

export const justDomain = struct({ domain });
export const justFlags = struct({ flags: uint });
export const domainFlags = struct({ domain, flags: uint });
export const domainXmlFlags = struct({ domain, xml: string, flags: uint });
export const xmlFlags = struct({ xml: string, flags: uint });
export const xmlResult = struct({ xml: string });
