import { visibleLine } from '../../api/visible-text.js';
import { FAILED_KEY } from '../../policies/annotations.js';
import type { Verdict } from '../../policies/finding.js';
import type { Engine } from './snapshot.js';

/*
 * What of a verdict stands in the API server's audit log. It puts the name of the webhook and a slash in front of a
 * key, and takes no key with another slash.
 */

/** As many as in the annotation of Kubernetes' own policies. */
const MAX_FAILED = 50;
const MAX_MESSAGE = 200;

export const auditAnnotations = (
  { findings, annotations }: Pick<Verdict, 'findings' | 'annotations'>,
  { ruleOf }: Pick<Engine, 'ruleOf'>,
): Readonly<Record<string, string>> => {
  if (findings.length === 0) return annotations;
  const failed = findings.slice(0, MAX_FAILED).map((finding) => ({
    rule: ruleOf(finding),
    action: finding.action,
    outcome: finding.outcome,
    field: finding.field.slice(0, MAX_MESSAGE),
    message: visibleLine(finding.message.slice(0, MAX_MESSAGE)),
    ...(finding.exception === undefined ? {} : { exception: finding.exception }),
  }));
  return { ...annotations, [FAILED_KEY]: JSON.stringify(failed) };
};
