import { admit } from '../../admission/admit.js';
import type { JsonPatchOperation } from '../../admission/json-patch.js';
import { mutate } from '../../admission/mutate.js';
import type { AdmissionContext, AdmissionRequest } from '../../admission/types.js';
import { validate } from '../../admission/validate.js';
import { renderWarning } from '../../admission/warnings/index.js';
import { MAX_CAUSES, type Cause } from '../../api/cause.js';
import type { Phase } from '../metrics.js';
import type { PolicyAnswer } from '../policies/policy-judge.js';

/** What is said of a request. */
export interface Outcome {
  readonly causes: readonly Cause[];
  readonly warnings: readonly string[];
  readonly patch: readonly JsonPatchOperation[];
  /** What policies are asked about; absent: they are not asked now. */
  readonly judged?: AdmissionRequest;
}

/** What the product's own rules say. */
export const outcomeOf = (phase: Phase, request: AdmissionRequest, context: AdmissionContext): Outcome => {
  if (phase === 'validate') {
    const { causes, warnings } = validate(request, context);
    return { causes, warnings: warnings.map(renderWarning), patch: [], judged: request };
  }
  const { causes, patch, suspicions, warnings } = mutate(request, context);
  if (causes.length + suspicions.length === 0) return { causes, patch, warnings: warnings.map(renderWarning) };
  // The API server would refuse it now, or ask no further: what the rules have to say has to be said here, and what
  // policies have, of an object that can be read.
  const whole = admit(request, context);
  const isReadable = causes.length === 0 && whole.causes.length > 0;
  const judged = isReadable ? { judged: { ...request, object: whole.object } } : {};
  return { causes: whole.causes, patch: whole.patch, warnings: [], ...judged };
};

/** Without what policies have decided about. A warning ends in its id. */
const withoutSettled = (own: Outcome, settled: ReadonlySet<string>): Outcome => ({
  ...own,
  causes: own.causes.filter(({ rule = '' }) => !settled.has(rule)),
  warnings: own.warnings.filter((text) => !settled.has(/\[([^\]]*)\]$/.exec(text)?.[1] ?? '')),
});

/**
 * What policies say besides. Where the object has mistakes of its own, an expression that fails may fail because of
 * them, and a violation at the same field may be the same mistake.
 */
export const outcomeWith = (own: Outcome, { causes, violations, warnings, settled }: PolicyAnswer): Outcome => {
  const outcome = settled.size === 0 ? own : withoutSettled(own, settled);
  if (outcome.causes.length === 0) return { ...outcome, causes, warnings: [...outcome.warnings, ...warnings] };
  const fields = new Set(outcome.causes.map(({ field }) => field));
  const others = violations.filter(({ field }) => !fields.has(field));
  return { ...outcome, causes: [...outcome.causes, ...others].slice(0, MAX_CAUSES) };
};
