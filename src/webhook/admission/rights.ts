import { checkPermissions } from '../../api/access/access-check.js';
import type { Permission, UserInfo } from '../../api/access/access.js';
import { MAX_CAUSES, type Cause } from '../../api/cause.js';
import type { RequestUser } from '../../admission/types.js';
import type { AccessReviewer } from '../../kube/client/access-review.js';

/** Asks for the rights of an admitted request; answers why it is refused, nothing where it is not. */
export type CheckRights = (
  permissions: readonly Permission[],
  user: RequestUser | undefined,
) => Promise<readonly Cause[]>;

/**
 * All questions of a request. The API server gives up on us after 5 s (`timeoutSeconds` in manifests/admission.yaml).
 */
export const RIGHTS_TIMEOUT_MS = 3_500;

const isText = (value: unknown): value is string => typeof value === 'string';

/** As a SubjectAccessReview takes it: what is no list of texts was not said by the API server. */
export const userInfo = ({ username, uid, groups = [], extra = {} }: RequestUser): UserInfo => ({
  username,
  ...(uid ? { uid } : {}),
  groups: groups.filter(isText),
  extra: Object.fromEntries(
    Object.entries(extra).map(([key, values]) => [key, Array.isArray(values) ? values.filter(isText) : []]),
  ),
});

const NOBODY: RequestUser = { username: '' };

/** Every access review for the user of a request is made here. */
export const rightsOf =
  (reviewer: AccessReviewer, now: () => number = Date.now): CheckRights =>
  async (permissions, user) => {
    if (permissions.length === 0) return [];
    const deadline = now() + RIGHTS_TIMEOUT_MS;
    const who = userInfo(user ?? NOBODY);
    const causes = await checkPermissions(permissions, who, (access) => {
      const left = deadline - now();
      if (who.username === '') return Promise.reject(new Error('the request names no user'));
      if (left <= 0) return Promise.reject(new Error('it took too long'));
      return reviewer.isAllowed(who, access, left);
    });
    return causes.slice(0, MAX_CAUSES);
  };
