import { shortened, type Cause } from '../api/cause.js';
import { visibleLine } from '../api/visible-text.js';
import { actionOf, enforcedFrom, milder, type PolicyAction } from './action.js';
import type { Spending } from './cel/evaluate/spending.js';
import type { Program } from './cel/program.js';
import { CelError } from './cel/values/errors.js';
import type { Result } from './cel/values/values.js';
import type { CompiledPolicy, CompiledValidation } from './compile-policy.js';
import { exceptionFor, type KnownException } from './exceptions.js';
import { PolicyInputs, RequestBudget, Subjects } from './inputs.js';
import { matches, selects, type Matched, type Subject } from './match.js';
import { messageOf } from './message.js';
import { placeOf } from './place.js';

/*
 * What policies say of an object: one function for the webhook, lint, tests and audits. Pure: the time is an argument.
 */

export interface VerdictInput {
  readonly subject: Subject;
  readonly object: unknown;
  /** Null where there is none. */
  readonly oldObject: unknown;
  /** As expressions see it. */
  readonly request: unknown;
  readonly namespaceObject: unknown;
  /** In the order in which they are said: of the cluster first, by name. */
  readonly policies: readonly CompiledPolicy[];
  readonly exceptions: readonly KnownException[];
  /** Milliseconds since 1970. */
  readonly now: number;
  /** What the last audit counted of a policy's violations. */
  readonly violations?: (policy: CompiledPolicy) => number | undefined;
  /** Told of each validation that holds. */
  readonly passed?: (policy: CompiledPolicy, validation: string) => void;
  /** The annotation of a pause for all policies, on the KubeVirt object. */
  readonly pausedUntil?: string | undefined;
}

export type Outcome = 'fail' | 'error' | 'excepted' | 'ratcheted';

export interface Finding {
  readonly policy: CompiledPolicy;
  /** The name of the validation; of the condition where that failed. */
  readonly name: string;
  readonly action: PolicyAction;
  readonly outcome: Outcome;
  readonly field: string;
  readonly message: string;
  readonly exception?: string;
}

export interface Verdict {
  /** Why the request is refused; none: it is not. */
  readonly causes: readonly Cause[];
  readonly warnings: readonly string[];
  /** Everything that was found, passes apart. */
  readonly findings: readonly Finding[];
}

/** `policy/vm-size/vcpus`, or `policy/shop:vm-size/vcpus` of a namespace's. */
export const ruleOf = ({ policy, name }: Pick<Finding, 'policy' | 'name'>): string =>
  `policy/${policy.namespace === undefined ? '' : `${policy.namespace}:`}${policy.name}/${name}`;

const NAMESPACE_UNKNOWN = new CelError('the labels of the namespace are not known yet; try again');

/** The values of a policy's params in a namespace: the first override whose selector fits, key by key. */
export const paramsOf = ({ spec }: CompiledPolicy, { namespaceLabels = {} }: Subject): unknown => {
  if (spec.params === undefined) return null;
  const override = spec.params.overrides?.find(({ namespaceSelector }) => selects(namespaceSelector, namespaceLabels));
  return override === undefined ? spec.params.values : { ...spec.params.values, ...override.values };
};

class Evaluation {
  readonly findings: Finding[] = [];
  private readonly budget = new RequestBudget();
  private readonly subjects: Subjects;
  private readonly stored: Subjects;

  constructor(private readonly input: VerdictInput) {
    const { object, oldObject, request, namespaceObject } = input;
    this.subjects = new Subjects({ object, oldObject, request, namespaceObject });
    this.stored = new Subjects({ object: oldObject, oldObject: null, request, namespaceObject });
  }

  policy(policy: CompiledPolicy): void {
    const { subject } = this.input;
    if (!policy.kinds.includes(subject.kind)) return;
    if (policy.namespace !== undefined && policy.namespace !== subject.namespace) return;
    const matched = matches(policy.spec.match, subject);
    if (matched === false) return;
    const { now, pausedUntil } = this.input;
    const violations = this.input.violations?.(policy);
    const action = actionOf(policy, { now, namespaceLabels: subject.namespaceLabels, violations, pausedUntil });
    if (action === 'Off') return;
    const inputs = this.inputsOf(policy, this.subjects);
    const condition = this.conditions(policy, inputs, matched);
    if (condition === false) return;
    if (condition !== true) this.failed(policy, condition.name, action, condition.error);
    else for (const validation of policy.validations) this.validation(policy, validation, action, inputs);
  }

  private inputsOf(policy: CompiledPolicy, subjects: Subjects): PolicyInputs {
    return new PolicyInputs(subjects, policy.version, policy.variables, paramsOf(policy, this.input.subject));
  }

  /** Any that is false: the policy is not for this object, whatever the others did. Else any error is one. */
  private conditions(
    policy: CompiledPolicy,
    inputs: PolicyInputs,
    matched: Matched,
  ): boolean | { readonly name: string; readonly error: CelError } {
    let failed = matched === 'unknown' ? { name: 'match', error: NAMESPACE_UNKNOWN } : undefined;
    for (const { name, program } of policy.conditions) {
      const result = this.run(program, inputs);
      if (result === false) return false;
      if (result !== true) failed ??= { name, error: result instanceof CelError ? result : NOT_BOOL };
    }
    return failed ?? true;
  }

  private run(program: Program, inputs: PolicyInputs): Result {
    const spending = this.budget.spending();
    const result = program.evaluate(inputs, spending);
    this.budget.settle(spending);
    return result;
  }

  /** An error counts as a violation, or as nothing, by failurePolicy; no exception and no ratchet are for errors. */
  private failed(policy: CompiledPolicy, name: string, action: PolicyAction, { message }: CelError): void {
    if (policy.spec.failurePolicy === 'Ignore') return;
    const text = shortened(visibleLine(`the policy could not be evaluated: ${message}`));
    this.findings.push({ policy, name, action, outcome: 'error', field: 'spec', message: text });
  }

  private validation(
    policy: CompiledPolicy,
    validation: CompiledValidation,
    policyAction: PolicyAction,
    inputs: PolicyInputs,
  ): void {
    const { name, program, spec } = validation;
    const action = spec.action === undefined ? policyAction : milder(policyAction, spec.action);
    if (action === 'Off') return;
    const result = this.run(program, inputs);
    if (result === true) {
      this.input.passed?.(policy, name);
      return;
    }
    if (result !== false) {
      this.failed(policy, name, action, result instanceof CelError ? result : NOT_BOOL);
      return;
    }
    const place = placeOf(policy, program.node, inputs);
    const spending: Spending = this.budget.spending();
    const message = messageOf(policy, validation, place, inputs, spending);
    this.budget.settle(spending);
    const field = spec.field === undefined ? place.path : this.named(spec.field);
    const { subject, exceptions, now } = this.input;
    const holds = (condition: Program): boolean => this.run(condition, inputs) === true;
    const exception = exceptionFor(exceptions, { policy, validation: name, subject, now, holds });
    const found = { policy, name, action, field: field === '' ? 'spec' : field, message };
    if (exception !== undefined) this.findings.push({ ...found, outcome: 'excepted', exception: exception.name });
    else this.findings.push({ ...found, outcome: this.isStored(policy, program) ? 'ratcheted' : 'fail' });
  }

  /** `$` is the spec of the instance. */
  private named(field: string): string {
    const { kind } = this.input.subject;
    return field.replace(/^\$/, kind === 'VirtualMachineInstance' ? 'spec' : 'spec.template.spec');
  }

  /** Whether the stored object fails as well, and cleanly: what was so already may be updated. */
  private isStored(policy: CompiledPolicy, program: Program): boolean {
    const { subject, oldObject } = this.input;
    if (subject.operation !== 'UPDATE' || oldObject === null || policy.spec.existing === 'Enforce') return false;
    return this.run(program, this.inputsOf(policy, this.stored)) === false;
  }
}

const NOT_BOOL = new CelError('the expression gives no bool');

const warningOf = (finding: Finding, now: number): string => {
  const from = enforcedFrom(finding.policy, now);
  const stored = finding.outcome === 'ratcheted' ? '; the stored object has it too, so it is let be' : '';
  const later = from === undefined || stored !== '' ? '' : `; it will be refused from ${from}`;
  const rule = ` [${ruleOf(finding)}]`;
  const text = `${finding.field}: ${finding.message}${stored}${later}`;
  return `${text.length + rule.length > 300 ? `${text.slice(0, 299 - rule.length)}…` : text}${rule}`;
};

export const verdictOf = (input: VerdictInput): Verdict => {
  const evaluation = new Evaluation(input);
  for (const policy of input.policies) evaluation.policy(policy);
  const { findings } = evaluation;
  const refused = findings.filter(
    ({ action, outcome }) => action === 'Enforce' && (outcome === 'fail' || outcome === 'error'),
  );
  const warned = findings.filter(({ action, outcome }) =>
    outcome === 'ratcheted' ? action === 'Enforce' || action === 'Warn' : action === 'Warn' && outcome !== 'excepted',
  );
  return {
    causes: refused.map((finding) => ({
      type: 'FieldValueForbidden',
      field: finding.field,
      message: finding.message,
      rule: ruleOf(finding),
    })),
    warnings: warned.map((finding) => warningOf(finding, input.now)),
    findings,
  };
};
