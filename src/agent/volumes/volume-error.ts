/**
 * `permanent`: trying again with this pod cannot help (its image is immutable), so the VM fails; `transient`: the start
 * is tried again with back-off.
 */
export type VolumeErrorKind = 'permanent' | 'transient';

/** A volume that cannot be made ready. */
export class VolumeError extends Error {
  readonly permanent: boolean;

  constructor(
    readonly volume: string,
    kind: VolumeErrorKind,
    message: string,
    options?: ErrorOptions,
  ) {
    super(`volume ${volume}: ${message}`, options);
    this.name = 'VolumeError';
    this.permanent = kind === 'permanent';
  }
}
