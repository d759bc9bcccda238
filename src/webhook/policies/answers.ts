import { codeOf } from '../../api/status.js';
import { describeCause } from '../../api/cause.js';
import { visibleLine } from '../../api/visible-text.js';
import type { PolicyCause } from '../../policies/compile-policy.js';
import { allowed, type AdmissionReview } from '../admission/answers.js';

/** kubectl prints the message, not its causes: that many are written out there. All are in `details`. */
const MAX_SHOWN = 20;

/** The line of the expression with a caret under the place; nothing for what is in no expression. */
const below = ({ excerpt }: PolicyCause): string =>
  excerpt === undefined ? '' : ['', ...excerpt.split('\n').map((line) => `  ${visibleLine(line)}`)].join('\n');

/** kubectl writes the field before it. */
const withoutField = ({ field, message }: PolicyCause): string =>
  message.startsWith(`${field} `) ? message.slice(field.length + 1) : message;

const shown = (cause: PolicyCause): string => {
  const { field, message, excerpt } = cause;
  if (excerpt === undefined) return describeCause(cause);
  return visibleLine(`${field}:${message}`) + below(cause);
};

/** Refused for these causes: 422 Invalid, a cause a line. */
export const deniedPolicy = (uid: string, causes: readonly PolicyCause[]): AdmissionReview => {
  const more = causes.length - MAX_SHOWN;
  const lines = [...causes.slice(0, MAX_SHOWN).map(shown), ...(more > 0 ? [`and ${more} more`] : [])];
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: {
      uid,
      allowed: false,
      status: {
        code: codeOf('Invalid'),
        reason: 'Invalid',
        message: lines.join('\n'),
        details: {
          // kubectl prints these in the place of the message.
          causes: causes.map((cause) => ({
            reason: cause.type,
            message: visibleLine(withoutField(cause)) + below(cause),
            field: visibleLine(cause.field),
          })),
        },
      },
    },
  };
};

export const allowedPolicy = (uid: string, warnings: readonly string[]): AdmissionReview => {
  const more = warnings.length - MAX_SHOWN;
  return allowed(uid, more > 0 ? [...warnings.slice(0, MAX_SHOWN), `and ${more} more warnings`] : warnings);
};
