import { MAX_CAUSES, shortened, type Cause } from '../api/cause.js';
import { timestamp } from '../api/timestamp.js';
import { visibleLine } from '../api/visible-text.js';
import { actionOf, enforcedFrom, milder, type PolicyAction } from './action.js';
import { annotationKey, Annotations } from './annotations.js';
import { RequestBudget } from './budget.js';
import { Decisions } from './builtin-verdict.js';
import type { Spending } from './cel/evaluate/spending.js';
import type { Program } from './cel/program.js';
import { CelError } from './cel/values/errors.js';
import type { Result } from './cel/values/values.js';
import type { CompiledPolicy, CompiledValidation } from './compile-policy.js';
import { Effective, instancePath } from './effective.js';
import { exceptionsFrom } from './exception-index.js';
import { exceptionFor } from './exceptions.js';
import { ruleOf, type Evaluated, type Finding, type Outcome, type Verdict, type VerdictInput } from './finding.js';
import { PolicyInputs, Subjects } from './inputs.js';
import { matches, selects, type Matched, type Subject } from './match.js';
import { messageOf } from './message.js';
import { pausedUntil as pauseOf, pauseEnd } from './pause.js';
import { NOWHERE, placeOf, type Place } from './place.js';

export { ruleOf, type Finding, type Verdict, type VerdictInput } from './finding.js';

/*
 * What policies say of an object: one function for the webhook, lint, tests and audits. Pure: the time is an argument.
 */

const NAMESPACE_UNKNOWN = new CelError('the labels of the namespace are not known yet; try again');
const NOT_BOOL = new CelError('the expression gives no bool');

/** The values of a policy's params in a namespace: the first override whose selector fits, key by key. */
export const paramsOf = ({ spec }: CompiledPolicy, { namespaceLabels = {} }: Subject): unknown => {
  if (spec.params === undefined) return null;
  const override = spec.params.overrides?.find(({ namespaceSelector }) => selects(namespaceSelector, namespaceLabels));
  return override === undefined ? spec.params.values : { ...spec.params.values, ...override.values };
};

/** Whether the labels of the namespace decide what the policy asks or does. */
const needsNamespace = ({ spec }: CompiledPolicy): boolean =>
  (spec.actionOverrides?.length ?? 0) + (spec.params?.overrides?.length ?? 0) > 0;

/** Where the namespace is not known: what the policy would do where it is strictest. */
const strictestOf = (policy: CompiledPolicy, action: PolicyAction): PolicyAction =>
  (policy.spec.actionOverrides ?? []).reduce<PolicyAction>(
    (strictest, { action: other }) => (milder(strictest, other) === strictest ? other : strictest),
    action,
  );

/** One policy, asked about the object of a request. */
interface Asked {
  readonly policy: CompiledPolicy;
  readonly action: PolicyAction;
  readonly inputs: PolicyInputs;
  units: number;
  isExhausted: boolean;
  hasFailed: boolean;
}

class Evaluation {
  readonly findings: Finding[] = [];
  readonly evaluated: Evaluated[] = [];
  readonly annotations = new Annotations();
  /** About the product's own rules; undefined: none of them decides. */
  decisions: Decisions | undefined;
  /** Of those that are for the object, with their ends. */
  readonly paused: { readonly name: string; readonly until: number }[] = [];
  private readonly budget = new RequestBudget();
  private readonly subjects: Subjects;
  private readonly stored: Subjects;

  constructor(private readonly input: VerdictInput) {
    const { object, oldObject, request, namespaceObject, effective } = input;
    const roots = (one: unknown, old: unknown): Subjects =>
      new Subjects({ object: one, oldObject: old, request, namespaceObject, effective: new Effective(one, effective) });
    this.subjects = roots(object, oldObject);
    this.stored = roots(oldObject, null);
  }

  policy(policy: CompiledPolicy): void {
    const { subject, now, pausedUntil } = this.input;
    if (!policy.kinds.includes(subject.kind)) return;
    if (policy.namespace !== undefined && policy.namespace !== subject.namespace) return;
    let matched = matches(policy.spec.match, subject);
    if (matched === false) return;
    const isUnknown = subject.namespaceLabels === undefined && needsNamespace(policy);
    if (isUnknown) matched = 'unknown';
    const violations = this.input.violations?.(policy);
    const known = actionOf(policy, { now, namespaceLabels: subject.namespaceLabels, violations, pausedUntil });
    const action = isUnknown ? strictestOf(policy, known) : known;
    if (action === 'Off') return;
    const until = pauseEnd([pauseOf(policy.annotations), pausedUntil], now);
    if (until !== undefined) this.paused.push({ name: policy.name, until });
    this.budget.begin(policy.namespace !== undefined);
    const inputs = this.inputsOf(policy, this.subjects);
    const asked: Asked = { policy, action, inputs, units: 0, isExhausted: false, hasFailed: false };
    const condition = this.conditions(asked, matched);
    if (condition === false) return;
    if (condition !== true) this.failed(asked, condition.name, action, condition.error);
    else {
      for (const validation of policy.validations) this.validation(asked, validation);
      this.annotate(asked);
      if (policy.spec.builtin !== undefined) (this.decisions ??= new Decisions()).add(policy, action);
    }
    this.evaluated.push(asked);
  }

  /** What the policy wants to stand in the audit log; null or blank: nothing. An error is one of the policy. */
  private annotate(asked: Asked): void {
    const { policy, action } = asked;
    for (const { key, program } of policy.auditAnnotations) {
      const result = this.run(program, asked);
      if (result instanceof CelError) this.failed(asked, key, action, result);
      if (typeof result === 'string') this.annotations.add(annotationKey(policy, key), result);
    }
  }

  private inputsOf(policy: CompiledPolicy, subjects: Subjects): PolicyInputs {
    return new PolicyInputs(subjects, policy.version, policy.variables, paramsOf(policy, this.input.subject));
  }

  /** Any that is false: the policy is not for this object, whatever the others did. Else any error is one. */
  private conditions(asked: Asked, matched: Matched): boolean | { readonly name: string; readonly error: CelError } {
    let failed = matched === 'unknown' ? { name: 'match', error: NAMESPACE_UNKNOWN } : undefined;
    for (const { name, program } of asked.policy.conditions) {
      const result = this.run(program, asked);
      if (result === false) return false;
      if (result !== true) failed ??= { name, error: result instanceof CelError ? result : NOT_BOOL };
    }
    return failed ?? true;
  }

  private run(program: Program, asked: Asked, inputs: PolicyInputs = asked.inputs): Result {
    const spending = this.budget.spending('policy');
    const result = program.evaluate(inputs, spending);
    this.settle(spending, asked);
    return result;
  }

  private settle(spending: Spending, asked: Asked): void {
    asked.units += spending.units;
    if (spending.exhausted !== undefined) asked.isExhausted = true;
    this.budget.settle('policy', spending);
  }

  /** An error counts as a violation, or as nothing, by failurePolicy; no exception and no ratchet are for errors. */
  private failed(asked: Asked, name: string, action: PolicyAction, { message }: CelError): void {
    const { policy } = asked;
    asked.hasFailed = true;
    if (policy.spec.failurePolicy === 'Ignore') return;
    const text = shortened(visibleLine(`the policy could not be evaluated: ${message}`));
    this.findings.push({ policy, name, action, outcome: 'error', field: 'spec', message: text });
  }

  private validation(asked: Asked, validation: CompiledValidation): void {
    const { policy, inputs } = asked;
    const { name, program, spec } = validation;
    const action = spec.action === undefined ? asked.action : milder(asked.action, spec.action);
    if (action === 'Off') return;
    const result = this.run(program, asked);
    if (result === true) {
      this.input.passed?.(policy, name);
      return;
    }
    if (result !== false) {
      this.failed(asked, name, action, result instanceof CelError ? result : NOT_BOOL);
      return;
    }
    const place = this.place(asked, program);
    const spending = this.budget.spending('policy');
    const message = messageOf(policy, validation, place, inputs, spending);
    this.settle(spending, asked);
    const field = spec.field === undefined ? place.path : this.named(spec.field);
    const found = { policy, name, action, field: field === '' ? 'spec' : field, message };
    const exception = this.exceptionFrom(asked, name);
    if (exception !== undefined) this.findings.push({ ...found, outcome: 'excepted', exception });
    else this.findings.push({ ...found, outcome: this.isStored(asked, program) ? 'ratcheted' : 'fail' });
  }

  private place({ policy, inputs }: Asked, program: Program): Place {
    if (!this.budget.hasPlaces) return NOWHERE;
    const spending = this.budget.spending('place');
    const place = placeOf(policy, program.node, { inputs, instance: instancePath(this.input.subject.kind) }, spending);
    this.budget.settle('place', spending);
    return place;
  }

  private exceptionFrom({ policy, inputs }: Asked, validation: string): string | undefined {
    const { subject, exceptions, now } = this.input;
    const holds = (condition: Program): boolean => {
      const spending = this.budget.spending('exception');
      const result = condition.evaluate(inputs, spending);
      this.budget.settle('exception', spending);
      return result === true;
    };
    const known = exceptionsFrom(policy, exceptions);
    return exceptionFor(known, { policy, validation, subject, now, holds })?.name;
  }

  /** `$` is the spec of the instance. */
  private named(field: string): string {
    return field.replace(/^\$/, instancePath(this.input.subject.kind));
  }

  /** Whether the stored object fails as well, and cleanly: what was so already may be updated. */
  private isStored(asked: Asked, program: Program): boolean {
    const { subject, oldObject } = this.input;
    const { policy } = asked;
    if (subject.operation !== 'UPDATE' || oldObject === null || policy.spec.existing === 'Enforce') return false;
    return this.run(program, asked, this.inputsOf(policy, this.stored)) === false;
  }
}

/** Longest warning: the API server cuts what is longer, in the middle of a word. */
const MAX_WARNING = 256;

const warningOf = (finding: Finding, now: number): string => {
  const from = enforcedFrom(finding.policy, now);
  const stored = finding.outcome === 'ratcheted' ? '; the stored object has it too, so it is let be' : '';
  const later = from === undefined || stored !== '' ? '' : `; it will be refused from ${from}`;
  const end = `${stored}${later} [${ruleOf(finding)}]`;
  const text = `${finding.field}: ${finding.message}`;
  const room = MAX_WARNING - end.length;
  return `${text.length > room ? `${text.slice(0, room - 1)}…` : text}${end}`;
};

const REFUSED: readonly Outcome[] = ['fail', 'error'];

export const isRefused = ({ action, outcome }: Finding): boolean => action === 'Enforce' && REFUSED.includes(outcome);

const isWarned = ({ action, outcome }: Finding): boolean =>
  outcome === 'ratcheted' ? action === 'Enforce' || action === 'Warn' : action === 'Warn' && outcome !== 'excepted';

export const causeOf = (finding: Finding): Cause => ({
  type: 'FieldValueForbidden',
  field: finding.field,
  message: finding.message,
  rule: ruleOf(finding),
});

/** As many as anybody reads; the API server passes on 4 KiB. */
const MAX_WARNINGS = 30;

/** The answer that findings make. */
export const answerOf = (
  findings: readonly Finding[],
  now: number,
): Pick<Verdict, 'causes' | 'warnings' | 'findings'> => ({
  causes: findings.filter(isRefused).slice(0, MAX_CAUSES).map(causeOf),
  warnings: findings
    .filter(isWarned)
    .slice(0, MAX_WARNINGS)
    .map((finding) => warningOf(finding, now)),
  findings,
});

/** So that nobody forgets a pause. */
const pauseOfAll = (paused: Evaluation['paused']): Verdict['pause'] => {
  const [first, ...others] = paused;
  if (first === undefined) return undefined;
  const name = first.name.slice(0, 100);
  if (others.length === 0)
    return {
      rule: `policy/${name}`,
      message: `policy ${name} is paused until ${timestamp(first.until)}: it refuses nothing now`,
    };
  const last = timestamp(Math.max(...paused.map(({ until }) => until)));
  const isOne = paused.every(({ until }) => until === first.until);
  const message = `${paused.length} policies are paused, ${name} among them`;
  return {
    rule: 'policy.pause',
    message: `${message}, ${isOne ? 'until' : 'the last until'} ${last}: they refuse nothing now`,
  };
};

const NOTHING_SETTLED: ReadonlySet<string> = new Set();

export const verdictOf = (input: VerdictInput): Verdict => {
  const evaluation = new Evaluation(input);
  for (const policy of input.policies) evaluation.policy(policy);
  const { evaluated, annotations, paused, decisions } = evaluation;
  if (input.own !== undefined && input.met !== undefined) decisions?.met(input.own).forEach(input.met);
  const decided = input.own && decisions?.decided(input.own, input.subject.operation === 'UPDATE');
  const findings = decided === undefined ? evaluation.findings : [...evaluation.findings, ...decided.findings];
  const { causes, warnings } = answerOf(findings, input.now);
  const pause = pauseOfAll(paused);
  return {
    ...{ causes, findings, evaluated, annotations: annotations.values, settled: decided?.settled ?? NOTHING_SETTLED },
    ...(pause === undefined ? {} : { pause }),
    warnings: pause === undefined ? warnings : [`${pause.message} [${pause.rule}]`, ...warnings],
  };
};
