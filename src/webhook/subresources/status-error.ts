import { GROUP } from '../../api/names.js';

/** `metadata/v1` Status, the body of every failure of this API (spec/control.md §2.4). */
export interface Status {
  readonly kind: 'Status';
  readonly apiVersion: 'v1';
  readonly metadata: Record<string, never>;
  readonly status: 'Failure';
  readonly message: string;
  readonly reason: StatusReason;
  readonly details?: { readonly name?: string; readonly group?: string; readonly kind?: string };
  readonly code: number;
}

export type StatusReason =
  | 'BadRequest'
  | 'Unauthorized'
  | 'Forbidden'
  | 'NotFound'
  | 'MethodNotAllowed'
  | 'Conflict'
  | 'InternalError'
  | 'ServiceUnavailable';

const codes: Record<StatusReason, number> = {
  BadRequest: 400,
  Unauthorized: 401,
  Forbidden: 403,
  NotFound: 404,
  MethodNotAllowed: 405,
  Conflict: 409,
  InternalError: 500,
  ServiceUnavailable: 503,
};

/** Whether a text from elsewhere is a reason that has a code here. */
export const isStatusReason = (value: unknown): value is StatusReason =>
  typeof value === 'string' && Object.hasOwn(codes, value);

export type Resource = 'virtualmachines' | 'virtualmachineinstances';

/** The resource as messages and `details.kind` name it: in the singular, as the reference does. */
const singular: Record<Resource, string> = {
  virtualmachines: 'virtualmachine',
  virtualmachineinstances: 'virtualmachineinstance',
};

/** A failure that has an honest HTTP code and that the caller may read. */
export class StatusError extends Error {
  readonly code: number;
  constructor(
    readonly reason: StatusReason,
    message: string,
    readonly details?: Status['details'],
  ) {
    super(message);
    this.name = 'StatusError';
    this.code = codes[reason];
  }

  toStatus(): Status {
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: this.message,
      reason: this.reason,
      ...(this.details ? { details: this.details } : {}),
      code: this.code,
    };
  }
}

const detailsOf = (resource: Resource, name: string) => ({ name, group: GROUP, kind: singular[resource] });
const qualified = (resource: Resource) => `${singular[resource]}.${GROUP}`;

export const notFound = (resource: Resource, name: string) =>
  new StatusError('NotFound', `${qualified(resource)} "${name}" not found`, detailsOf(resource, name));

export const conflict = (resource: Resource, name: string, text: string) =>
  new StatusError(
    'Conflict',
    `Operation cannot be fulfilled on ${qualified(resource)} "${name}": ${text}`,
    detailsOf(resource, name),
  );

export const badRequest = (text: string) => new StatusError('BadRequest', text);

export const internalError = (text: string) => new StatusError('InternalError', `Internal error occurred: ${text}`);
