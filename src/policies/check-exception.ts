import { shortened, type Cause } from '../api/cause.js';
import { visibleLine } from '../api/visible-text.js';
import { describeValue } from '../api/schema-check/describe-value.js';
import { suggest } from '../api/schema-check/suggest.js';
import { timestamp } from '../api/timestamp.js';
import { BOOL } from './cel/check/types.js';
import { excerptOf, positionOf } from './cel/excerpt.js';
import { compile, isProgram } from './cel/program.js';
import type { CompiledPolicy, PolicyCause } from './compile-policy.js';
import { exceptionRulesOf, isTicket } from './exception-rules.js';
import type { KnownException } from './exceptions.js';

/*
 * An exception beside the policies that it is from.
 */

export type PolicyReferenceKind = 'VirtualMachineClusterPolicy' | 'VirtualMachinePolicy';

export interface NamedPolicy {
  readonly kind: PolicyReferenceKind;
  readonly name: string;
}

/** What is known of a policy that an exception names: `stored`: it is there, and does not compile. */
export type FoundPolicy = CompiledPolicy | 'missing' | 'stored';

/** Those that it names, in its order. */
export const policiesOf = ({ spec }: KnownException): readonly NamedPolicy[] =>
  spec.policies.map(({ kind = 'VirtualMachineClusterPolicy', name }) => ({ kind, name }));

const cause = (type: Cause['type'], field: string, text: string): PolicyCause => ({
  type,
  field,
  message: shortened(visibleLine(`${field} ${text}`)),
  rule: 'exception.policy',
});

/** The conditions, with the variables of a policy. */
const conditionCauses = function* ({ spec }: KnownException, policy: CompiledPolicy): Generator<void, PolicyCause[]> {
  const causes: PolicyCause[] = [];
  for (const [i, { expression }] of (spec.conditions ?? []).entries()) {
    const compiled = compile(expression, policy.environment, { wanted: [BOOL], warn: false });
    yield;
    if (isProgram(compiled)) continue;
    for (const { message, span } of compiled.problems) {
      const position = positionOf(expression, span);
      causes.push({
        type: 'FieldValueInvalid',
        field: `spec.conditions[${i}].expression`,
        message: shortened(`${position.line}:${position.column}: ${message} (of policy ${policy.name})`),
        rule: 'exception.expression',
        ...position,
        excerpt: excerptOf(expression, span),
      });
    }
  }
  return causes;
};

const timeCauses = ({ spec }: KnownException, policy: CompiledPolicy, now: number): PolicyCause[] => {
  const { maxDuration, maxDurationMs } = exceptionRulesOf(policy.spec);
  if (Date.parse(spec.expiresAt) <= now + maxDurationMs) return [];
  const latest = timestamp(now + maxDurationMs);
  const text = `is ${spec.expiresAt}; policy ${policy.name} allows ${maxDuration} from now: write ${latest} or earlier`;
  return [cause('FieldValueInvalid', 'spec.expiresAt', text)];
};

const ticketCauses = ({ spec }: KnownException, policy: CompiledPolicy): PolicyCause[] => {
  const { ticketPattern } = exceptionRulesOf(policy.spec);
  if (ticketPattern === undefined || (spec.ticket !== undefined && isTicket(ticketPattern, spec.ticket))) return [];
  const found = spec.ticket === undefined ? 'is missing' : `is ${describeValue(spec.ticket)}`;
  const wanted = `policy ${policy.name} wants one by ${describeValue(ticketPattern)}`;
  return [
    cause(spec.ticket === undefined ? 'FieldValueRequired' : 'FieldValueInvalid', 'spec.ticket', `${found}; ${wanted}`),
  ];
};

const validationCauses = (
  validations: readonly string[] | undefined,
  policy: CompiledPolicy,
  path: string,
): PolicyCause[] => {
  const known = policy.validations.map(({ name }) => name);
  return (validations ?? []).flatMap((name, i) => {
    if (known.includes(name)) return [];
    const near = suggest(name, known);
    const remedy =
      near === undefined ? `it has ${known.slice(0, 8).join(', ')}` : `did you mean ${describeValue(near)}?`;
    const text = `is ${describeValue(name)}, which policy ${policy.name} has not; ${remedy}`;
    return [cause('FieldValueNotFound', `${path}.validations[${i}]`, text)];
  });
};

/**
 * What is wrong with an exception that is written now; the conditions are told once, whatever policies it names.
 * In steps, of an expression each.
 */
export const exceptionCauses = function* (
  exception: KnownException,
  find: (policy: NamedPolicy) => FoundPolicy,
  now: number,
): Generator<void, readonly PolicyCause[]> {
  const { expiresAt } = exception.spec;
  const causes: PolicyCause[] =
    Date.parse(expiresAt) > now
      ? []
      : [
          cause(
            'FieldValueInvalid',
            'spec.expiresAt',
            `is ${expiresAt}, which is over; delete it, or write a later time`,
          ),
        ];
  for (const [i, { kind = 'VirtualMachineClusterPolicy', name, validations }] of exception.spec.policies.entries()) {
    const path = `spec.policies[${i}]`;
    const policy = find({ kind, name });
    if (policy === 'missing') {
      const where = kind === 'VirtualMachinePolicy' ? ` in namespace ${exception.namespace}` : '';
      causes.push(
        cause(
          'FieldValueNotFound',
          `${path}.name`,
          `is ${describeValue(name)}; there is no ${kind} of this name${where}`,
        ),
      );
    } else if (policy === 'stored') {
      causes.push(
        cause(
          'FieldValueInvalid',
          `${path}.name`,
          `is ${describeValue(name)}, which does not compile; correct that first`,
        ),
      );
    } else if (!exceptionRulesOf(policy.spec).allowed) {
      causes.push(
        cause('FieldValueForbidden', `${path}.name`, `is ${describeValue(name)}, which allows no exceptions`),
      );
    } else {
      causes.push(...validationCauses(validations, policy, path));
      for (const others of [
        timeCauses(exception, policy, now),
        ticketCauses(exception, policy),
        yield* conditionCauses(exception, policy),
      ])
        if (!causes.some(({ field }) => others.some((one) => one.field === field))) causes.push(...others);
    }
  }
  return causes;
};
