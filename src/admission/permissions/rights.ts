import type { Access, Permission } from '../../api/access/access.js';
import { CDI_GROUP } from '../../api/data-volume/data-volume.js';

/** Where an object is and what of it asks for a right. */
export interface Place {
  readonly namespace: string;
  /** True JSON path of the field. */
  readonly field: string;
}

/**
 * A user who can create pods in a namespace may give them its Secrets, claims and service accounts: that user's own pod
 * could get all that a VM's pod gets.
 */
const createPods = (namespace: string): Access => ({
  verb: 'create',
  group: '',
  resource: 'pods',
  namespace,
});

/**
 * A user who can create DataVolumes in a namespace may copy its claims, and use the Secrets of imports: CDI requires no
 * further permission.
 */
export const createDataVolumes = (namespace: string): Access => ({
  verb: 'create',
  group: CDI_GROUP,
  resource: 'datavolumes',
  namespace,
});

const quoted = (name: string): string => JSON.stringify(name.slice(0, 63));

export const secret = ({ namespace, field }: Place, name: string): Permission => ({
  field,
  uses: `Secret ${quoted(name)}`,
  anyOf: [createPods(namespace), { verb: 'get', group: '', resource: 'secrets', namespace, name }],
});

export const configMap = ({ namespace, field }: Place, name: string): Permission => ({
  field,
  uses: `ConfigMap ${quoted(name)}`,
  anyOf: [createPods(namespace), { verb: 'get', group: '', resource: 'configmaps', namespace, name }],
});

export const serviceAccount = ({ namespace, field }: Place, name: string): Permission => ({
  field,
  uses: `service account ${quoted(name)}`,
  anyOf: [
    createPods(namespace),
    { verb: 'create', group: '', resource: 'serviceaccounts', subresource: 'token', namespace, name },
  ],
});

/** A claim, snapshot or whatever else holds data, of the VM's own namespace. */
export const ownData = ({ namespace, field }: Place, uses: string): Permission => ({
  field,
  uses,
  anyOf: [createPods(namespace), createDataVolumes(namespace)],
});

export const claim = (place: Place, name: string): Permission => ownData(place, `claim ${quoted(name)}`);

/** Multus' own object; a user who may read one in another namespace may also connect to it. */
export const network = ({ namespace, field }: Place, name: string): Permission => ({
  field,
  uses: `network ${quoted(name)}`,
  anyOf: [
    createPods(namespace),
    { verb: 'get', group: 'k8s.cni.cncf.io', resource: 'network-attachment-definitions', namespace, name },
  ],
});

/** What only a user who can create pods may use. */
export const podsOnly = ({ namespace, field }: Place, uses: string, thing = uses): Permission => ({
  field,
  uses,
  thing,
  anyOf: [createPods(namespace)],
});
