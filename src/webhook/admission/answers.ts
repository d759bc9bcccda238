import { codeOf } from '../../api/status.js';
import type { JsonPatchOperation } from '../../admission/json-patch.js';
import { describeCause, MAX_MESSAGE, type Cause } from '../../api/cause.js';
import { visibleLine } from '../../api/visible-text.js';

/** `metav1.StatusCause`: the type travels under the key `reason` (docs/reference/admission.md §2.2). */
export interface StatusCause {
  readonly reason: string;
  readonly message: string;
  readonly field: string;
}

export interface AdmissionResponse {
  readonly uid: string;
  readonly allowed: boolean;
  readonly status?: {
    readonly code: number;
    readonly message: string;
    readonly reason?: string;
    readonly details?: { readonly causes: readonly StatusCause[] };
  };
  readonly patchType?: 'JSONPatch';
  /** Base64 of the JSON patch. */
  readonly patch?: string;
  readonly warnings?: readonly string[];
  readonly auditAnnotations?: Readonly<Record<string, string>>;
}

export interface AdmissionReview {
  readonly apiVersion: 'admission.k8s.io/v1';
  readonly kind: 'AdmissionReview';
  readonly response: AdmissionResponse;
}

/** kubectl prints the status' message, not its causes: that many are written out there. All are in `details`. */
const MAX_IN_MESSAGE = 20;

const review = (response: AdmissionResponse): AdmissionReview => ({
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  response,
});

/** kubectl prints them on the user's terminal; keys and values of the object are in them. */
const withWarnings = (warnings: readonly string[]) =>
  warnings.length === 0 ? {} : { warnings: warnings.map(visibleLine) };

const OF_POLICY = 'policy/';

/** Whom to ask about a policy, nobody knows who does not read its name. */
const withPolicy = (cause: Cause): Cause => {
  const { rule = '', message } = cause;
  if (!rule.startsWith(OF_POLICY)) return cause;
  const end = ` [${rule}]`;
  const room = MAX_MESSAGE - end.length;
  return { ...cause, message: `${message.length <= room ? message : `${message.slice(0, room - 1)}…`}${end}` };
};

const statusCause = ({ type, message, field }: Cause): StatusCause => ({
  reason: type,
  message: visibleLine(message),
  field: visibleLine(field),
});

const summaryOf = (causes: readonly Cause[]): string => {
  const shown = causes.slice(0, MAX_IN_MESSAGE).map(describeCause).join('; ');
  const more = causes.length - MAX_IN_MESSAGE;
  return more > 0 ? `${shown}; and ${more} more` : shown;
};

export const allowed = (uid: string, warnings: readonly string[] = []): AdmissionReview =>
  review({ uid, allowed: true, ...withWarnings(warnings) });

/** Allowed, and changed by the patch; without an operation it is {@link allowed}. */
export const patched = (
  uid: string,
  patch: readonly JsonPatchOperation[],
  warnings: readonly string[] = [],
): AdmissionReview =>
  patch.length === 0
    ? allowed(uid, warnings)
    : review({
        uid,
        allowed: true,
        patchType: 'JSONPatch',
        patch: Buffer.from(JSON.stringify(patch)).toString('base64'),
        ...withWarnings(warnings),
      });

/** Refused for these causes: 422 Invalid, with every cause in the details. */
export const denied = (uid: string, found: readonly Cause[]): AdmissionReview => {
  const causes = found.map(withPolicy);
  return review({
    uid,
    allowed: false,
    status: {
      code: codeOf('Invalid'),
      reason: 'Invalid',
      message: summaryOf(causes),
      details: { causes: causes.map(statusCause) },
    },
  });
};

/** With what the API server writes to its audit log. */
export const audited = (
  { response, ...rest }: AdmissionReview,
  auditAnnotations: Readonly<Record<string, string>>,
): AdmissionReview =>
  Object.keys(auditAnnotations).length === 0
    ? { response, ...rest }
    : { ...rest, response: { ...response, auditAnnotations } };

/** Refused because the request itself could not be handled. */
export const errored = (uid: string, code: 400 | 403 | 413 | 415 | 429 | 500, message: string): AdmissionReview =>
  review({ uid, allowed: false, status: { code, message } });

/**
 * An eviction that is not possible now. Without Retry-After on purpose: client-go would ask again by itself and show
 * nobody the message; kubectl drain prints it and asks again after 5 s.
 */
export const tooManyRequests = (uid: string, message: string): AdmissionReview =>
  review({ uid, allowed: false, status: { code: codeOf('TooManyRequests'), reason: 'TooManyRequests', message } });
