import type { Permission } from '../../api/access/access.js';
import { childPath } from '../../api/cause.js';
import type { Volume } from '../../api/schema/volumes.js';
import type { VolumeSourceKind } from '../../api/vmi/volume-source.js';
import { claim, configMap, podsOnly, secret, serviceAccount, type Place } from './rights.js';

type Needs = (volume: Volume, place: Place) => readonly Permission[];

const NOTHING: readonly Permission[] = [];
const nothing: Needs = () => NOTHING;

/** The permission for what a field names; none where it names nothing. */
export const ifNamed = (
  make: (place: Place, name: string) => Permission,
  name: string | undefined,
  { namespace, field }: Place,
  below: string,
): readonly Permission[] =>
  name === undefined || name === '' ? NOTHING : [make({ namespace, field: `${field}.${below}` }, name)];

const cloudInit: Needs = ({ cloudInitNoCloud, cloudInitConfigDrive }, place) => {
  const source = cloudInitNoCloud ?? cloudInitConfigDrive;
  return [
    ...ifNamed(secret, source?.secretRef?.name, place, 'secretRef.name'),
    ...ifNamed(secret, source?.networkDataSecretRef?.name, place, 'networkDataSecretRef.name'),
  ];
};

/** What each kind of volume takes out of its namespace. Every kind of the schema is here, or this file does not compile. */
const VOLUMES: Readonly<Record<VolumeSourceKind, Needs>> = {
  cloudInitConfigDrive: cloudInit,
  cloudInitNoCloud: cloudInit,
  configMap: ({ configMap: source }, place) => ifNamed(configMap, source?.name, place, 'name'),
  // The image is pulled for the VM's own pod, where the node's and the namespace's rules on images hold.
  containerDisk: ({ containerDisk }, place) =>
    ifNamed(secret, containerDisk?.imagePullSecret, place, 'imagePullSecret'),
  containerPath: nothing,
  dataVolume: ({ dataVolume }, place) => ifNamed(claim, dataVolume?.name, place, 'name'),
  // The pod's own labels, annotations and sizes.
  downwardAPI: nothing,
  // Figures of the node that the administrator lets VMs have by a feature gate.
  downwardMetrics: nothing,
  emptyDisk: nothing,
  ephemeral: ({ ephemeral }, place) =>
    ifNamed(claim, ephemeral?.persistentVolumeClaim?.claimName, place, 'persistentVolumeClaim.claimName'),
  hostDisk: (_volume, place) => [podsOnly(place, "a directory of the node's")],
  memoryDump: ({ memoryDump }, place) => ifNamed(claim, memoryDump?.claimName, place, 'claimName'),
  persistentVolumeClaim: ({ persistentVolumeClaim }, place) =>
    ifNamed(claim, persistentVolumeClaim?.claimName, place, 'claimName'),
  secret: ({ secret: source }, place) => ifNamed(secret, source?.secretName, place, 'secretName'),
  serviceAccount: ({ serviceAccount: source }, place) =>
    ifNamed(serviceAccount, source?.serviceAccountName, place, 'serviceAccountName'),
  sysprep: ({ sysprep }, place) => [
    ...ifNamed(secret, sysprep?.secret?.name, place, 'secret.name'),
    ...ifNamed(configMap, sysprep?.configMap?.name, place, 'configMap.name'),
  ],
};

/** Every source of a volume is looked at, not the first: that there is one is another rule's business. */
export const volumePermissions = (volume: Volume, place: Place): readonly Permission[] => {
  const needs: Permission[] = [];
  for (const key of Object.keys(volume)) {
    if (!Object.hasOwn(VOLUMES, key)) continue;
    const kind = key as VolumeSourceKind;
    if (volume[kind] === undefined || VOLUMES[kind] === nothing) continue;
    needs.push(...VOLUMES[kind](volume, { namespace: place.namespace, field: childPath(place.field, kind) }));
  }
  return needs;
};
