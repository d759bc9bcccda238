import type { Cause } from '../../api/cause.js';
import type { OwnRules, Remark } from '../../policies/own-rules.js';
import { checkShape } from '../schema.js';
import type { AdmissionRequest } from '../types.js';
import { subjectOf, WARNINGS, type WarningContext } from './index.js';
import type { Warning, WarningSubject } from './warning.js';

/*
 * What the product says of an object, for policies that decide about it: a warning is looked for when a policy asks,
 * also one that is told nowhere else, and by whoever the object is written.
 */

const BY_ID: ReadonlyMap<string, Warning> = new Map(WARNINGS.map((warning) => [warning.id, warning]));
const NOTHING: readonly Remark[] = [];

const remarksIn = (request: AdmissionRequest, context: WarningContext): OwnRules['remarks'] => {
  let subject: WarningSubject | undefined;
  let isKnown = false;
  return (id) => {
    const warning = BY_ID.get(id);
    if (warning?.kinds.includes(request.kind) !== true) return NOTHING;
    if (!isKnown) {
      isKnown = true;
      // A check throws on nothing that has the shape of its kind.
      const { shaped, object } = checkShape(request.kind, request.object);
      if (shaped) subject = subjectOf({ ...request, object }, context);
    }
    return subject === undefined ? NOTHING : warning.check(subject);
  };
};

export const ownRulesOf = (request: AdmissionRequest, context: WarningContext, causes: readonly Cause[]): OwnRules => ({
  causes,
  remarks: remarksIn(request, context),
  storedRemarks: remarksIn({ ...request, object: request.oldObject }, context),
});
