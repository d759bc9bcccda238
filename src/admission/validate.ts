import { MAX_CAUSES, TOO_MANY_CAUSES, type Cause } from '../api/cause.js';
import { isRelease } from './deletion.js';
import { ruleRequest } from './rule-request.js';
import type { AdmissionContext, AdmissionRequest, ValidationOutcome } from './types.js';
import { updateCauses } from './validate-instance.js';
import { checkObject } from './validate-object.js';
import { statusCauses } from './validate-status.js';
import { warningsOf } from './warnings/index.js';

/**
 * What a write to an object that is being deleted may not do all the same: the agent of one node ends no VM of another.
 */
const releaseCauses = (admitted: AdmissionRequest, admission: AdmissionContext): readonly Cause[] => {
  const request = ruleRequest(admitted, admission);
  return request.agent === undefined || admitted.kind !== 'VirtualMachineInstance'
    ? []
    : updateCauses(admitted, request);
};

/** What a check found, and the object that was looked at. */
interface Checked {
  readonly causes: readonly Cause[];
  readonly object: unknown;
}

/** See {@link MAX_CAUSES}. */
const limited = (causes: readonly Cause[]): readonly Cause[] =>
  causes.length < MAX_CAUSES || causes.includes(TOO_MANY_CAUSES)
    ? causes
    : [...causes.slice(0, MAX_CAUSES), TOO_MANY_CAUSES];

/** How one sort of write is checked. */
interface Check {
  readonly holdsFor: (admitted: AdmissionRequest, admission: AdmissionContext) => boolean;
  readonly run: (admitted: AdmissionRequest, admission: AdmissionContext) => Checked;
  /** Whether an object without causes gets warnings. */
  readonly warns: boolean;
}

const asItIs =
  (causes: (admitted: AdmissionRequest, admission: AdmissionContext) => readonly Cause[]): Check['run'] =>
  (admitted, admission) => ({ causes: causes(admitted, admission), object: admitted.object });

/** The first that holds for a write is the one that is made. */
const CHECKS: readonly Check[] = [
  // Whatever an object holds that is being deleted, its finalizers must be removable.
  { holdsFor: isRelease, run: asItIs(releaseCauses), warns: false },
  { holdsFor: ({ subResource }) => subResource === 'status', run: asItIs(statusCauses), warns: false },
  {
    holdsFor: () => true,
    run: (admitted, admission) => {
      const { causes, object } = checkObject(admitted, admission);
      return { causes: limited(causes), object };
    },
    warns: true,
  },
];

/**
 * The second half of admission: every rule, every cause. Pure. Expects what {@link mutate} returned; templates it
 * defaults itself, in a copy.
 */
export const validate = (admitted: AdmissionRequest, admission: AdmissionContext): ValidationOutcome => {
  const check = CHECKS.find(({ holdsFor }) => holdsFor(admitted, admission));
  const { causes, object } = check?.run(admitted, admission) ?? { causes: [], object: admitted.object };
  if (check?.warns !== true || causes.length > 0) return { causes, warnings: [] };
  return { causes, warnings: warningsOf(object === admitted.object ? admitted : { ...admitted, object }, admission) };
};
