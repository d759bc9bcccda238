import { SUBRESOURCE_GROUP } from '../../api/names.js';
import type { UserInfo } from './front-proxy.js';
import type { Subresource } from '../../agent-api/subresources.js';
import type { RequestTarget } from './request-path.js';
import { StatusError } from '../../agent-api/status-error.js';

/** `authorization.k8s.io/v1` SubjectAccessReview, as far as it is used here. */
export interface SubjectAccessReview {
  readonly apiVersion: 'authorization.k8s.io/v1';
  readonly kind: 'SubjectAccessReview';
  readonly spec: {
    readonly user: string;
    readonly uid?: string;
    readonly groups: readonly string[];
    readonly extra: Readonly<Record<string, readonly string[]>>;
    readonly resourceAttributes: Readonly<Record<string, string>>;
  };
}

export interface AccessReviewer {
  /** Asks the API server; resolves to its `status`. */
  review(review: SubjectAccessReview): Promise<{ readonly allowed: boolean; readonly reason?: string }>;
}

/** The review that decides whether this user may use this subresource (docs/reference/control.md §2.7). */
export const accessReview = (user: UserInfo, target: RequestTarget, entry: Subresource): SubjectAccessReview => ({
  apiVersion: 'authorization.k8s.io/v1',
  kind: 'SubjectAccessReview',
  spec: {
    user: user.username,
    ...(user.uid === undefined ? {} : { uid: user.uid }),
    groups: user.groups,
    extra: user.extra,
    resourceAttributes: {
      group: SUBRESOURCE_GROUP,
      version: target.version,
      namespace: target.namespace,
      resource: target.resource,
      name: target.name,
      subresource: target.subresource,
      verb: entry.verb,
    },
  },
});

/** Of a request that names no object. @throws StatusError 403 */
export const authorizeFor = async (
  reviewer: AccessReviewer,
  user: UserInfo,
  attributes: Readonly<Record<'version' | 'namespace' | 'resource' | 'verb', string>>,
): Promise<void> => {
  const { username, uid, groups, extra } = user;
  const { allowed, reason } = await reviewer.review({
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    spec: {
      ...{ user: username, groups, extra },
      ...(uid === undefined ? {} : { uid }),
      resourceAttributes: { group: SUBRESOURCE_GROUP, ...attributes },
    },
  });
  if (allowed) return;
  const { resource, verb, namespace } = attributes;
  throw new StatusError(
    'Forbidden',
    `${resource}.${SUBRESOURCE_GROUP} is forbidden: User "${username}" cannot ${verb} resource "${resource}" in API ` +
      `group "${SUBRESOURCE_GROUP}" in the namespace "${namespace}"${reason ? `: ${reason}` : ''}`,
    { group: SUBRESOURCE_GROUP, kind: resource },
  );
};

/** @throws StatusError 403 naming user, verb and resource, in the API server's own wording */
export const authorize = async (
  reviewer: AccessReviewer,
  user: UserInfo,
  target: RequestTarget,
  entry: Subresource,
): Promise<void> => {
  const { allowed, reason } = await reviewer.review(accessReview(user, target, entry));
  if (allowed) return;
  throw new StatusError(
    'Forbidden',
    `${target.resource}.${SUBRESOURCE_GROUP} "${target.name}" is forbidden: User "${user.username}" cannot ${entry.verb} ` +
      `resource "${target.resource}/${target.subresource}" in API group "${SUBRESOURCE_GROUP}" in the namespace ` +
      `"${target.namespace}"${reason ? `: ${reason}` : ''}`,
    { name: target.name, group: SUBRESOURCE_GROUP, kind: target.resource },
  );
};
