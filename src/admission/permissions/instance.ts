import type { Permission } from '../../api/access/access.js';
import { childPath, indexPath } from '../../api/cause.js';
import type { AccessCredential } from '../../api/schema/access-credential.js';
import type { ObjectMeta } from '../../api/schema/meta.js';
import type { Network } from '../../api/schema/networks.js';
import type { VirtualMachineInstanceSpec } from '../../api/schema/virtualmachineinstance.js';
import { actsOnPods } from '../../api/vmi/pod-annotations.js';
import { claim, network, podsOnly, secret, serviceAccount, type Place } from './rights.js';
import { ifNamed, volumePermissions } from './volumes.js';

type Spec = VirtualMachineInstanceSpec;
type Needs<K extends keyof Spec> = (value: NonNullable<Spec[K]>, place: Place) => readonly Permission[];

/** A field that says what the VM is, or where its own pod is scheduled, and takes nothing that belongs to others. */
const ITS_OWN = null;

const each = <Item>(list: readonly Item[], place: Place, needs: (item: Item, place: Place) => readonly Permission[]) =>
  list.flatMap((item, index) => needs(item, { ...place, field: indexPath(place.field, index) }));

const credential = ({ sshPublicKey, userPassword }: AccessCredential, place: Place): readonly Permission[] => [
  ...ifNamed(secret, sshPublicKey?.source.secret?.secretName, place, 'sshPublicKey.source.secret.secretName'),
  ...ifNamed(secret, userPassword?.source.secret?.secretName, place, 'userPassword.source.secret.secretName'),
];

/** `name`, or `namespace/name`. */
const multus = ({ multus: source }: Network, place: Place): readonly Permission[] => {
  if (!source?.networkName) return [];
  const parts = source.networkName.split('/');
  const [namespace = '', name = ''] = parts.length > 1 ? parts : [place.namespace, parts[0]];
  return [network({ namespace, field: `${place.field}.multus.networkName` }, name)];
};

/**
 * What each field of a VMI takes. Every field of the schema is here, or this file does not compile: who adds one
 * decides what its user could have had by hand. Where a VM's pod is scheduled (selectors, affinity, tolerations,
 * scheduler) is the VM's own: it gives nobody's data, and the cluster's own plugins hold a namespace's pods to the
 * nodes and taints that are meant for it, ours included.
 */
const FIELDS: { readonly [K in keyof Spec]-?: Needs<K> | null } = {
  accessCredentials: (credentials, place) => each(credentials, place, credential),
  affinity: ITS_OWN,
  architecture: ITS_OWN,
  dnsConfig: ITS_OWN,
  dnsPolicy: ITS_OWN,
  domain: ({ firmware }, place) =>
    ifNamed(
      secret,
      firmware?.kernelBoot?.container?.imagePullSecret,
      place,
      'firmware.kernelBoot.container.imagePullSecret',
    ),
  evictionStrategy: ITS_OWN,
  hostname: ITS_OWN,
  livenessProbe: ITS_OWN,
  networks: (networks, place) => each(networks, place, multus),
  nodeSelector: ITS_OWN,
  // It pushes other people's pods off a node.
  priorityClassName: (name, place) => (name === '' ? [] : [podsOnly(place, `priority class ${JSON.stringify(name)}`)]),
  readinessProbe: ITS_OWN,
  resourceClaims: (claims, place) =>
    each(claims, place, ({ name }, at) => [podsOnly(at, `resource claim ${JSON.stringify(name)}`)]),
  schedulerName: ITS_OWN,
  serviceAccountName: (name, place) => (name === '' ? [] : [serviceAccount(place, name)]),
  startStrategy: ITS_OWN,
  subdomain: ITS_OWN,
  terminationGracePeriodSeconds: ITS_OWN,
  tolerations: ITS_OWN,
  topologySpreadConstraints: ITS_OWN,
  utilityVolumes: (volumes, place) =>
    each(volumes, place, ({ claimName }, at) => ifNamed(claim, claimName, at, 'claimName')),
  volumes: (volumes, place) => each(volumes, place, volumePermissions),
};

const annotations = ({ annotations: all }: ObjectMeta, place: Place): readonly Permission[] => {
  if (all === undefined) return [];
  return Object.entries(all)
    .filter(([key]) => actsOnPods(key))
    .map(([key, value]) =>
      podsOnly(
        { ...place, field: childPath(place.field, key) },
        'an annotation that acts on pods',
        JSON.stringify([key, value]),
      ),
    );
};

/** An object of this namespace with a VMI, or a template, in it. */
export interface InstancePlace {
  readonly namespace: string;
  readonly path: string;
  readonly metadataPath: string;
}

const fieldPermissions = (key: keyof Spec, spec: Spec, place: Place): readonly Permission[] => {
  // The table gives each field the type of its own value.
  const needs = FIELDS[key] as ((value: unknown, place: Place) => readonly Permission[]) | null;
  const value = spec[key];
  return needs === null || value === undefined ? [] : needs(value, place);
};

/** What a VMI, or a template, takes out of its namespace and others. Pure. */
export const instancePermissions = (
  metadata: ObjectMeta | undefined,
  spec: Spec | undefined,
  { namespace, path, metadataPath }: InstancePlace,
): readonly Permission[] => {
  const found: Permission[] = [];
  for (const key of Object.keys(spec ?? {}) as (keyof Spec)[]) {
    if (spec === undefined || !Object.hasOwn(FIELDS, key)) continue;
    found.push(...fieldPermissions(key, spec, { namespace, field: childPath(path, key) }));
  }
  if (metadata !== undefined) found.push(...annotations(metadata, { namespace, field: `${metadataPath}.annotations` }));
  return found;
};
