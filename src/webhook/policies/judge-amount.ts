import { recordOf } from '../../api/record.js';
import { shortened, type Cause } from '../../api/cause.js';
import type { PolicyResourceKind } from '../../api/policy/policy-kinds.js';
import { conditionText, MAX_CONDITION_TEXT } from '../../policies/exception-text.js';
import { expressionText, MAX_NAMESPACE_TEXT } from '../../policies/policy-text.js';

import type { PolicyReview } from './review.js';
import type { PolicyStore } from './store.js';

/*
 * How many policies and exceptions there may be, and how much those of a namespace may hold together: what the webhook
 * keeps of them is bounded, and a tenant must not learn from a log that his policy is not in force. Several writes at
 * the same moment may pass together.
 */

const MOST: Readonly<Record<PolicyResourceKind, number>> = {
  VirtualMachineClusterPolicy: 1_000,
  VirtualMachinePolicy: 50,
  VirtualMachinePolicyException: 500,
};

/** Of the kinds that tenants write. */
const TEXT = {
  VirtualMachinePolicy: { of: expressionText, most: MAX_NAMESPACE_TEXT, what: 'the expressions of the policies' },
  VirtualMachinePolicyException: {
    of: conditionText,
    most: MAX_CONDITION_TEXT,
    what: 'the conditions of the exceptions, once for each policy that they name,',
  },
} as const;

type Written = Pick<PolicyReview, 'namespace' | 'operation' | 'object' | 'oldObject' | 'name'>;

const specOf = (object: unknown): unknown => recordOf(object)['spec'];

const tooLong = async (
  kind: keyof typeof TEXT,
  { namespace, name, object, oldObject }: Written,
  store: PolicyStore,
): Promise<readonly Cause[]> => {
  const { of, most, what } = TEXT[kind];
  const own = of(specOf(object));
  // What becomes shorter is welcome, whatever there is.
  if (own === 0 || (oldObject !== undefined && own <= of(specOf(oldObject)))) return [];
  const others = (await store.list(kind, namespace)).filter(({ metadata }) => metadata?.name !== name);
  const sum = others.reduce((total, other) => total + of(specOf(other)), own);
  if (sum <= most) return [];
  const text = `${what} of namespace ${namespace} have ${sum} characters together`;
  const message = shortened(`spec is too much: ${text}; the most that are allowed is ${most}: write shorter ones`);
  return [{ type: 'FieldValueInvalid', field: 'spec', message, rule: 'policy.too-much' }];
};

/** The one that is too much is refused. */
export const amountCauses = async (
  kind: PolicyResourceKind,
  written: Written,
  store: PolicyStore,
): Promise<readonly Cause[]> => {
  const { namespace, operation } = written;
  if (operation === 'CREATE') {
    const count = await store.count(kind, namespace);
    if (count >= MOST[kind]) {
      const where = kind === 'VirtualMachineClusterPolicy' ? 'the cluster' : `namespace ${namespace}`;
      const text = `${where} has ${count} of this kind; the most that are allowed is ${MOST[kind]}`;
      const message = `${text}: delete or merge some`;
      return [{ type: 'FieldValueForbidden', field: 'metadata.name', message, rule: 'policy.too-many' }];
    }
  }
  return kind === 'VirtualMachineClusterPolicy' ? [] : tooLong(kind, written, store);
};
