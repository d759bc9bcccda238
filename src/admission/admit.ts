import { mutate } from './mutate.js';
import type { AdmissionContext, AdmissionOutcome, AdmissionRequest } from './types.js';
import { validate } from './validate.js';

/** Admission as a whole: decode → schema → defaults → rules. Pure. What the API server asks in two calls. */
export const admit = (request: AdmissionRequest, context: AdmissionContext): AdmissionOutcome => {
  const mutation = mutate(request, context);
  if (mutation.causes.length === 0) {
    const validation = validate({ ...request, object: mutation.object }, context);
    const warnings = validation.causes.length === 0 ? [...mutation.warnings, ...validation.warnings] : [];
    return { ...mutation, ...validation, warnings };
  }
  // It could not be defaulted; the rules still say what else is wrong where they can, the schema's causes included.
  const { causes } = validate(request, context);
  const known = new Set(causes.map(({ field, rule }) => `${field} ${rule ?? ''}`));
  const refused = mutation.causes.filter(
    ({ field, rule = '' }) => !rule.startsWith('schema.') && !known.has(`${field} ${rule}`),
  );
  return { ...mutation, causes: [...refused, ...causes], warnings: [] };
};
