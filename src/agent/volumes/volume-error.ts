/**
 * `permanent`: trying again with this pod cannot help (its image is immutable), so the VM fails; `transient`: the start
 * is tried again with back-off.
 */
export type VolumeErrorKind = 'permanent' | 'transient';

/** What has an image without being a volume. */
export interface ImageHolder {
  /** As messages name it. */
  readonly said: string;
  /** The field that says which file of the image is meant. */
  readonly pathField: string;
}

/** By its name where it is a volume. */
export type Owner = string | ImageHolder;

/** A volume, or another file of an image, that cannot be made ready. */
export class VolumeError extends Error {
  readonly permanent: boolean;

  constructor(owner: Owner, kind: VolumeErrorKind, message: string, options?: ErrorOptions) {
    super(`${typeof owner === 'string' ? `volume ${owner}` : owner.said}: ${message}`, options);
    this.name = 'VolumeError';
    this.permanent = kind === 'permanent';
  }
}
