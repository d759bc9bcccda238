import type { Cause } from '../api/cause.js';
import { isRecord } from '../api/record.js';

/*
 * Fields of a policy's design that nothing acts on yet: refused by name, because a policy that does half of what it
 * says is worse than none.
 */

const NOT_YET = {
  export: 'policies are not exported to ValidatingAdmissionPolicies yet; take it out',
  mutations: 'policies change no objects yet; write a validation, or take it out',
} as const;

/** The object without such fields, and a cause for each. */
export const withoutNotYet = (object: unknown): { readonly object: unknown; readonly causes: readonly Cause[] } => {
  const spec = isRecord(object) ? object['spec'] : undefined;
  if (!isRecord(object) || !isRecord(spec)) return { object, causes: [] };
  const found = Object.entries(NOT_YET).filter(([name]) => Object.hasOwn(spec, name));
  if (found.length === 0) return { object, causes: [] };
  const names = new Set(found.map(([name]) => name));
  const rest = Object.fromEntries(Object.entries(spec).filter(([name]) => !names.has(name)));
  return {
    object: { ...object, spec: rest },
    causes: found.map(([name, why]) => ({
      type: 'FieldValueForbidden',
      field: `spec.${name}`,
      message: `spec.${name} is not acted on: ${why}`,
      rule: 'policy.not-yet',
    })),
  };
};
