import { isDnsLabel, isDnsSubdomain, LABEL_REMEDY, SUBDOMAIN_REMEDY } from '../rule/names.js';
import { invalid, required } from '../rule/finding.js';
import { rulesOn } from '../rule/rule.js';
import { show } from '../rule/wording.js';

const REFERENCES = ['resourceClaimName', 'resourceClaimTemplateName'] as const;

const claimRule = rulesOn({
  list: 'resourceClaims',
  of: ({ resourceClaims }) => resourceClaims,
  source: '§6.10',
});

/** Two claims of one name (dra.claim-name-dup) are the schema's to refuse: the list is a map by name. */
export const resourceClaimRules = [
  claimRule({
    id: 'dra.claim-name-req',
    field: '.name',
    summary: 'a resource claim without a name',
    check: ({ name }, path) =>
      name === ''
        ? [required(`${path}.name`, 'is empty: write the name by which devices and networks use the claim')]
        : [],
  }),
  claimRule({
    id: 'dra.claim-name-label',
    field: '.name',
    summary: 'a resource claim whose name is not a DNS label',
    check: ({ name }, path) =>
      name === '' || isDnsLabel(name)
        ? []
        : [invalid(`${path}.name`, `${show(name)} is not a DNS label: ${LABEL_REMEDY}`)],
  }),
  claimRule({
    id: 'dra.claim-both',
    summary: 'a resource claim that is both there and made from a template',
    check: (claim, path) =>
      claim.resourceClaimName !== undefined && claim.resourceClaimTemplateName !== undefined
        ? [invalid(path, 'has resourceClaimName and resourceClaimTemplateName: keep one of them')]
        : [],
  }),
  claimRule({
    id: 'dra.claim-none',
    summary: 'a resource claim that is neither there nor made from a template',
    check: (claim, path) =>
      claim.resourceClaimName === undefined && claim.resourceClaimTemplateName === undefined
        ? [
            invalid(
              path,
              'says which name, not which claim: write resourceClaimName, or resourceClaimTemplateName to get a claim of its own',
            ),
          ]
        : [],
  }),
  claimRule({
    id: 'dra.claim-ref',
    field: `.{${REFERENCES.join(',')}}`,
    summary: 'a ResourceClaim or template whose name is not a valid DNS name',
    check: (claim, path) =>
      REFERENCES.flatMap((name) => {
        const value = claim[name];
        return value === undefined || isDnsSubdomain(value)
          ? []
          : [invalid(`${path}.${name}`, `${show(value)} is not a DNS subdomain: ${SUBDOMAIN_REMEDY}`)];
      }),
  }),
];
