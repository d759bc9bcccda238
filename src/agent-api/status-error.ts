import { GROUP } from '../api/names.js';
import { codeOf, failureStatus, type FailureStatus, type StatusDetails, type StatusReason } from '../api/status.js';

/**
 * A failure with an honest HTTP code, which the caller may read: of the webhook's subresources, and of the agent behind
 * them.
 */
export class StatusError extends Error {
  override readonly name = 'StatusError';
  readonly code: number;
  constructor(
    readonly reason: StatusReason,
    message: string,
    readonly details?: StatusDetails,
  ) {
    super(message);
    this.code = codeOf(reason);
  }

  toStatus(): FailureStatus {
    return failureStatus(this.reason, this.message, this.details);
  }
}

export type Resource = 'virtualmachines' | 'virtualmachineinstances';

/** The resource as messages and `details.kind` name it: in the singular, as the reference does. */
const singular: Record<Resource, string> = {
  virtualmachines: 'virtualmachine',
  virtualmachineinstances: 'virtualmachineinstance',
};

type Causes = StatusDetails['causes'];

const detailsOf = (resource: Resource, name: string, causes?: Causes) => ({
  name,
  group: GROUP,
  kind: singular[resource],
  ...(causes === undefined ? {} : { causes }),
});
const qualified = (resource: Resource) => `${singular[resource]}.${GROUP}`;

export const notFound = (resource: Resource, name: string) =>
  new StatusError('NotFound', `${qualified(resource)} "${name}" not found`, detailsOf(resource, name));

export const conflict = (resource: Resource, name: string, text: string, causes?: Causes) =>
  new StatusError(
    'Conflict',
    `Operation cannot be fulfilled on ${qualified(resource)} "${name}": ${text}`,
    detailsOf(resource, name, causes),
  );

export const forbidden = (resource: Resource, name: string, text: string) =>
  new StatusError('Forbidden', `${qualified(resource)} "${name}" is forbidden: ${text}`, detailsOf(resource, name));

export const badRequest = (text: string, causes?: Causes) =>
  new StatusError('BadRequest', text, causes === undefined ? undefined : { causes });

export const internalError = (text: string) => new StatusError('InternalError', `Internal error occurred: ${text}`);
