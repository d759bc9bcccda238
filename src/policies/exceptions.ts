import { errorsBySchema } from '../api/schema-check/check-schema.js';
import type { SchemaNode } from '../api/schema-check/schema-node.js';
import { VirtualMachinePolicyException } from '../api/schema/policies.js';
import { shortened, type Cause } from '../api/cause.js';
import { PolicyAnnotation } from '../api/names.js';
import { selectorFindings } from '../validators/rule/label-selector.js';
import { BOOL } from './cel/check/types.js';
import type { Environment } from './cel/environment.js';
import { compile, isProgram, type Program } from './cel/program.js';
import type { CompiledPolicy } from './compile-policy.js';
import { exceptionRulesOf } from './exception-rules.js';
import { atOnce } from './steps.js';
import { fits, selects, type Subject } from './match.js';
import { MOST_OF_EXCEPTION, sizeCauses } from './policy-size.js';

/*
 * Exceptions from policies. One function of the time answers for the webhook, audits, lint and tests.
 */

/** An exception that the schema admits. */
export interface KnownException {
  readonly name: string;
  readonly namespace: string;
  readonly spec: VirtualMachinePolicyException['spec'];
}

const invalid = (field: string, text: string, type: Cause['type'] = 'FieldValueInvalid'): Cause => ({
  type,
  field,
  message: shortened(`${field} ${text}`),
  rule: 'exception.field',
});

/** What the schema cannot say. */
const specCauses = ({ spec }: VirtualMachinePolicyException): readonly Cause[] => {
  const { names = [], objectSelector } = spec.match;
  const findings = selectorFindings(objectSelector, 'spec.match.objectSelector');
  const { matchLabels = {}, matchExpressions = [] } = objectSelector ?? {};
  const selectsSome = Object.keys(matchLabels).length + matchExpressions.length > 0;
  const reason = spec.reason.trim().length;
  const repeated = spec.policies.findIndex(
    ({ kind, name }, i) => spec.policies.findIndex((one) => one.name === name && one.kind === kind) !== i,
  );
  return [
    ...(spec.policies.length === 0 ? [invalid('spec.policies', 'is empty; name the policies that it is from')] : []),
    ...(repeated < 0
      ? []
      : [invalid(`spec.policies[${repeated}]`, 'names a policy again; write its validations once')]),
    ...spec.policies.flatMap(({ validations }, i) =>
      validations?.length === 0
        ? [invalid(`spec.policies[${i}].validations`, 'is empty, so it is from nothing; leave it out for all')]
        : [],
    ),
    ...(names.length === 0 && objectSelector === undefined
      ? [invalid('spec.match', 'is for every object; write names or an objectSelector', 'FieldValueRequired')]
      : []),
    ...(names.length === 0 && objectSelector !== undefined && !selectsSome
      ? [invalid('spec.match.objectSelector', 'is for every object; write labels in it, or names beside it')]
      : []),
    ...findings.map(({ field, message }) => invalid(field, message)),
    ...(spec.match.kinds?.length === 0
      ? [invalid('spec.match.kinds', 'is empty, so it is for nothing; leave it out for all')]
      : []),
    ...(reason < 10 ? [invalid('spec.reason', `is too short, ${reason} characters; say why, in 10 or more`)] : []),
    ...(spec.owner.trim() === '' ? [invalid('spec.owner', 'is empty; say who answers for it')] : []),
    ...(Number.isNaN(Date.parse(spec.expiresAt))
      ? [invalid('spec.expiresAt', `is ${spec.expiresAt}, which is no time of any calendar`)]
      : []),
  ];
};

export const readException = (object: unknown): KnownException | readonly Cause[] => {
  const large = sizeCauses(object, MOST_OF_EXCEPTION);
  if (large.length > 0) return large;
  const shape = errorsBySchema(VirtualMachinePolicyException as unknown as SchemaNode, object);
  if (shape.length > 0) return shape;
  const exception = object as VirtualMachinePolicyException;
  const causes = specCauses(exception);
  const { metadata, spec } = exception;
  return causes.length > 0 ? causes : { name: metadata?.name ?? '', namespace: metadata?.namespace ?? '', spec };
};

/**
 * Likewise, one that is stored. The webhook writes who made it; without that it was written while the webhook was away,
 * and nobody has asked whether its author may.
 */
export const readStoredException = (object: unknown): KnownException | readonly Cause[] => {
  const read = readException(object);
  if (!('spec' in read)) return read;
  const { annotations = {} } = (object as VirtualMachinePolicyException).metadata ?? {};
  const field = `metadata.annotations[${PolicyAnnotation.createdBy}]`;
  return Object.hasOwn(annotations, PolicyAnnotation.createdBy)
    ? read
    : [invalid(field, 'is missing: the exception was written while virt-webhook was away; write it again')];
};

/** Whether it is from a policy, or one of its validations, at all. */
const isFrom = (
  { namespace, spec }: KnownException,
  policy: Pick<CompiledPolicy, 'name' | 'namespace'>,
  validation?: string,
): boolean => {
  if (policy.namespace !== undefined && policy.namespace !== namespace) return false;
  const own = policy.namespace === undefined ? 'VirtualMachineClusterPolicy' : 'VirtualMachinePolicy';
  return spec.policies.some(
    ({ kind = 'VirtualMachineClusterPolicy', name, validations }) =>
      kind === own &&
      name === policy.name &&
      (validation === undefined || validations === undefined || validations.includes(validation)),
  );
};

const isFor = (exception: KnownException, policy: CompiledPolicy, validation: string, subject: Subject): boolean => {
  if (exception.namespace !== subject.namespace) return false;
  const { kinds, names, objectSelector } = exception.spec.match;
  if (kinds !== undefined && !kinds.includes(subject.kind)) return false;
  if (names !== undefined && !names.some((pattern) => fits(pattern, subject.name))) return false;
  if (objectSelector !== undefined && !selects(objectSelector, subject.labels)) return false;
  return isFrom(exception, policy, validation);
};

type Conditions = readonly (Program | undefined)[];

/** The conditions of an exception, compiled with the variables of a policy; forgotten with either of both. */
const programs = new WeakMap<KnownException, WeakMap<Environment, Conditions>>();

/** Compiles the conditions of an exception from a policy, one at a time, before they are asked for. */
export function* preparing(
  exception: KnownException,
  policy: Pick<CompiledPolicy, 'name' | 'namespace' | 'environment'>,
): Generator<void, void> {
  const { environment } = policy;
  const known = programs.get(exception) ?? new WeakMap<Environment, Conditions>();
  programs.set(exception, known);
  if (!isFrom(exception, policy) || known.has(environment)) return;
  const conditions: (Program | undefined)[] = [];
  for (const { expression } of exception.spec.conditions ?? []) {
    const compiled = compile(expression, environment, { wanted: [BOOL] });
    conditions.push(isProgram(compiled) ? compiled : undefined);
    yield;
  }
  known.set(environment, conditions);
}

const conditionsOf = (exception: KnownException, policy: CompiledPolicy): Conditions => {
  atOnce(preparing(exception, policy));
  return programs.get(exception)?.get(policy.environment) ?? NEVER;
};

/** Whether it is in force: not over, and not for longer than could have been written now. */
const isInTime = ({ spec }: KnownException, policy: CompiledPolicy, now: number): boolean => {
  const end = Date.parse(spec.expiresAt);
  return end > now && end <= now + exceptionRulesOf(policy.spec).maxDurationMs;
};

/** No condition holds of an exception that is not from the policy. */
const NEVER: Conditions = [undefined];

export interface ExceptionQuestion {
  readonly policy: CompiledPolicy;
  readonly validation: string;
  readonly subject: Subject;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Whether a condition holds: one that fails does not. */
  readonly holds: (condition: Program) => boolean;
}

/**
 * The exception that lets an object off a validation now, if there is one. Each is looked at on its own: any that fits
 * suffices, and one whose time is over, or whose condition does not hold or compile, does not count.
 */
export const exceptionFor = (
  exceptions: readonly KnownException[],
  { policy, validation, subject, now, holds }: ExceptionQuestion,
): KnownException | undefined => {
  if (policy.spec.exceptions?.allowed === false) return undefined;
  return exceptions.find((exception) => {
    if (!isInTime(exception, policy, now) || !isFor(exception, policy, validation, subject)) return false;
    if ((exception.spec.conditions?.length ?? 0) === 0) return true;
    return conditionsOf(exception, policy).every((program) => program !== undefined && holds(program));
  });
};
