import { tryQuantity, type Quantity } from '../api/quantity.js';

/**
 * The quantity, or undefined where the text is absent or not a quantity: a validator refuses that, a default must not
 * throw.
 */
export const readQuantity = (text: string | number | undefined): Quantity | undefined => tryQuantity(text);

/** Like {@link readQuantity}, and zero counts as absent (Kubernetes cannot distinguish them in a resource list). */
export const readNonZero = (text: string | number | undefined): Quantity | undefined => {
  const quantity = readQuantity(text);
  return quantity === undefined || quantity.isZero() ? undefined : quantity;
};
