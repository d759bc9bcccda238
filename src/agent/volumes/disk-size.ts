import { MEBIBYTE, parseQuantity } from '../../api/quantity.js';

/** A disk is a whole number of these, so that it can have logical blocks of a page. */
const BLOCK = 4096n;

/** `minimumReservePVCBytes` and `pvcTolerateLessSpaceUpToPercent` where nobody sets them. */
export const DEFAULT_RESERVE_BYTES = 131_072n;
export const DEFAULT_TOLERATE_PERCENT = 10;

/** Bytes in whole MiB. */
export const wholeMiB = (quantity: string | number): bigint => (parseQuantity(quantity).value() / MEBIBYTE) * MEBIBYTE;

/**
 * How large the disk of a claim is: the smaller of what was requested and what there is, in whole MiB; undefined when
 * neither is known. Source: docs/reference/domain.md §6.3.
 */
export const claimSize = (
  request: string | number | undefined,
  capacity: string | number | undefined,
): bigint | undefined => {
  const known = [request, capacity].flatMap((quantity) => (quantity === undefined ? [] : [wholeMiB(quantity)]));
  return known.length === 0 ? undefined : known.reduce((least, each) => (each < least ? each : least));
};

export interface Space {
  readonly demanded: bigint;
  /** Free on the file system. */
  readonly available: bigint;
  /** What stays free. */
  readonly reserve: bigint;
  /** By how much a disk may be smaller than demanded. */
  readonly toleratePercent: number;
}

/** What of the free space may be used. Less may be free than is to stay so. */
export const usable = ({ available, reserve }: Space): bigint => (available > reserve ? available - reserve : 0n);

/** Bytes of a new disk; undefined: there is too little space. Source: docs/reference/domain.md §6.4. */
export const fittingSize = (space: Space): bigint | undefined => {
  const { demanded, toleratePercent } = space;
  const free = usable(space);
  if (demanded <= free) return demanded;
  const tolerated = (demanded * BigInt(100 - toleratePercent)) / 100n;
  const size = (free / BLOCK) * BLOCK;
  return free >= tolerated && size > 0n ? size : undefined;
};
