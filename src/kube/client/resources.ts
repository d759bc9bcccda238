import { CDI_GROUP, CDI_VERSION } from '../../api/data-volume/data-volume.js';
import {
  INSTANCETYPE_GROUP,
  INSTANCETYPE_RESOURCES,
  INSTANCETYPE_VERSION,
  type InstancetypeKind,
} from '../../api/instancetype/instancetype-kinds.js';
import { GROUP, POLICY_GROUP, POLICY_VERSION, STORED_VERSION } from '../../api/names.js';
import { POLICY_RESOURCES, type PolicyResourceKind } from '../../api/policy/policy-kinds.js';
import { VIRT_NODES } from '../../api/virt-node/virt-node.js';

export interface ResourceAddress {
  /** Empty for the core group. */
  group: string;
  version: string;
  /** Plural, lower case. */
  resource: string;
  /** Absent: cluster-wide, or the list over all namespaces. */
  namespace?: string | undefined;
  name?: string | undefined;
  subresource?: string | undefined;
}

/** The URL path of a resource; every step is escaped, so a hostile name cannot leave its place. */
export const resourcePath = (address: ResourceAddress): string => {
  const { group, version, resource, namespace, name, subresource } = address;
  const steps = group === '' ? ['api', version] : ['apis', group, version];
  if (namespace) steps.push('namespaces', namespace);
  steps.push(resource);
  if (name) steps.push(name);
  if (subresource) steps.push(...subresource.split('/'));
  return `/${steps.map(encodeURIComponent).join('/')}`;
};

type NamespacedPath = (namespace?: string, name?: string, subresource?: string) => string;
type ClusterPath = (name?: string, subresource?: string) => string;

const namespaced =
  (group: string, version: string, resource: string): NamespacedPath =>
  (namespace, name, subresource) =>
    resourcePath({ group, version, resource, namespace, name, subresource });

const cluster =
  (group: string, version: string, resource: string): ClusterPath =>
  (name, subresource) =>
    resourcePath({ group, version, resource, name, subresource });

export const vmPath = namespaced(GROUP, STORED_VERSION, 'virtualmachines');
export const vmiPath = namespaced(GROUP, STORED_VERSION, 'virtualmachineinstances');
export const vmirsPath = namespaced(GROUP, STORED_VERSION, 'virtualmachineinstancereplicasets');
export const kubevirtPath = namespaced(GROUP, STORED_VERSION, 'kubevirts');

export const podPath = namespaced('', 'v1', 'pods');
export const secretPath = namespaced('', 'v1', 'secrets');
export const configMapPath = namespaced('', 'v1', 'configmaps');
export const pvcPath = namespaced('', 'v1', 'persistentvolumeclaims');
export const eventPath = namespaced('', 'v1', 'events');
export const servicePath = namespaced('', 'v1', 'services');
export const resourceQuotaPath = namespaced('', 'v1', 'resourcequotas');
export const leasePath = namespaced('coordination.k8s.io', 'v1', 'leases');
export const controllerRevisionPath = namespaced('apps', 'v1', 'controllerrevisions');
export const deploymentPath = namespaced('apps', 'v1', 'deployments');
export const daemonSetPath = namespaced('apps', 'v1', 'daemonsets');
export const dataVolumePath = namespaced(CDI_GROUP, CDI_VERSION, 'datavolumes');
export const dataSourcePath = namespaced(CDI_GROUP, CDI_VERSION, 'datasources');

/** What of a group the API server serves; 404: nothing. */
export const groupVersionPath = (group: string, version: string): string => `/apis/${group}/${version}`;

/** Of policies and exceptions. Without a namespace: of the cluster, or of all namespaces. */
export const policyPath = (
  kind: PolicyResourceKind,
  namespace?: string,
  name?: string,
  subresource?: 'status',
): string =>
  resourcePath({
    group: POLICY_GROUP,
    version: POLICY_VERSION,
    resource: POLICY_RESOURCES[kind].plural,
    namespace,
    name,
    subresource,
  });

/** Of instance types and preferences. Without a namespace: of the cluster, or of all namespaces. */
export const instancetypePath = (kind: InstancetypeKind, namespace?: string, name?: string): string =>
  resourcePath({
    group: INSTANCETYPE_GROUP,
    version: INSTANCETYPE_VERSION,
    resource: INSTANCETYPE_RESOURCES[kind].plural,
    namespace,
    name,
  });

export const nodePath = cluster('', 'v1', 'nodes');
/** Cluster-wide, named like the node. */
export const virtNodePath = cluster(GROUP, STORED_VERSION, VIRT_NODES);
export const certificateRequestPath = cluster('certificates.k8s.io', 'v1', 'certificatesigningrequests');
export const namespacePath = cluster('', 'v1', 'namespaces');
export const persistentVolumePath = cluster('', 'v1', 'persistentvolumes');
export const storageClassPath = cluster('storage.k8s.io', 'v1', 'storageclasses');
export const crdPath = cluster('apiextensions.k8s.io', 'v1', 'customresourcedefinitions');
export const apiServicePath = cluster('apiregistration.k8s.io', 'v1', 'apiservices');
export const subjectAccessReviewPath = cluster('authorization.k8s.io', 'v1', 'subjectaccessreviews');
export const mutatingWebhookPath = cluster('admissionregistration.k8s.io', 'v1', 'mutatingwebhookconfigurations');
export const validatingWebhookPath = cluster('admissionregistration.k8s.io', 'v1', 'validatingwebhookconfigurations');

/** `kubevirt.io/v1`, what our own writes say. */
export const API_VERSION = `${GROUP}/${STORED_VERSION}`;
