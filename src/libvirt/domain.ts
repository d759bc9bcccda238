/** A virtual machine as libvirt names it in every call. */
export interface Domain {
  readonly name: string;
  /** `8-4-4-4-12`, lower case. */
  readonly uuid: string;
  /** The number of the running instance; -1 while it is not running (as of the call that returned this object). */
  readonly id: number;
}

/** A saved state of a domain, as libvirt names it in every call. */
export interface Snapshot {
  readonly name: string;
  readonly domain: Domain;
}
