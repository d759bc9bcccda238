import type { JsonPatchOperation } from '../../admission/json-patch.js';
import { PolicyAnnotation } from '../../api/names.js';
import { annotation, withPauser, type Annotations } from '../../policies/pause.js';
import { annotationsOf, isBeingDeleted, type PolicyReview } from './review.js';

/*
 * Who paused a policy, and who made an exception: written by the webhook, whatever a user writes there.
 */

/**
 * The first that wrote it while the webhook was there; who changes it afterwards is in the audit log. One that is being
 * deleted is not checked any more, so it gets none.
 */
const withCreator = ({ oldObject, user }: PolicyReview, after: Annotations): Annotations => {
  const { createdBy } = PolicyAnnotation;
  const others = Object.fromEntries(Object.entries(after).filter(([name]) => name !== createdBy));
  const known =
    annotation(annotationsOf(oldObject), createdBy) ?? (isBeingDeleted(oldObject) ? undefined : user.username);
  return known === undefined ? others : { ...others, [createdBy]: known };
};

/** What is changed of an object that is written. */
export const policyPatch = (review: PolicyReview): readonly JsonPatchOperation[] => {
  const { kind, operation, object, oldObject, user } = review;
  if (operation === 'DELETE') return [];
  const given = annotationsOf(object);
  const value =
    kind === 'VirtualMachinePolicyException'
      ? withCreator(review, given)
      : withPauser(annotationsOf(oldObject), given, user.username);
  const names = Object.keys(value);
  const same = names.length === Object.keys(given).length && names.every((name) => given[name] === value[name]);
  return same ? [] : [{ op: 'add', path: '/metadata/annotations', value }];
};
