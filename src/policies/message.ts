import { shortened } from '../api/cause.js';
import { visibleLine } from '../api/visible-text.js';
import { Quantity } from '../api/quantity.js';
import type { Inputs } from './cel/evaluate/frame.js';
import type { Spending } from './cel/evaluate/spending.js';
import type { Value } from './cel/values/values.js';
import type { CompiledPolicy, CompiledValidation } from './compile-policy.js';
import { SECRET_FIELDS } from './secret-fields.js';
import { readsSecret } from './secrets.js';
import type { Place } from './place.js';

/*
 * What a user reads of a failed validation.
 */

/** As Kubernetes: a longer one is not taken. */
const MAX_MADE = 5 * 1024;

/** Kubernetes' rules: a message that fails, is blank, of two lines or too long is none. */
const evaluated = (validation: CompiledValidation, inputs: Inputs, spending: Spending): string | undefined => {
  const text = validation.message?.evaluate(inputs, spending);
  if (typeof text !== 'string' || text.trim() === '' || /[\r\n]/.test(text)) return undefined;
  return text.length > MAX_MADE ? undefined : text;
};

/** More of an expression than any message has room for. */
const MAX_WRITTEN = 1024;

const SECRET = new RegExp(`(?:^|\\.)(?:${[...SECRET_FIELDS].join('|')})(?:[.[]|$)`);

const shown = (value: Value): string | undefined => {
  if (typeof value === 'string') return value.length <= 80 ? JSON.stringify(value) : undefined;
  if (value instanceof Quantity) return value.toString();
  return value === null || typeof value !== 'object' ? String(value) : undefined;
};

/** Where nobody wrote one: what is false, and what the value is, unless it is nobody's business. */
const made = (policy: CompiledPolicy, { program, spec }: CompiledValidation, { path, operand }: Place): string => {
  const text = `${spec.expression.slice(0, MAX_WRITTEN).replace(/\s+/g, ' ').trim()} is false`;
  const value =
    operand === undefined || SECRET.test(path) || readsSecret(policy, program) ? undefined : shown(operand.value);
  if (operand === undefined || value === undefined) return text;
  const { start, end } = operand.node;
  const written = program.text.slice(start, Math.min(end, start + MAX_WRITTEN)).replace(/\s+/g, ' ');
  return `${text}: ${written} is ${value}`;
};

/** Some messages end in what to do. */
export const messageOf = (
  policy: CompiledPolicy,
  validation: CompiledValidation,
  place: Place,
  inputs: Inputs,
  spending: Spending,
): string => {
  const { message, remedy } = validation.spec;
  const text = evaluated(validation, inputs, spending) ?? message ?? made(policy, validation, place);
  return shortened(visibleLine(remedy === undefined ? text : `${text}; ${remedy}`));
};
