/**
 * A volume that cannot be made ready. `permanent`: trying again with this pod cannot help (its image is immutable), so
 * the VM fails; otherwise the start is tried again with back-off.
 */
export class VolumeError extends Error {
  constructor(
    readonly volume: string,
    readonly permanent: boolean,
    message: string,
    options?: ErrorOptions,
  ) {
    super(`volume ${volume}: ${message}`, options);
    this.name = 'VolumeError';
  }
}
