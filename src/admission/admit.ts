import { mutate } from './mutate.js';
import type { AdmissionContext, AdmissionOutcome, AdmissionRequest } from './types.js';
import { validate } from './validate.js';

/** Admission as a whole: decode → schema → defaults → rules. Pure. What the API server asks in two calls. */
export const admit = (request: AdmissionRequest, context: AdmissionContext): AdmissionOutcome => {
  const mutation = mutate(request, context);
  if (mutation.causes.length > 0) {
    // Defaults were refused; the rules still say what else is wrong where they can.
    const rest = validate(request, context);
    const known = new Set(mutation.causes.map(({ field, rule }) => `${field} ${rule ?? ''}`));
    const others = rest.causes.filter(({ field, rule }) => !known.has(`${field} ${rule ?? ''}`));
    return { ...mutation, causes: [...mutation.causes, ...others], warnings: [] };
  }
  return { ...mutation, ...validate({ ...request, object: mutation.object }, context) };
};
