import type { Volume } from '../schema/volumes.js';

/** What a volume's bytes come from: the name of the one field beside `name`. */
export type VolumeSourceKind = Exclude<keyof Volume, 'name'>;

/** The source of a volume; undefined where none is set. Admission sees to it that there is one at most. */
export const volumeSourceKind = (volume: Volume): VolumeSourceKind | undefined =>
  (Object.keys(volume) as (keyof Volume)[]).find(
    (key): key is VolumeSourceKind => key !== 'name' && volume[key] !== undefined,
  );
