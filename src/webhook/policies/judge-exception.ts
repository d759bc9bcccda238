import type { Cause } from '../../api/cause.js';
import { inSlices } from '../../kube/work/in-slices.js';
import { canonical } from '../../policies/canonical.js';
import { exceptionCauses, policiesOf, type FoundPolicy, type NamedPolicy } from '../../policies/check-exception.js';
import { compilingPolicy } from '../../policies/compile-policy.js';
import { readException, readStoredException, type KnownException } from '../../policies/exceptions.js';
import { widenedPolicies } from '../../policies/widened.js';
import type { JudgeDependencies } from './judge-pause.js';
import { amountCauses } from './judge-amount.js';
import { specOf } from './judge-policy.js';
import { NOTHING_TO_SAY, refusedFor, type Judgement } from './judgement.js';
import { isBeingDeleted, type PolicyReview } from './review.js';

/*
 * What is said of an exception that is written. To delete one is to tighten.
 */

const keyOf = ({ kind, name }: NamedPolicy): string => `${kind}/${name}`;

/** The policies that it names, as they are stored now. */
const foundPolicies = async (
  exception: KnownException,
  { store }: JudgeDependencies,
): Promise<ReadonlyMap<string, FoundPolicy>> => {
  const all = [...new Map(policiesOf(exception).map((named) => [keyOf(named), named])).values()];
  const found = await Promise.all(
    all.map(async (named): Promise<[string, FoundPolicy]> => {
      const object = await store.policy(named.kind, exception.namespace, named.name);
      if (object === undefined) return [keyOf(named), 'missing'];
      return [keyOf(named), (await inSlices(compilingPolicy(object, { warn: false }))).policy ?? 'stored'];
    }),
  );
  return new Map(found);
};

const stored = (object: unknown): KnownException | undefined => {
  const read = object === undefined ? [] : readStoredException(object);
  return 'spec' in read ? read : undefined;
};

const deniedCauses = async (
  exception: KnownException,
  { oldObject, user }: PolicyReview,
  { askRight }: JudgeDependencies,
): Promise<readonly Cause[]> => {
  const widened = widenedPolicies(stored(oldObject), exception);
  const answers = await Promise.all(
    widened.map(async ({ kind, name }): Promise<Cause[]> => {
      const denial = await askRight(user, { verb: 'except', kind, name, namespace: exception.namespace });
      if (denial === undefined) return [];
      const at = policiesOf(exception).findIndex((one) => one.kind === kind && one.name === name);
      const field = `spec.policies[${at}].name`;
      return [
        {
          type: 'FieldValueForbidden',
          field,
          message: `${field} may not be excepted from: ${denial}`,
          rule: 'exception.denied',
        },
      ];
    }),
  );
  return answers.flat();
};

export const judgeException = async (review: PolicyReview, dependencies: JudgeDependencies): Promise<Judgement> => {
  const { operation, object, oldObject, namespace } = review;
  if (operation === 'DELETE') return NOTHING_TO_SAY;
  const isSame = operation === 'UPDATE' && canonical(specOf(object)) === canonical(specOf(oldObject));
  // One that nobody checked gets its creator with this write, so it is checked now, whatever changes.
  if (isSame && (stored(oldObject) !== undefined || isBeingDeleted(oldObject))) return NOTHING_TO_SAY;
  const exception = readException(object);
  if (!('spec' in exception)) return refusedFor(exception);
  const placed = { ...exception, namespace };
  const policies = await foundPolicies(placed, dependencies);
  const causes = [
    ...(await inSlices(
      exceptionCauses(placed, (named) => policies.get(keyOf(named)) ?? 'missing', dependencies.now()),
    )),
    ...(await amountCauses('VirtualMachinePolicyException', review, dependencies.store)),
  ];
  if (causes.length > 0) return refusedFor(causes);
  return refusedFor(await deniedCauses(placed, review, dependencies));
};
