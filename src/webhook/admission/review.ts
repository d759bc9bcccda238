import { recordOf } from '../../api/record.js';
import { CHECKED_KINDS, type CheckedKind } from '../../api/schema-check/check-schema.js';
import { GROUP } from '../../api/names.js';
import { BodyError } from './body.js';

/** The part of an AdmissionReview (admission.k8s.io/v1) request that admission reads. */
export interface ReviewRequest {
  readonly uid: string;
  readonly kind: CheckedKind;
  /** CONNECT and DELETE change no object that could be checked. */
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';
  /** Empty for the object itself. */
  readonly subResource: string;
  readonly object: unknown;
  readonly oldObject: unknown;
  readonly username: string | undefined;
  /** Empty where the authenticator knows none. */
  readonly userUid: string;
  readonly groups: readonly string[];
  /** What the authenticator knows about the user besides the name: own members only are the API server's. */
  readonly extra: Readonly<Record<string, unknown>>;
  /** Empty for what has none. */
  readonly namespace: string;
  readonly dryRun: boolean;
  /** As it came: expressions of policies read more of it. */
  readonly request: Json;
}

const API_VERSION = 'admission.k8s.io/v1';
const OPERATIONS = ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'] as const;

/** A review whose uid is known and whose request cannot be served: answered as an AdmissionReview. */
export class ReviewError extends Error {
  override readonly name = 'ReviewError';
  constructor(
    readonly uid: string,
    message: string,
  ) {
    super(message);
  }
}

export type Json = Readonly<Record<string, unknown>>;
export const text = (value: unknown): string => (typeof value === 'string' ? value : '');

const kindOf = (uid: string, { group, kind }: Json): CheckedKind => {
  const known = CHECKED_KINDS.find((name) => name === kind);
  if (known !== undefined && group === GROUP) return known;
  throw new ReviewError(
    uid,
    `this webhook serves ${CHECKED_KINDS.join(', ')} of ${GROUP}, not ${JSON.stringify(text(kind))} of ${JSON.stringify(text(group))}: correct the webhook configuration`,
  );
};

/**
 * The request of an AdmissionReview, whatever it is about.
 * @throws BodyError when it is none (there is no uid to answer to), ReviewError for another version.
 */
export const openReview = (body: unknown): { readonly uid: string; readonly request: Json } => {
  const review = recordOf(body);
  const request = recordOf(review['request']);
  const uid = text(request['uid']);
  if (review['kind'] !== 'AdmissionReview' || uid === '') {
    throw new BodyError(400, 'the body is not an AdmissionReview with a request and its uid');
  }
  if (review['apiVersion'] !== API_VERSION) {
    throw new ReviewError(
      uid,
      `AdmissionReview version ${JSON.stringify(text(review['apiVersion']))} is not supported: send ${API_VERSION}`,
    );
  }
  return { uid, request };
};

/**
 * Reads an AdmissionReview about one of our kinds.
 * @throws BodyError when it is none (there is no uid to answer to), ReviewError when its request cannot be served.
 */
export const decodeReview = (body: unknown): ReviewRequest => {
  const { uid, request } = openReview(body);
  const operation = OPERATIONS.find((known) => known === request['operation']);
  if (operation === undefined)
    throw new ReviewError(uid, 'the request has no operation CREATE, UPDATE, DELETE or CONNECT');
  const user = recordOf(request['userInfo']);
  return {
    uid,
    kind: kindOf(uid, recordOf(request['kind'])),
    operation,
    subResource: text(request['subResource']),
    object: request['object'],
    oldObject: request['oldObject'] ?? undefined,
    username: text(user['username']) || undefined,
    userUid: text(user['uid']),
    groups: Array.isArray(user['groups']) ? user['groups'].filter((group) => typeof group === 'string') : [],
    extra: recordOf(user['extra']),
    namespace: text(request['namespace']),
    dryRun: request['dryRun'] === true,
    request,
  };
};
