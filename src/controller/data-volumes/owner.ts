import { CDI_GROUP, CDI_VERSION } from '../../api/data-volume/data-volume.js';
import type { DataVolume } from '../../api/schema/datavolume.js';
import type { ObjectMeta } from '../../api/schema/meta.js';

/** What is made for a DataVolume is deleted with it. */
export const ownedBy = ({ metadata }: DataVolume): NonNullable<ObjectMeta['ownerReferences']> => [
  {
    apiVersion: `${CDI_GROUP}/${CDI_VERSION}`,
    kind: 'DataVolume',
    name: metadata?.name ?? '',
    uid: metadata?.uid ?? '',
    controller: true,
    blockOwnerDeletion: true,
  },
];
