import type { Permission } from '../../api/access/access.js';
import { childPath } from '../../api/cause.js';
import type { Volume } from '../../api/schema/volumes.js';
import type { SourceReference, VolumeSource, VolumeSourceKind } from '../../api/vmi/volume-source.js';
import { VOLUME_SOURCES } from '../../api/vmi/volume-sources.js';
import { claim, configMap, podsOnly, secret, serviceAccount, type Place } from './rights.js';

const NOTHING: readonly Permission[] = [];

/** The permission for what a field names; none where it names nothing. */
export const ifNamed = (
  make: (place: Place, name: string) => Permission,
  name: string | undefined,
  { namespace, field }: Place,
  below: string,
): readonly Permission[] =>
  name === undefined || name === '' ? NOTHING : [make({ namespace, field: `${field}.${below}` }, name)];

type Needs = (reference: SourceReference, place: Place) => readonly Permission[];
const named =
  (make: (place: Place, name: string) => Permission): Needs =>
  ({ name, field }, place) =>
    ifNamed(make, name, place, field);

/** The right to use what a volume names. */
const RIGHTS: Readonly<Record<SourceReference['kind'], Needs>> = {
  ConfigMap: named(configMap),
  PersistentVolumeClaim: named(claim),
  Secret: named(secret),
  ServiceAccount: named(serviceAccount),
  // Whatever its path is, and whether or not it is written.
  NodeDirectory: (reference, place) => [podsOnly(place, "a directory of the node's", JSON.stringify(reference))],
};

/** Every source of a volume is looked at, not the first: that there is one is another rule's business. */
export const volumePermissions = (volume: Volume, place: Place): readonly Permission[] => {
  const needs: Permission[] = [];
  for (const key of Object.keys(volume)) {
    if (!Object.hasOwn(VOLUME_SOURCES, key)) continue;
    const kind = key as VolumeSourceKind;
    const settings: unknown = volume[kind];
    if (settings === undefined) continue;
    const at = { namespace: place.namespace, field: childPath(place.field, kind) };
    // The table gives each kind the type of its own settings.
    for (const reference of (VOLUME_SOURCES[kind] as VolumeSource<unknown>).references(settings))
      needs.push(...RIGHTS[reference.kind](reference, at));
  }
  return needs;
};
