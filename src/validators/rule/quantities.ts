import { tryQuantity, type Quantity } from '../../api/quantity.js';

/** The quantity, or undefined where it is absent or malformed (the schema check reports what is malformed). */
export const readQuantity = (text: string | number | undefined): Quantity | undefined => tryQuantity(text);

/** In whole units; 0 where absent or malformed (docs/reference/admission.md §3.3). */
export const unitsOf = (text: string | number | undefined): bigint => readQuantity(text)?.value() ?? 0n;

/** In thousandths; 0 where absent or malformed. */
export const millisOf = (text: string | number | undefined): bigint => readQuantity(text)?.milliValue() ?? 0n;

/**
 * There is a text and it is no quantity: the schema check reports it, and what else would follow from it is no mistake.
 */
export const isMalformed = (text: string | number | undefined): boolean =>
  text !== undefined && tryQuantity(text) === undefined;
