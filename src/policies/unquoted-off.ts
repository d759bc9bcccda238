import type { Cause } from '../api/cause.js';
import { recordOf } from '../api/record.js';

/*
 * kubectl reads YAML 1.1, in which Off without quotes is false. Whoever writes so is told what to write, and not that a
 * text is wanted.
 */

const LISTS = ['actionOverrides', 'builtin', 'rollout', 'validations'] as const;

const cause = (field: string): Cause => ({
  type: 'FieldValueInvalid',
  field,
  message: `${field} is false, as YAML reads Off without quotes; write "Off"`,
  rule: 'policy.unquoted-off',
});

/** Of an object of any shape. */
export const unquotedOff = (object: unknown): readonly Cause[] => {
  const spec = recordOf(recordOf(object)['spec']);
  const items = LISTS.flatMap((list) => {
    const written = spec[list];
    const all: readonly unknown[] = Array.isArray(written) ? written.slice(0, 64) : [];
    return all.flatMap((item, i) => (recordOf(item)['action'] === false ? [cause(`spec.${list}[${i}].action`)] : []));
  });
  return [...(spec['action'] === false ? [cause('spec.action')] : []), ...items];
};
