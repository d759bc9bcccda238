import { stringify } from 'yaml';
import type { SubresourceEntry } from '../src/agent-api/subresource.js';
import { EXPAND_RESOURCE, SUBRESOURCES } from '../src/agent-api/subresources.js';
import {
  INSTANCETYPE_GROUP,
  INSTANCETYPE_KINDS,
  INSTANCETYPE_RESOURCES,
} from '../src/api/instancetype/instancetype-kinds.js';
import { GROUP, SUBRESOURCE_GROUP } from '../src/api/names.js';

/** manifests/rbac/user-roles.yaml: what users may do, the subresources from the table that the programs serve by. */

const NOTICE = `# Made by \`npm run generate\` from src/agent-api/subresources.ts and scripts/user-roles.ts. Do not edit.
# What users may do. The built-in roles admin, edit and view take these in by aggregation; \`kubevirt.io:default\` is
# everybody's. A subresource that is not served yet is not granted.
`;

const KINDS = ['virtualmachines', 'virtualmachineinstances', 'virtualmachineinstancereplicasets'];
const READ = ['get', 'list', 'watch'];
const OF_INSTANCETYPES = INSTANCETYPE_KINDS.map((kind) => INSTANCETYPE_RESOURCES[kind]);
const NAMESPACED = OF_INSTANCETYPES.filter(({ isNamespaced }) => isNamespaced).map(({ plural }) => plural);
const CLUSTER = OF_INSTANCETYPES.filter(({ isNamespaced }) => !isNamespaced).map(({ plural }) => plural);
const WRITE = [...READ, 'create', 'update', 'patch', 'delete'];
const SCALE = {
  apiGroups: [GROUP],
  resources: ['virtualmachineinstancereplicasets/scale'],
  verbs: ['get', 'update', 'patch'],
};

/** Of a name of two words the API server itself asks for the first, and virt-webhook for both. */
export const rightsTo = ({ resource, subresource }: { resource: string; subresource: string }): string[] => {
  const [first = '', second] = subresource.split('/');
  return [...(second === undefined ? [] : [`${resource}/${first}`]), `${resource}/${subresource}`];
};

/** The subresources of a role and of those that have less, one rule for each verb. */
const subresourceRules = (roles: readonly SubresourceEntry['role'][]): object[] =>
  (['get', 'update', 'create'] as const).flatMap((verb) => {
    const entries = SUBRESOURCES.filter((entry) => entry.verb === verb && roles.includes(entry.role));
    const resources = [...new Set(entries.flatMap(rightsTo))];
    return resources.length === 0 ? [] : [{ apiGroups: [SUBRESOURCE_GROUP], resources, verbs: [verb] }];
  });

const clusterRole = (name: string, labels: object, rules: readonly object[]): object => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRole',
  metadata: { name: `kubevirt.io:${name}`, labels: { 'kubevirt.io': '', ...labels } },
  rules,
});

/** Each has what those before it have. */
const ROLES = ['view', 'edit', 'admin'] as const;

const aggregated = (role: (typeof ROLES)[number], kinds: readonly string[], rest: readonly object[]): object =>
  clusterRole(role, { [`rbac.authorization.k8s.io/aggregate-to-${role}`]: 'true' }, [
    ...subresourceRules(ROLES.slice(0, ROLES.indexOf(role) + 1)),
    // It changes nothing; the verb is the one of its method.
    { apiGroups: [SUBRESOURCE_GROUP], resources: [EXPAND_RESOURCE], verbs: ['update'] },
    { apiGroups: [GROUP], resources: KINDS, verbs: kinds },
    { apiGroups: [INSTANCETYPE_GROUP], resources: NAMESPACED, verbs: kinds },
    ...rest,
  ]);

const everybody = [
  clusterRole('default', {}, [
    { apiGroups: [SUBRESOURCE_GROUP], resources: ['version'], verbs: ['get', 'list'] },
    { apiGroups: [GROUP], resources: ['kubevirts'], verbs: ['get', 'list'] },
    { apiGroups: [INSTANCETYPE_GROUP], resources: CLUSTER, verbs: READ },
  ]),
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'kubevirt.io:default', labels: { 'kubevirt.io': '' } },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'kubevirt.io:default' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'system:authenticated' }],
  },
];

export const userRolesManifest = (): string => {
  const objects = [
    ...everybody,
    aggregated('admin', [...WRITE, 'deletecollection'], [SCALE]),
    aggregated('edit', WRITE, [SCALE]),
    aggregated('view', READ, []),
  ];
  return NOTICE + objects.map((object) => stringify(object, { aliasDuplicateObjects: false })).join('---\n');
};
