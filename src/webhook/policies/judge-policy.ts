import { recordOf } from '../../api/record.js';
import { inSlices } from '../../kube/work/in-slices.js';
import { canonical } from '../../policies/canonical.js';
import { compilingPolicy, describePolicyCause, hasForm, type PolicyCause } from '../../policies/compile-policy.js';
import { MOST_OF_POLICY, sizeCauses } from '../../policies/policy-size.js';
import { creationWeakenings, deletionWeakenings, weakeningsOf } from '../../policies/weakening.js';
import type { Weakening } from '../../policies/action-weakening.js';

import { forbidden, judgePause, pausedWarning, type JudgeDependencies } from './judge-pause.js';
import { amountCauses } from './judge-amount.js';
import { NOTHING_TO_SAY, refusedFor, type Judgement, type Notice } from './judgement.js';
import { isBeingDeleted, type PolicyReview } from './review.js';
import type { PolicyRight } from './rights.js';
import type { PolicyStore } from './store.js';

/*
 * What is said of a policy that is written or deleted.
 */

type PolicyKind = PolicyRight['kind'];

export const specOf = (object: unknown): unknown => recordOf(object)['spec'];

const weakened = (weakenings: readonly Weakening[], username: string): Notice[] =>
  weakenings.length === 0
    ? []
    : [
        {
          reason: 'Weakened',
          message: `weakened by ${username}: ${weakenings.map(({ field, text }) => `${field} ${text}`).join('; ')}`,
        },
      ];

/** Labels and finalizers can be changed of a policy that this version would refuse. */
const isSameSpec = ({ operation, object, oldObject }: PolicyReview): boolean =>
  operation === 'UPDATE' && canonical(specOf(object)) === canonical(specOf(oldObject));

/**
 * What is wrong with a policy that has not its form. The API server looks at that itself before it asks the second
 * time, and would say nothing of the expressions.
 */
export const formCauses = async (review: PolicyReview): Promise<readonly PolicyCause[]> => {
  const { operation, object } = review;
  if (operation === 'DELETE' || isSameSpec(review)) return [];
  if (sizeCauses(object, MOST_OF_POLICY).length > 0 || hasForm(object)) return [];
  return (await inSlices(compilingPolicy(object, { warn: false }))).causes;
};

/** Who deletes a namespace deletes all that is in it: the API server asks him for that. */
const mayDelete = async ({ kind, namespace }: PolicyReview, store: PolicyStore): Promise<boolean> =>
  kind === 'VirtualMachinePolicy' && (await store.isNamespaceEnding(namespace));

const judgeDeletion = async (
  review: PolicyReview,
  right: Omit<PolicyRight, 'verb'>,
  { store, askRight }: JudgeDependencies,
): Promise<Judgement> => {
  const weakenings = deletionWeakenings(review.oldObject);
  // What is on its way out already was asked for before.
  if (weakenings.length === 0 || isBeingDeleted(review.oldObject)) return NOTHING_TO_SAY;
  const denial = await askRight(review.user, { ...right, verb: 'weaken' });
  if (denial !== undefined && !(await mayDelete(review, store))) {
    const message = `the policy is in force, so to delete it is to weaken it: ${denial}`;
    return refusedFor([forbidden('metadata.name', message, 'policy.weaken')]);
  }
  return { ...NOTHING_TO_SAY, notices: weakened(weakenings, review.user.username) };
};

export const judgePolicy = async (
  review: PolicyReview & { readonly kind: PolicyKind },
  dependencies: JudgeDependencies,
): Promise<Judgement> => {
  const { operation, object, oldObject, user, kind, name, namespace } = review;
  const right = { kind, name, namespace };
  if (operation === 'DELETE') return judgeDeletion(review, right, dependencies);
  const now = dependencies.now();
  const paused = pausedWarning(object, now, 'the policy is paused');
  const { causes, warnings } = isSameSpec(review)
    ? { causes: [], warnings: [] }
    : await inSlices(compilingPolicy(object));
  const pause = await judgePause(review, right, dependencies);
  const wrong = [...causes, ...pause.causes, ...(await amountCauses(kind, review, dependencies.store))];
  if (wrong.length > 0) return refusedFor(wrong);
  const weakenings = operation === 'UPDATE' ? weakeningsOf(oldObject, object, now) : creationWeakenings(object);
  if (weakenings.length > 0) {
    const denial = await dependencies.askRight(user, { ...right, verb: 'weaken' });
    if (denial !== undefined) {
      const why = ({ field, text }: Weakening): PolicyCause =>
        forbidden(field, `${field} ${text}, which weakens the policy: ${denial}`, 'policy.weaken');
      return refusedFor(weakenings.map(why));
    }
  }
  return {
    causes: [],
    warnings: [...paused, ...warnings.map((warning) => describePolicyCause({ ...warning, excerpt: undefined }))],
    notices: [...pause.notices, ...weakened(weakenings, user.username)],
  };
};
