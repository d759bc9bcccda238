import { MAX_CAUSES, shortened, type Cause } from '../../api/cause.js';
import type { Finding } from './finding.js';
import type { Rule } from './rule.js';
import type { Request } from './subject.js';

const causeOf = (id: string, { type, field, message, because: reason }: Finding): Cause => {
  const cause: Cause = { type, field, message: shortened(message), rule: id };
  if (reason !== undefined) cause.because = reason;
  return cause;
};

/**
 * Runs the rules that hold for this operation, in the order of the table, and collects the causes: up to {@link
 * MAX_CAUSES}, every one.
 */
export const runRules = <Subject extends Request>(rules: readonly Rule<Subject>[], subject: Subject): Cause[] => {
  const causes: Cause[] = [];
  for (const { operations, check, id } of rules) {
    if (operations !== undefined && !operations.includes(subject.operation)) continue;
    const findings = check(subject);
    // Nothing is made for a rule that finds nothing: there are hundreds of them.
    if (findings.length === 0) continue;
    for (const finding of findings) causes.push(causeOf(id, finding));
    // An answer must not be a hundred times as large as its request. `validate` says that there may be more.
    if (causes.length >= MAX_CAUSES) break;
  }
  return causes;
};
