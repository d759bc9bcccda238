/**
 * What a VM uses, as the subresource `usage` of its VMI answers. What is not known is left out: nothing here is a
 * guess. Read by programs of another version too, so fields are only ever added.
 */
export interface VmiUsage {
  /** When it was read, RFC 3339. */
  readonly timestamp: string;
  readonly cpu: {
    /** Virtual CPUs that are not offline; absent while there is no QEMU. */
    readonly vcpus?: number;
    /** CPUs of the node that it had on average, over these seconds before the timestamp. */
    readonly cores?: number;
    readonly windowSeconds?: number;
    /** Since its start. */
    readonly seconds?: number;
  };
  /** Bytes. */
  readonly memory: {
    /** What QEMU has of the node, the guest in it. */
    readonly resident?: number;
    /** What the guest was given, and what it says that it uses of it. */
    readonly guest?: number;
    readonly guestUsed?: number;
  };
  /** Bytes since its start, of all its disks. */
  readonly disk?: {
    readonly readBytes?: number;
    readonly writtenBytes?: number;
  };
  /** Bytes since its start, of all its network cards, as its guest would say it. */
  readonly network?: {
    readonly receivedBytes?: number;
    readonly sentBytes?: number;
  };
}
