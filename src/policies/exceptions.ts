import { errorsBySchema } from '../api/schema-check/check-schema.js';
import type { SchemaNode } from '../api/schema-check/schema-node.js';
import { VirtualMachinePolicyException } from '../api/schema/policies.js';
import type { Cause } from '../api/cause.js';
import { BOOL } from './cel/check/types.js';
import type { Environment } from './cel/environment.js';
import { compile, isProgram, type Program } from './cel/program.js';
import type { CompiledPolicy } from './compile-policy.js';
import { fits, selects, type Subject } from './match.js';

/*
 * Exceptions from policies. One function of the time answers for the webhook, audits, lint and tests.
 */

/** An exception that the schema admits. */
export interface KnownException {
  readonly name: string;
  readonly namespace: string;
  readonly spec: VirtualMachinePolicyException['spec'];
}

export const readException = (object: unknown): KnownException | readonly Cause[] => {
  const causes = [...errorsBySchema(VirtualMachinePolicyException as unknown as SchemaNode, object)];
  if (causes.length > 0) return causes;
  const { metadata, spec } = object as VirtualMachinePolicyException;
  const { names = [], objectSelector } = spec.match;
  if (names.length === 0 && objectSelector === undefined) {
    const message = 'spec.match is for every object; write names or an objectSelector';
    return [{ type: 'FieldValueRequired', field: 'spec.match', message, rule: 'exception.match' }];
  }
  const short = (['reason', 'owner'] as const).filter(
    (field) => spec[field].trim().length < (field === 'reason' ? 10 : 1),
  );
  if (short.length > 0) {
    return short.map((field) => ({
      type: 'FieldValueInvalid',
      field: `spec.${field}`,
      message:
        field === 'reason'
          ? 'spec.reason is too short; say why, in 10 characters or more'
          : 'spec.owner is empty; say who answers for it',
      rule: `exception.${field}`,
    }));
  }
  return { name: metadata?.name ?? '', namespace: metadata?.namespace ?? '', spec };
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
  for (const step of preparing(exception, policy)) void step;
  return programs.get(exception)?.get(policy.environment) ?? NEVER;
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
    if (!(Date.parse(exception.spec.expiresAt) > now) || !isFor(exception, policy, validation, subject)) return false;
    if ((exception.spec.conditions?.length ?? 0) === 0) return true;
    return conditionsOf(exception, policy).every((program) => program !== undefined && holds(program));
  });
};
