import type { ExampleTable } from '../rule/examples.js';
import { claims, R } from './example-parts.js';

export const resourceClaimsExamples: ExampleTable = {
  'dra.claim-name-req': {
    accepts: [claims('c')],
    refuses: [
      [claims(''), `${R}[0].name`],
      [claims('c', ''), `${R}[1].name`],
    ],
  },
  'dra.claim-name-label': {
    accepts: [claims('a'.repeat(63))],
    refuses: [
      [claims('a'.repeat(64)), `${R}[0].name`],
      [claims('c', 'a.b'), `${R}[1].name`],
    ],
  },
  'dra.claim-both': {
    accepts: [claims('c')],
    refuses: [
      [{ [R]: [{ name: 'c', resourceClaimName: 'a', resourceClaimTemplateName: 'b' }] }, `${R}[0]`],
      [{ [R]: [{ name: 'c', resourceClaimName: 'a', resourceClaimTemplateName: 'a' }] }, `${R}[0]`],
    ],
  },
  'dra.claim-none': {
    accepts: [{ [R]: [{ name: 'c', resourceClaimTemplateName: 'b' }] }],
    refuses: [
      [{ [R]: [{ name: 'c' }] }, `${R}[0]`],
      [{ [R]: [{ name: 'c', resourceClaimName: 'a' }, { name: 'd' }] }, `${R}[1]`],
    ],
  },
  'dra.claim-ref': {
    accepts: [{ [R]: [{ name: 'c', resourceClaimName: 'a.b' }] }],
    refuses: [
      [{ [R]: [{ name: 'c', resourceClaimName: 'A' }] }, `${R}[0].resourceClaimName`],
      [{ [R]: [{ name: 'c', resourceClaimTemplateName: '' }] }, `${R}[0].resourceClaimTemplateName`],
    ],
  },
};
