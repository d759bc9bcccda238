import { MAX_CAUSES, shortened, type Cause } from '../api/cause.js';
import { findingsBySchema } from '../api/schema-check/check-schema.js';
import type { SchemaFindings } from '../api/schema-check/findings.js';
import type { SchemaNode } from '../api/schema-check/schema-node.js';
import {
  POLICY_KINDS,
  VirtualMachineClusterPolicy,
  type PolicySpec,
  type VirtualMachinePolicy,
} from '../api/schema/policies.js';
import { BOOL, DYN, NULL, STRING, type CelType } from './cel/check/types.js';
import type { Problem } from './cel/check/checking.js';
import type { Environment, Variable } from './cel/environment.js';
import type { Observe } from './cel/evaluate/compiler.js';
import { excerptOf, positionOf } from './cel/excerpt.js';
import { compile, isProgram, type CompileOptions, type Program } from './cel/program.js';
import { secretMessages } from './held-secrets.js';
import { paramsType, policyEnvironment, type PolicyKind } from './environments.js';
import { deadRules } from './dead-rules.js';
import { halfShaped } from './half-shaped.js';
import { atOnce } from './steps.js';
import { withoutNotYet } from './not-yet.js';
import { READY_VARIABLES } from './ready-variables.js';
import { MOST_OF_POLICY, sizeCauses } from './policy-size.js';
import { specCauses } from './spec-rules.js';
import { unquotedOff } from './unquoted-off.js';

/*
 * A policy, compiled by the code that will run it: at its own admission, by lint, and by whoever loads it. All that is
 * wrong is said at once.
 */

export interface CompiledValidation {
  readonly name: string;
  readonly program: Program;
  readonly message: Program | undefined;
  readonly spec: PolicySpec['validations'][number];
}

export interface CompiledPolicy {
  readonly name: string;
  /** Of a policy of a namespace. */
  readonly namespace: string | undefined;
  readonly annotations: Readonly<Record<string, string>>;
  readonly spec: PolicySpec;
  readonly kinds: readonly PolicyKind[];
  readonly version: number;
  readonly conditions: readonly { readonly name: string; readonly program: Program }[];
  /** Its own variables; those that are ready come before them. */
  readonly variables: readonly Program[];
  readonly validations: readonly CompiledValidation[];
  readonly auditAnnotations: readonly { readonly key: string; readonly program: Program }[];
  /** In which the conditions of its exceptions are compiled. */
  readonly environment: Environment;
}

/** A cause that knows where in an expression it is. */
export interface PolicyCause extends Cause {
  readonly line?: number;
  readonly column?: number;
  /** The line of the expression, with a caret under the place. */
  readonly excerpt?: string;
}

export interface PolicyCompilation {
  readonly policy: CompiledPolicy | undefined;
  readonly causes: readonly PolicyCause[];
  /** What will probably go wrong, such as a field that may be absent. */
  readonly warnings: readonly PolicyCause[];
}

const OLDEST = 26;
const NEWEST = 36;
const DEFAULT_COMPATIBILITY = '1.30';

/** The environment of an API server that must accept the policy: it takes new expressions of the version before. */
const versionOf = (compatibility: string): number | undefined => {
  const minor = /^1\.(\d{2})$/.exec(compatibility)?.[1];
  const version = Number(minor);
  return minor !== undefined && version >= OLDEST && version <= NEWEST ? version - 1 : undefined;
};

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;

class PolicyCompiler {
  readonly causes: PolicyCause[] = [];
  readonly warnings: PolicyCause[] = [];

  constructor(
    private readonly spec: PolicySpec,
    private readonly options: Pick<CompileOptions, 'warn' | 'observe'>,
  ) {}

  invalid(field: string, message: string, rule = 'policy.field'): void {
    this.causes.push({ type: 'FieldValueInvalid', field, message: shortened(`${field} ${message}`), rule });
  }

  expression(
    field: string,
    text: string,
    environment: Environment,
    wanted: readonly CelType[] = [],
  ): Program | undefined {
    const compiled = compile(text, environment, { ...this.options, wanted });
    const told = (problem: Problem): PolicyCause => {
      const position = positionOf(text, problem.span);
      return {
        type: 'FieldValueInvalid',
        field,
        message: shortened(`${position.line}:${position.column}: ${problem.message}`),
        rule: 'policy.expression',
        ...position,
        excerpt: excerptOf(text, problem.span),
      };
    };
    if (!isProgram(compiled)) {
      this.causes.push(...compiled.problems.map(told));
      return undefined;
    }
    this.warnings.push(...compiled.warnings.map(told));
    return compiled;
  }

  unique(field: string, names: readonly string[]): void {
    for (const [i, name] of names.entries()) {
      if (names.indexOf(name) === i) continue;
      const place = `${field}[${i}].name`;
      const message = `${place} is ${JSON.stringify(name)}, as another is; give each a name of its own`;
      this.causes.push({ type: 'FieldValueDuplicate', field: place, message, rule: 'policy.name' });
    }
  }

  /** The policy's variables, each with those before it. */
  *variables(
    environmentOf: (own: readonly OwnVariable[]) => Environment,
  ): Generator<void, { own: OwnVariable[]; programs: Program[] }> {
    const own: OwnVariable[] = [];
    const programs: Program[] = [];
    const ready = new Set(READY_VARIABLES.map(({ name }) => name));
    for (const [i, { name, expression }] of (this.spec.variables ?? []).entries()) {
      const field = `spec.variables[${i}]`;
      if (!IDENTIFIER.test(name))
        this.invalid(`${field}.name`, `is ${JSON.stringify(name)}; write letters, digits and _`);
      if (ready.has(name)) this.invalid(`${field}.name`, `is ${name}, which every policy has already; choose another`);
      const program = this.expression(`${field}.expression`, expression, environmentOf(own));
      yield;
      // One that does not compile may be anything: else every use of it would be a mistake of its own.
      const type = program?.type ?? DYN;
      own.push({ name, type, typed: type });
      if (program !== undefined) programs.push(program);
    }
    return { own, programs };
  }
}

type OwnVariable = Variable & { readonly typed: CelType };

const compileSpec = function* (
  policy: VirtualMachinePolicy,
  compiler: PolicyCompiler,
): Generator<void, CompiledPolicy | undefined> {
  const { spec, metadata } = policy;
  const compatibility = spec.compatibility ?? DEFAULT_COMPATIBILITY;
  const known = versionOf(compatibility);
  if (known === undefined)
    compiler.invalid('spec.compatibility', `is ${JSON.stringify(compatibility)}; write 1.${OLDEST} to 1.${NEWEST}`);
  // What the newest has is no mistake of its own.
  const version = known ?? NEWEST - 1;
  const kinds = spec.match?.kinds ?? POLICY_KINDS;
  if (kinds.length === 0) compiler.invalid('spec.match.kinds', 'is empty, so the policy matches nothing; name a kind');
  const params = spec.params === undefined ? undefined : paramsType(spec.params.values);
  const environmentOf = (own: readonly OwnVariable[]): Environment =>
    policyEnvironment({ version, kinds, params, own });
  for (const list of ['matchConditions', 'variables', 'validations'] as const) {
    compiler.unique(
      `spec.${list}`,
      (spec[list] ?? []).map(({ name }) => name),
    );
  }
  const { own, programs } = yield* compiler.variables(environmentOf);
  const environment = environmentOf(own);
  const conditions: { readonly name: string; readonly program: Program }[] = [];
  for (const [i, { name, expression }] of (spec.matchConditions ?? []).entries()) {
    const program = compiler.expression(`spec.matchConditions[${i}].expression`, expression, environment, [BOOL]);
    yield;
    if (program !== undefined) conditions.push({ name, program });
  }
  const validations: CompiledValidation[] = [];
  for (const [i, validation] of spec.validations.entries()) {
    const field = `spec.validations[${i}]`;
    const { name, expression, messageExpression } = validation;
    const program = compiler.expression(`${field}.expression`, expression, environment, [BOOL]);
    yield;
    const message =
      messageExpression === undefined
        ? undefined
        : compiler.expression(`${field}.messageExpression`, messageExpression, environment, [STRING]);
    yield;
    if (program !== undefined) validations.push({ name, program, message, spec: validation });
  }
  const auditAnnotations: { readonly key: string; readonly program: Program }[] = [];
  for (const [i, { key, valueExpression }] of (spec.auditAnnotations ?? []).entries()) {
    const field = `spec.auditAnnotations[${i}].valueExpression`;
    const program = compiler.expression(field, valueExpression, environment, [STRING, NULL]);
    yield;
    if (program !== undefined) auditAnnotations.push({ key, program });
  }
  if (compiler.causes.length > 0) return undefined;
  return {
    name: metadata?.name ?? '',
    namespace: metadata?.namespace,
    annotations: metadata?.annotations ?? {},
    spec,
    kinds,
    version,
    conditions,
    variables: programs,
    validations,
    auditAnnotations,
    environment,
  };
};

const SCHEMA = VirtualMachineClusterPolicy as unknown as SchemaNode;

/** Whether a policy has the form of its kind: what the API server looks at before it asks the second time. */
export const hasForm = (object: unknown): boolean => findingsBySchema(SCHEMA, object).causes.length === 0;

/** What is wrong with a policy that has not its form: that, and what else can be seen of it. */
const unshapedCauses = function* (object: unknown, shape: SchemaFindings): Generator<void, readonly PolicyCause[]> {
  const off = new Map(unquotedOff(object).map((cause) => [cause.field, cause]));
  const half = halfShaped(SCHEMA, object, shape);
  const readable = { ...(half.object as VirtualMachinePolicy), spec: half.spec };
  const compiler = new PolicyCompiler(half.spec, { warn: false });
  if (half.isShaped) compiler.causes.push(...specCauses(half.object as VirtualMachinePolicy));
  yield* compileSpec({ ...readable, metadata: {} }, compiler);
  const said = half.causes.map((cause) => off.get(cause.field) ?? cause);
  const fields = new Set(said.map(({ field }) => field));
  // Of a field that is misspelt, what stands in it is another mistake.
  const isNew = ({ field, line }: PolicyCause): boolean => line !== undefined || !fields.has(field);
  return [...said, ...half.written(compiler.causes).filter(isNew)];
};

export interface CompilePolicyOptions {
  /** Whether who writes it reads the answer; a stored policy has nobody to warn. */
  readonly warn?: boolean;
  /** Told of every evaluation what the parts of its expressions gave; tests of policies want to know. */
  readonly observe?: Observe | undefined;
}

/**
 * Compiles a policy of either kind in steps, of an expression each: the largest policy takes longer than the webhook's
 * one thread may be held.
 */
export const compilingPolicy = function* (
  given: unknown,
  { warn = true, observe }: CompilePolicyOptions = {},
): Generator<void, PolicyCompilation> {
  const tooLarge = sizeCauses(given, MOST_OF_POLICY);
  if (tooLarge.length > 0) return { policy: undefined, causes: tooLarge, warnings: [] };
  const { object, causes: notYet } = withoutNotYet(given);
  const shape = findingsBySchema(SCHEMA, object);
  if (shape.causes.length > 0) {
    const causes = [...notYet, ...(yield* unshapedCauses(object, shape))].slice(0, MAX_CAUSES);
    return { policy: undefined, causes, warnings: [] };
  }
  const policy = object as VirtualMachinePolicy;
  const compiler = new PolicyCompiler(policy.spec, { warn, observe });
  compiler.causes.push(...notYet, ...specCauses(policy));
  const compiled = yield* compileSpec(policy, compiler);
  if (compiled !== undefined) compiler.causes.push(...secretMessages(compiled));
  const causes = compiler.causes.slice(0, MAX_CAUSES);
  if (causes.length > 0 || compiled === undefined)
    return { policy: undefined, causes, warnings: compiler.warnings.slice(0, MAX_CAUSES) };
  const warnings = [...compiler.warnings, ...(warn ? deadRules(compiled) : [])].slice(0, MAX_CAUSES);
  return { policy: compiled, causes, warnings };
};

/** Likewise, at once. */
export const compilePolicy = (given: unknown, options: CompilePolicyOptions = {}): PolicyCompilation =>
  atOnce(compilingPolicy(given, options));

/** Causes as people read them, with the line of the expression. */
export const describePolicyCause = ({ field, message, excerpt }: PolicyCause): string =>
  excerpt === undefined ? `${field}: ${message}` : `${field}:${message}\n  ${excerpt.replace('\n', '\n  ')}`;
