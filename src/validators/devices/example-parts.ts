import { DEV, type Change } from '../rule/examples.js';

/* Values that the examples of several files are made of. */

export const R = 'spec.resourceClaims';
export const N = 'spec.networks';
export const claims = (...names: string[]): Change => ({
  [R]: names.map((name) => ({ name, resourceClaimName: 'stored' })),
});
/** One interface on a network that is a device of a claim. */
export const network = (resourceClaim: object, binding: object = { sriov: {} }): Change => ({
  [`${DEV}.interfaces`]: [{ name: 'a', ...binding }],
  [N]: [{ name: 'a', resourceClaim }],
});
