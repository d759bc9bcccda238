/*
 * metav1.Status: what every server of Kubernetes, ours too, answers when it cannot do what was asked. The one table of
 * reasons and codes of webhook, agent, plugin and the client of the API server; docs/errors.md is made from it.
 */

export interface Status {
  apiVersion?: string;
  kind?: string;
  status?: string;
  code?: number;
  reason?: string;
  message?: string;
  details?: StatusDetails;
}

export interface StatusDetails {
  name?: string;
  group?: string;
  kind?: string;
  uid?: string;
  retryAfterSeconds?: number;
  causes?: { reason?: string; message?: string; field?: string }[];
}

interface ReasonEntry {
  /** HTTP's. */
  readonly code: number;
  readonly meaning: string;
  /** What who gets it does about it. */
  readonly remedy: string;
}

/** Where two reasons have one code, the first is what the code alone means. */
export const STATUS_REASONS = {
  BadRequest: {
    code: 400,
    meaning: 'The request, or a setting of the VM that does not change by waiting, makes it impossible.',
    remedy: 'Change what the message names; the same request fails again.',
  },
  Unauthorized: {
    code: 401,
    meaning: 'Who asks is not known.',
    remedy: 'Log in again. From virt-webhook: ask the API server, which vouches for its users, not the webhook.',
  },
  Forbidden: {
    code: 403,
    meaning: 'Who asks has no permission.',
    remedy: 'Get the verb on the resource that the message names, for example by the ClusterRole `kubevirt.io:edit`.',
  },
  NotFound: {
    code: 404,
    meaning: 'There is no such object, or no such subresource.',
    remedy: 'Check name and namespace. A stopped VirtualMachine has no VirtualMachineInstance.',
  },
  MethodNotAllowed: {
    code: 405,
    meaning: 'The subresource takes another HTTP method.',
    remedy: 'Use the method that the message names.',
  },
  Conflict: {
    code: 409,
    meaning:
      'The state of the VM, which may change by itself, does not allow it now; or somebody else wrote meanwhile.',
    remedy: 'Look at the state that the message names, and try again when it has changed.',
  },
  AlreadyExists: {
    code: 409,
    meaning: 'There is an object of this name.',
    remedy: 'Choose another name, or change the object that is there.',
  },
  Expired: {
    code: 410,
    meaning: 'The resource version is too old to go on from.',
    remedy: 'List again and watch from there; our programs do.',
  },
  RequestEntityTooLarge: {
    code: 413,
    meaning: 'The body is larger than the server reads.',
    remedy: 'Send less; the message has the limit.',
  },
  UnsupportedMediaType: {
    code: 415,
    meaning: 'The body is not JSON.',
    remedy: 'Send `application/json`.',
  },
  Invalid: {
    code: 422,
    meaning: 'Admission refuses the object; every cause is in `details.causes`.',
    remedy: 'Correct the fields that the causes name ([rules.md](rules.md)).',
  },
  TooManyRequests: {
    code: 429,
    meaning: 'Not now: an eviction while the guest moves, or too much at once.',
    remedy: 'Try again after some seconds; `kubectl drain` does.',
  },
  InternalError: {
    code: 500,
    meaning: 'It failed in a program of ours, on the node, or in libvirt.',
    remedy: 'The message says where; the log of that program has the rest.',
  },
  ServiceUnavailable: {
    code: 503,
    meaning: 'A program that is needed is starting or cannot be reached.',
    remedy: 'Try again after some seconds; look at the pods in the namespace `kubevirt`.',
  },
} as const satisfies Readonly<Record<string, ReasonEntry>>;

export type StatusReason = keyof typeof STATUS_REASONS;

/** Whether a text from elsewhere is a reason that has a code here. */
export const isStatusReason = (value: unknown): value is StatusReason =>
  typeof value === 'string' && Object.hasOwn(STATUS_REASONS, value);

export const codeOf = (reason: StatusReason): number => STATUS_REASONS[reason].code;

/** What a code alone means; undefined for one that is not in the table. */
export const reasonOf = (code: number): StatusReason | undefined =>
  (Object.keys(STATUS_REASONS) as StatusReason[]).find((reason) => codeOf(reason) === code);

/** A Status of ours: nothing that clients read is missing. */
export type FailureStatus = Status & {
  readonly kind: 'Status';
  readonly apiVersion: 'v1';
  readonly status: 'Failure';
  readonly code: number;
  readonly reason: StatusReason;
  readonly message: string;
};

export const failureStatus = (reason: StatusReason, message: string, details?: StatusDetails): FailureStatus => ({
  kind: 'Status',
  apiVersion: 'v1',
  status: 'Failure',
  message,
  reason,
  ...(details === undefined ? {} : { details }),
  code: codeOf(reason),
});
