import { recordOf } from '../../api/record.js';
import type { RequestUser } from '../../admission/types.js';
import { GROUP, POLICY_GROUP } from '../../api/names.js';
import { POLICY_RESOURCE_KINDS, type PolicyResourceKind } from '../../api/policy/policy-kinds.js';
import { openReview, ReviewError, text } from '../admission/review.js';

/** What the admission of policies reads of an AdmissionReview. */
export interface PolicyReview {
  readonly uid: string;
  /** KubeVirt: for the pause of all policies alone. */
  readonly kind: PolicyResourceKind | 'KubeVirt';
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE';
  readonly name: string;
  /** Empty for what has none. */
  readonly namespace: string;
  /** Undefined where there is none. */
  readonly object: unknown;
  readonly oldObject: unknown;
  readonly user: RequestUser;
  readonly dryRun: boolean;
}

const OPERATIONS = ['CREATE', 'UPDATE', 'DELETE'] as const;

/** @throws BodyError when it is no AdmissionReview, ReviewError when it is about something else */
export const decodePolicyReview = (body: unknown): PolicyReview => {
  const { uid, request } = openReview(body);
  const { group, kind: named } = recordOf(request['kind']);
  const kind = POLICY_RESOURCE_KINDS.find((known) => known === named);
  const known = group === POLICY_GROUP ? kind : undefined;
  const subject = group === GROUP && named === 'KubeVirt' ? 'KubeVirt' : known;
  if (subject === undefined)
    throw new ReviewError(uid, `this path serves the kinds of ${POLICY_GROUP}: correct the webhook configuration`);
  const operation = OPERATIONS.find((one) => one === request['operation']);
  if (operation === undefined) throw new ReviewError(uid, 'the request has no operation CREATE, UPDATE or DELETE');
  const { username, uid: userUid, groups, extra } = recordOf(request['userInfo']);
  const object = request['object'] ?? undefined;
  const oldObject = request['oldObject'] ?? undefined;
  return {
    uid,
    kind: subject,
    operation,
    // Of a creation the request may lack the name.
    name: text(request['name']) || text(recordOf(recordOf(object ?? oldObject)['metadata'])['name']),
    namespace: text(request['namespace']),
    object,
    oldObject,
    user: {
      username: text(username),
      uid: text(userUid),
      groups: Array.isArray(groups) ? groups.filter((one) => typeof one === 'string') : [],
      extra: recordOf(extra),
    },
    dryRun: request['dryRun'] === true,
  };
};

/** Own members that are texts: the API server has checked them, and nobody else is believed. */
export const annotationsOf = (object: unknown): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(recordOf(recordOf(recordOf(object)['metadata'])['annotations'])).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  );

export const isBeingDeleted = (object: unknown): boolean =>
  typeof recordOf(recordOf(object)['metadata'])['deletionTimestamp'] === 'string';
