import type { Finding, Outcome, Verdict } from './finding.js';
import { answerOf, isRefused } from './verdict.js';

/*
 * VMIs that virt-controller makes of a stored VM or replica set. What is stored was admitted, excepted, or there before
 * the policy: a policy that refused the VMI would stop a VM from starting again after a reboot. So what the owner has
 * too is let be, as in an update; what the owner has not was never looked at, and is refused.
 */

const keyOf = ({ policy, name }: Finding): string => `${policy.namespace ?? ''}/${policy.name}/${name}`;

/** Of an error the owner must have one too; a violation may be excepted there. */
const SAME: Readonly<Record<Outcome, readonly Outcome[]>> = {
  fail: ['fail', 'excepted', 'ratcheted'],
  error: ['error'],
  excepted: [],
  ratcheted: [],
};

/** The verdict on a VMI, with what its owner has too let be. */
export const letBeAsOwner = (verdict: Verdict, owner: Verdict, now: number): Verdict => {
  const known = new Map(owner.findings.map((finding) => [keyOf(finding), finding.outcome]));
  const findings = verdict.findings.map((finding): Finding => {
    const outcome = known.get(keyOf(finding));
    const isStored = outcome !== undefined && SAME[finding.outcome].includes(outcome);
    if (!isStored || !isRefused(finding) || finding.policy.spec.existing === 'Enforce') return finding;
    return { ...finding, outcome: 'ratcheted' };
  });
  return { ...verdict, ...answerOf(findings, now) };
};
