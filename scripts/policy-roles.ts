import { stringify } from 'yaml';
import { POLICY_GROUP } from '../src/api/names.js';
import { POLICY_RESOURCES } from '../src/api/policy/policy-kinds.js';

/** manifests/rbac/policy-roles.yaml: who may write policies, loosen them, pause them, and make exceptions. */

const NOTICE = `# Made by \`npm run generate\` from scripts/policy-roles.ts. Do not edit.
# Who may do what with policies (docs/policies.md). Besides the verbs of Kubernetes there are three: weaken (delete a policy in force, or
# change it so that less is refused), pause (for at most 4 hours) and except (make an exception from it). The built-in roles view, edit
# and admin take the first three in by aggregation; the last two are bound to nobody.
`;

const READ = ['get', 'list', 'watch'];
const WRITE = [...READ, 'create', 'update', 'patch', 'delete', 'deletecollection'];
const VERBS = ['weaken', 'pause', 'except'];

const { VirtualMachineClusterPolicy, VirtualMachinePolicy, VirtualMachinePolicyException } = POLICY_RESOURCES;
const [cluster, ofNamespace, exceptions] = [
  VirtualMachineClusterPolicy.plural,
  VirtualMachinePolicy.plural,
  VirtualMachinePolicyException.plural,
];

const rule = (resources: readonly string[], verbs: readonly string[]): object => ({
  apiGroups: [POLICY_GROUP],
  resources,
  verbs,
});

const clusterRole = (name: string, aggregateTo: string | undefined, rules: readonly object[]): object => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRole',
  metadata: {
    name: `kubevirt.io:${name}`,
    labels: {
      'kubevirt.io': '',
      ...(aggregateTo === undefined ? {} : { [`rbac.authorization.k8s.io/aggregate-to-${aggregateTo}`]: 'true' }),
    },
  },
  rules,
});

export const policyRolesManifest = (): string => {
  const objects = [
    clusterRole('policy-view', 'view', [rule([cluster, ofNamespace, exceptions], READ)]),
    clusterRole('policy-exception-edit', 'edit', [rule([exceptions], WRITE)]),
    clusterRole('policy-namespace-admin', 'admin', [rule([ofNamespace], [...WRITE, ...VERBS])]),
    clusterRole('policy-pipeline', undefined, [rule([cluster], [...READ, 'create', 'update', 'patch'])]),
    clusterRole('policy-admin', undefined, [
      rule([cluster, ofNamespace], [...WRITE, ...VERBS]),
      rule([exceptions], WRITE),
    ]),
  ];
  return NOTICE + objects.map((object) => stringify(object, { aliasDuplicateObjects: false })).join('---\n');
};
