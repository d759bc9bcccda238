import { MAX_CAUSES, TOO_MANY_CAUSES, type Cause } from '../api/cause.js';
import { isRelease } from './deletion.js';
import { ruleRequest } from './rule-request.js';
import type { AdmissionContext, AdmissionRequest, ValidationOutcome } from './types.js';
import { updateCauses } from './validate-instance.js';
import { isOurProgram } from './our-programs.js';
import { checkShape } from './schema.js';
import { judge, storedWarnings, type Judged } from './stored-before.js';
import { checkObject } from './validate-object.js';
import { statusCauses } from './validate-status.js';
import { warningsOf } from './warnings/index.js';
import { restartWarnings } from './warnings/restart.js';

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
  { holdsFor: () => true, run: checkObject, warns: true },
];

/**
 * What of the causes is this writer's. Of the stored object the same check is made, as of anybody's: for our own
 * programs it would leave out what they need not correct.
 */
const judged = (
  { run }: Check,
  admitted: AdmissionRequest,
  admission: AdmissionContext,
): Judged & { readonly isReadable: boolean; readonly object: unknown } => {
  const { causes, object } = run(admitted, admission);
  if (causes.length === 0) return { refused: causes, storedBefore: [], isReadable: true, object };
  const isReadable = admitted.operation === 'CREATE' || checkShape(admitted.kind, admitted.object).shaped;
  const stored = { ...admitted, object: admitted.oldObject, user: undefined };
  const verdict = judge(causes, admitted, isReadable, () => run(stored, admission).causes);
  return { ...verdict, isReadable, object };
};

/** Rules on a VMI's shape say nothing about who may write it. */
const writerCauses = (admitted: AdmissionRequest, admission: AdmissionContext): readonly Cause[] =>
  admitted.kind === 'VirtualMachineInstance' ? updateCauses(admitted, ruleRequest(admitted, admission)) : [];

/**
 * The second half of admission: every rule, every cause. Pure. Expects what {@link mutate} returned; templates it
 * defaults itself, in a copy.
 */
export const validate = (admitted: AdmissionRequest, admission: AdmissionContext): ValidationOutcome => {
  const check = CHECKS.find(({ holdsFor }) => holdsFor(admitted, admission));
  if (check === undefined) return { causes: [], warnings: [] };
  const { refused, storedBefore, isReadable, object } = judged(check, admitted, admission);
  const causes = refused.length === 0 && !isReadable ? writerCauses(admitted, admission) : limited(refused);
  if (causes.length > 0 || !check.warns) return { causes, warnings: [] };
  // Warnings are about objects without mistakes.
  if (storedBefore.length === 0) {
    const seen = object === admitted.object ? admitted : { ...admitted, object };
    return { causes, warnings: [...restartWarnings(seen, admission), ...warningsOf(seen, admission)] };
  }
  const isOurs = isOurProgram(admitted.user?.username, admission.installNamespace);
  return { causes, warnings: isOurs ? [] : storedWarnings(storedBefore) };
};
