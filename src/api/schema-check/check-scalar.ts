import type { CauseType } from '../cause.js';
import { describeValue, typeProblem } from './describe-value.js';
import { parseQuantity, QuantityError } from '../quantity.js';
import type { SchemaNode } from './schema-node.js';
import type { SchemaRuleId } from './schema-rules.js';
import { suggest } from './suggest.js';

export interface ScalarProblem {
  type: CauseType;
  rule: SchemaRuleId;
  /** Continues the field's path: `spec.x is …`. */
  message: string;
}

const INT_RANGES: Readonly<Record<string, readonly [number, number]>> = {
  int32: [-(2 ** 31), 2 ** 31 - 1],
  // JSON numbers beyond this have lost digits before we see them.
  int64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
};
const DATE_TIME = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;

const mistyped = (node: SchemaNode, value: unknown): ScalarProblem => ({
  type: 'FieldValueInvalid',
  rule: 'schema.type',
  message: typeProblem.message(node, value),
});

const invalid = (rule: SchemaRuleId, message: string): ScalarProblem => ({ type: 'FieldValueInvalid', rule, message });

const checkNumber = (node: SchemaNode, value: unknown): ScalarProblem | undefined => {
  if (typeof value !== 'number' || !Number.isFinite(value)) return mistyped(node, value);
  if (node.type === 'integer' && !Number.isInteger(value)) return mistyped(node, value);
  const [low, high] = INT_RANGES[node.type === 'integer' ? (node.format ?? 'int64') : ''] ?? [-Infinity, Infinity];
  const minimum = Math.max(node.minimum ?? -Infinity, low);
  const maximum = Math.min(node.maximum ?? Infinity, high);
  if (value < minimum) return invalid('schema.range', `is ${value}; write ${minimum} or more`);
  if (value > maximum) return invalid('schema.range', `is ${value}; write ${maximum} or less`);
  return undefined;
};

const checkString = (node: SchemaNode, value: unknown): ScalarProblem | undefined => {
  if (typeof value !== 'string') return mistyped(node, value);
  if (node.enum !== undefined && !node.enum.includes(value)) {
    const near = suggest(value, node.enum);
    const remedy = `write one of ${node.enum.join(', ')}${near === undefined ? '' : ` (did you mean "${near}"?)`}`;
    return { type: 'FieldValueNotSupported', rule: 'schema.enum', message: `is ${describeValue(value)}; ${remedy}` };
  }
  if (node.maxLength !== undefined && value.length > node.maxLength) {
    return invalid('schema.length', `has ${value.length} characters; the most that are allowed is ${node.maxLength}`);
  }
  if (node.format === 'date-time' && !DATE_TIME.test(value)) {
    return invalid(
      'schema.format',
      `is ${describeValue(value)}, which is not a time; write one such as 2026-01-31T12:00:00Z`,
    );
  }
  return undefined;
};

const checkQuantity = (node: SchemaNode, value: unknown): ScalarProblem | undefined => {
  if (typeof value !== 'string' && typeof value !== 'number') return mistyped(node, value);
  try {
    parseQuantity(value);
    return undefined;
  } catch (error) {
    // A pure function of the value: anything but a QuantityError is a defect and must surface in tests.
    if (!(error instanceof QuantityError)) throw error;
    return invalid('schema.quantity', `is ${describeValue(value)}, which ${error.problem}; ${error.remedy}`);
  }
};

const checkIntOrString = (node: SchemaNode, value: unknown): ScalarProblem | undefined =>
  typeof value === 'string' || (typeof value === 'number' && Number.isInteger(value))
    ? undefined
    : mistyped(node, value);

/** The first thing wrong with a scalar, if anything. Source: docs/reference/admission.md §3.1, §3.2. */
export const checkScalar = (node: SchemaNode, value: unknown): ScalarProblem | undefined => {
  if (node['x-kubernetes-int-or-string'] === true) {
    return node.pattern === undefined ? checkIntOrString(node, value) : checkQuantity(node, value);
  }
  if (node.type === 'boolean') return typeof value === 'boolean' ? undefined : mistyped(node, value);
  if (node.type === 'integer' || node.type === 'number') return checkNumber(node, value);
  return node.type === 'string' ? checkString(node, value) : undefined;
};
