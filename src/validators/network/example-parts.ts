import { DEV, type Change } from '../rule/examples.js';

/* Values that the examples of several files are made of. */

/** One interface with a binding on a network, neither of them by default. */
export const bound = (binding: object, network: object): Change => ({
  [`${DEV}.interfaces`]: [{ name: 'a', ...binding }],
  'spec.networks': [{ name: 'a', ...network }],
});
