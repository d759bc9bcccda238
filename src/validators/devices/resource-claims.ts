import type { VirtualMachineInstanceResourceClaim as ResourceClaim } from '../../api/schema/virtualmachineinstance.js';
import { isDnsLabel, isDnsSubdomain, LABEL_REMEDY, SUBDOMAIN_REMEDY } from '../rule/names.js';
import {
  inEach,
  instanceRule,
  invalid,
  required,
  show,
  type Finding,
  type InstanceSubject,
  type Rule,
} from '../rule/rule.js';

const REFERENCES = ['resourceClaimName', 'resourceClaimTemplateName'] as const;

const claimRule = (
  id: string,
  field: string,
  summary: string,
  check: (claim: ResourceClaim, path: string) => readonly Finding[],
): Rule<InstanceSubject> =>
  instanceRule(id, `$.resourceClaims[]${field}`, '§6.10', summary, ({ path, spec }) =>
    inEach(spec.resourceClaims, `${path}.resourceClaims`, check),
  );

/** Two claims of one name (dra.claim-name-dup) are the schema's to refuse: the list is a map by name. */
export const resourceClaimRules = [
  claimRule('dra.claim-name-req', '.name', 'a resource claim without a name', ({ name }, path) =>
    name === ''
      ? [required(`${path}.name`, 'is empty: write the name by which devices and networks use the claim')]
      : [],
  ),
  claimRule('dra.claim-name-label', '.name', 'a resource claim whose name is not a DNS label', ({ name }, path) =>
    name === '' || isDnsLabel(name)
      ? []
      : [invalid(`${path}.name`, `${show(name)} is not a DNS label: ${LABEL_REMEDY}`)],
  ),
  claimRule('dra.claim-both', '', 'a resource claim that is both there and made from a template', (claim, path) =>
    claim.resourceClaimName !== undefined && claim.resourceClaimTemplateName !== undefined
      ? [invalid(path, 'has resourceClaimName and resourceClaimTemplateName: keep one of them')]
      : [],
  ),
  claimRule('dra.claim-none', '', 'a resource claim that is neither there nor made from a template', (claim, path) =>
    claim.resourceClaimName === undefined && claim.resourceClaimTemplateName === undefined
      ? [
          invalid(
            path,
            'says which name, not which claim: write resourceClaimName, or resourceClaimTemplateName to get a claim of its own',
          ),
        ]
      : [],
  ),
  claimRule(
    'dra.claim-ref',
    `.{${REFERENCES.join(',')}}`,
    'a ResourceClaim or template whose name is not a valid DNS name',
    (claim, path) =>
      REFERENCES.flatMap((name) => {
        const value = claim[name];
        return value === undefined || isDnsSubdomain(value)
          ? []
          : [invalid(`${path}.${name}`, `${show(value)} is not a DNS subdomain: ${SUBDOMAIN_REMEDY}`)];
      }),
  ),
];
