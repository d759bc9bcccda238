import { childPath } from '../../api/cause.js';
import type { LabelSelector, LabelSelectorRequirement } from '../../api/schema/meta.js';
import { isLabelValue, isQualifiedName, VALUE_REMEDY, KEY_REMEDY } from './names.js';
import { both, invalid, NOTHING, type Finding } from './finding.js';
import { inEach } from './in-each.js';
import { show } from './wording.js';

const OPERATORS = ['In', 'NotIn', 'Exists', 'DoesNotExist'];

/** The key of a label, or of what is named like one, wherever it is written. */
export const labelKeyFindings = (key: string, field: string, of = 'a label'): readonly Finding[] =>
  isQualifiedName(key) ? NOTHING : [invalid(field, `${show(key)} cannot be the key of ${of}: ${KEY_REMEDY}`)];

/** The value of a label, or of what takes the same, wherever it is written. */
export const labelValueFindings = (value: string, field: string, of = 'a label'): readonly Finding[] =>
  isLabelValue(value) ? NOTHING : [invalid(field, `${show(value)} cannot be the value of ${of}: ${VALUE_REMEDY}`)];

const labelValueFindingsOf = (value: string, field: string): readonly Finding[] => labelValueFindings(value, field);

/** Labels as a map: an object's own, and those that it must have (`nodeSelector`, `matchLabels`). */
export const labelFindings = (
  labels: Readonly<Record<string, string>> | undefined,
  path: string,
): readonly Finding[] =>
  labels === undefined
    ? NOTHING
    : inEach(Object.entries(labels), path, ([key, value]) => {
        if (isQualifiedName(key) && isLabelValue(value)) return NOTHING;
        const field = childPath(path, key);
        // A wrong key and a wrong value are two mistakes.
        return both(labelKeyFindings(key, field), labelValueFindings(value, field));
      });

/** Whether an operator's values are as many as it takes; shared with node selectors, which know two more operators. */
export const valueCountFindings = (operator: string, values: readonly string[], path: string): readonly Finding[] => {
  if ((operator === 'In' || operator === 'NotIn') && values.length === 0) {
    return [
      invalid(`${path}.values`, `operator ${operator} compares with values and there are none: write at least one`),
    ];
  }
  if ((operator === 'Exists' || operator === 'DoesNotExist') && values.length > 0) {
    return [
      invalid(
        `${path}.values`,
        `operator ${operator} looks at the key only and ignores ${show(values)}: remove values, or write In or NotIn`,
      ),
    ];
  }
  return NOTHING;
};

const operatorFindings = (operator: string, values: readonly string[], path: string): readonly Finding[] =>
  OPERATORS.includes(operator)
    ? valueCountFindings(operator, values, path)
    : [invalid(`${path}.operator`, `${show(operator)} is no operator: write one of ${OPERATORS.join(', ')}`)];

const requirementFindings = (
  { key, operator, values = [] }: LabelSelectorRequirement,
  path: string,
): readonly Finding[] =>
  both(
    both(labelKeyFindings(key, `${path}.key`), operatorFindings(operator, values, path)),
    inEach(values, `${path}.values`, labelValueFindingsOf),
  );

/**
 * Everything that Kubernetes refuses in a label selector (docs/reference/admission.md §6.5, `aff.pod-selector`), in its
 * order.
 */
export const selectorFindings = (selector: LabelSelector | undefined, path: string): readonly Finding[] =>
  selector === undefined
    ? NOTHING
    : both(
        labelFindings(selector.matchLabels, `${path}.matchLabels`),
        inEach(selector.matchExpressions, `${path}.matchExpressions`, requirementFindings),
      );

/** Keys that a selector compares already. */
const selectedKeys = ({ matchLabels = {}, matchExpressions = [] }: LabelSelector): ReadonlySet<string> =>
  new Set([...Object.keys(matchLabels), ...matchExpressions.map(({ key }) => key)]);

/**
 * `matchLabelKeys` and `mismatchLabelKeys`: the pod's own values of these labels join the selector. Kubernetes refuses
 * keys that are none, that the selector compares already, and keys without a selector.
 */
export const joinedKeyFindings = (
  keys: readonly string[] | undefined,
  selector: LabelSelector | undefined,
  path: string,
): readonly Finding[] => {
  if (!keys?.length) return NOTHING;
  if (selector === undefined) {
    return [invalid(path, `${show(keys)} would join a labelSelector and there is none: add one, or remove the keys`)];
  }
  const selected = selectedKeys(selector);
  return inEach(keys, path, (key, field) =>
    selected.has(key)
      ? [invalid(field, `${show(key)} is compared by labelSelector too: write it in one of the two`)]
      : labelKeyFindings(key, field),
  );
};
