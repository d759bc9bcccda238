import { selects } from '../../api/label-selector.js';
import { selectorFindings } from '../rule/label-selector.js';
import { invalid, required } from '../rule/finding.js';
import type { Rule } from '../rule/rule.js';
import type { ReplicaSetSubject } from '../rule/subject.js';
import { show } from '../rule/wording.js';

const SELECTOR = 'spec.selector';

const base = { kinds: ['VirtualMachineInstanceReplicaSet'], since: '0.1' } as const;

export const replicaSetRules: readonly Rule<ReplicaSetSubject>[] = [
  {
    ...base,
    id: 'rs.template',
    field: 'spec.template.spec',
    source: 'docs/reference/admission.md §11.1',
    summary: 'a template without a spec',
    check: ({ replicaSet }) =>
      replicaSet.spec.template.spec
        ? []
        : [required('spec.template.spec', 'is missing: write the spec of the VMs here (domain, volumes …)')],
  },
  {
    ...base,
    id: 'rs.replicas',
    field: 'spec.replicas',
    source: 'this project',
    summary: 'a negative number of replicas',
    check: ({ replicaSet: { spec } }) =>
      (spec.replicas ?? 0) < 0
        ? [invalid('spec.replicas', `${spec.replicas ?? 0} is negative: write how many VMs there shall be, 0 or more`)]
        : [],
  },
  {
    ...base,
    id: 'rs.selector-invalid',
    field: 'spec.selector',
    source: 'docs/reference/admission.md §11.1',
    summary: 'a selector with a key, value or operator that cannot be, or with too many or too few values',
    check: ({ replicaSet }) => selectorFindings(replicaSet.spec.selector, SELECTOR),
  },
  {
    ...base,
    id: 'rs.selector-mismatch',
    field: 'spec.selector',
    source: 'docs/reference/admission.md §11.1',
    summary: 'a selector that does not match the labels of the template',
    check: ({ replicaSet: { spec } }) => {
      const labels = spec.template.metadata?.labels ?? {};
      if (selectorFindings(spec.selector, SELECTOR).length > 0 || selects(spec.selector, labels)) return [];
      return [
        invalid(
          'spec.selector',
          `does not match the labels of the template, ${show(labels)}: write the same labels in both`,
        ),
      ];
    },
  },
];
