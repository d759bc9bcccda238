import type { RequestUser } from '../../admission/types.js';
import type { PolicyVerb } from '../../api/access/access.js';
import { shortened } from '../../api/cause.js';
import { POLICY_GROUP } from '../../api/names.js';
import { POLICY_RESOURCES } from '../../api/policy/policy-kinds.js';
import type { AccessReviewer } from '../../kube/client/access-review.js';
import { RIGHTS_TIMEOUT_MS, userInfo } from '../admission/rights.js';

/*
 * The verbs `weaken`, `pause` and `except` of a policy. They are asked for when a policy or an exception is written,
 * never on the way of a VM.
 */

export interface PolicyRight {
  readonly verb: PolicyVerb;
  readonly kind: 'VirtualMachineClusterPolicy' | 'VirtualMachinePolicy';
  /** Empty for all of them. */
  readonly name: string;
  /** Of a policy of a namespace. */
  readonly namespace: string;
}

/** Why he may not, in words that follow a reason; undefined: he may. */
export type AskRight = (user: RequestUser, right: PolicyRight) => Promise<string | undefined>;

const quoted = (name: string): string => JSON.stringify(name.length > 63 ? `${name.slice(0, 62)}…` : name);

/**
 * Of the cluster's policies the right is asked for in the whole cluster: who may do anything within a namespace has no
 * word in what is enforced there.
 */
export const policyRights =
  (reviewer: AccessReviewer): AskRight =>
  async (user, { verb, kind, name, namespace }) => {
    const resource = POLICY_RESOURCES[kind].plural;
    const isOfNamespace = kind === 'VirtualMachinePolicy';
    const where = isOfNamespace ? ` in namespace ${namespace}` : '';
    const words = `verb ${verb} on ${resource}.${POLICY_GROUP}${name === '' ? '' : ` ${quoted(name)}`}${where}`;
    if (user.username === '') return `the request names no user who could have the ${words}`;
    try {
      const access = {
        verb,
        group: POLICY_GROUP,
        resource,
        namespace: isOfNamespace ? namespace : '',
        ...(name === '' ? {} : { name }),
      };
      if (await reviewer.isAllowed(userInfo(user), access, RIGHTS_TIMEOUT_MS)) return undefined;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return shortened(`it could not be asked whether ${quoted(user.username)} has the ${words}: ${why}; try again`);
    }
    const role = isOfNamespace ? 'kubevirt.io:policy-namespace-admin' : 'kubevirt.io:policy-admin';
    return `${quoted(user.username)} lacks the ${words} (ClusterRole ${role} has it)`;
  };
