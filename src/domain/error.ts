/** Why a VMI cannot become a domain. The codes are what an agent puts into an event's reason. */
export type DomainErrorCode =
  /** Neither /dev/kvm nor permission to emulate, or more than emulation can do. */
  | 'KVMUnavailable'
  /** A value that no domain can be made of. */
  | 'InvalidValue'
  /** Something the VMI names does not exist: a volume, a network. */
  | 'NotFound'
  /** A field this project does not act on yet. Admission refuses it first; this is the second line. */
  | 'NotSupported'
  /** What the agent should have found out before: the format of an image. */
  | 'MissingInput';

/** `message` says what is wrong and what to do; `field` is the JSON path in the VMI, where there is one. */
export class DomainError extends Error {
  override readonly name = 'DomainError';
  constructor(
    readonly code: DomainErrorCode,
    message: string,
    readonly field?: string,
  ) {
    super(field === undefined ? message : `${field}: ${message}`);
  }
}
