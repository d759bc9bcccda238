import { MAX_CAUSES, TOO_MANY_CAUSES, type Cause } from '../api/cause.js';
import { schemaOf } from '../api/schema-check/check-schema.js';
import type { KubeVirt, VirtualMachine, VirtualMachineInstanceReplicaSet } from '../api/schema/kinds.js';
import { findNotActedOn, findStatusNotActedOn, withoutWhatIsRemoved } from '../validators/not-acted-on.js';
import { runRules } from '../validators/rule/run-rules.js';
import type { Request } from '../validators/rule/subject.js';
import { KUBEVIRT_RULES, REPLICA_SET_RULES } from '../validators/rules.js';
import { completed, followsFrom } from './fill-missing.js';
import { defaulted, mutationContext } from './mutate.js';
import { isRelease } from './deletion.js';
import { ruleRequest } from './rule-request.js';
import { checkShape, type SchemaOutcome } from './schema.js';
import { checkTemplate, defaultTemplate, withDefaultedTemplate, type DefaultedTemplate } from './template.js';
import type { AdmissionContext, AdmissionRequest, ValidationOutcome } from './types.js';
import { updateCauses, validateInstance } from './validate-instance.js';
import { isOnlyStartedOrStopped, validateMachine, validateMachineStatus } from './validate-machine.js';
import { warningsOf } from './warnings/index.js';

/** The template of a kind that has one, defaulted. */
const templateOf = ({ kind, object }: AdmissionRequest, admission: AdmissionContext): DefaultedTemplate | undefined =>
  kind === 'VirtualMachine' || kind === 'VirtualMachineInstanceReplicaSet'
    ? defaultTemplate((object as VirtualMachine | VirtualMachineInstanceReplicaSet).spec.template, admission)
    : undefined;

const validateReplicaSet = (
  admitted: AdmissionRequest,
  template: DefaultedTemplate | undefined,
  request: Request,
): readonly Cause[] => {
  const replicaSet = admitted.object as VirtualMachineInstanceReplicaSet;
  return [...checkTemplate(template, request), ...runRules(REPLICA_SET_RULES, { replicaSet, ...request })];
};

const validateKubeVirt = (
  { object, namespace }: AdmissionRequest,
  request: Request,
  { installNamespace, settingsObject }: AdmissionContext,
): readonly Cause[] =>
  runRules(KUBEVIRT_RULES, { ...request, kubevirt: object as KubeVirt, namespace, installNamespace, settingsObject });

const ruleCauses = (
  admitted: AdmissionRequest,
  template: DefaultedTemplate | undefined,
  request: Request,
  admission: AdmissionContext,
): readonly Cause[] => {
  switch (admitted.kind) {
    case 'VirtualMachineInstance':
      return validateInstance(admitted, request, admission);
    case 'VirtualMachine':
      return validateMachine(admitted, template, request, admission);
    case 'VirtualMachineInstanceReplicaSet':
      return validateReplicaSet(admitted, template, request);
    case 'KubeVirt':
      return validateKubeVirt(admitted, request, admission);
  }
};

/** Of a VMI that exists, the rules of updates say what is new. */
const notActedOnCauses = (
  admitted: AdmissionRequest,
  template: DefaultedTemplate | undefined,
  request: Request,
  admission: AdmissionContext,
): Cause[] => {
  const { kind, operation, object } = admitted;
  if (admission.allowNotActedOn || isOnlyStartedOrStopped(admitted, request)) return [];
  if (kind === 'VirtualMachineInstance') return operation === 'UPDATE' ? [] : findNotActedOn(kind, object);
  return findNotActedOn(kind, withDefaultedTemplate(object, template));
};

/** What a write to an object that goes may not do all the same: the agent of one node ends no VM of another. */
const releaseCauses = (admitted: AdmissionRequest, admission: AdmissionContext): readonly Cause[] => {
  const request = ruleRequest(admitted, admission);
  return request.agent === undefined || admitted.kind !== 'VirtualMachineInstance'
    ? []
    : updateCauses(admitted, request);
};

/**
 * A write through /status: what is wrong with the spec was stored so and is not this writer's. A request in the status that
 * nothing would act on is refused, unless it is stored already.
 */
const validateStatus = (admitted: AdmissionRequest, admission: AdmissionContext): ValidationOutcome => {
  const { kind, object, oldObject } = admitted;
  const { causes, shaped } = checkShape(kind, object);
  const ofStatus = causes.filter(({ field }) => field === 'status' || field.startsWith('status.'));
  if (!shaped || kind !== 'VirtualMachine') return { causes: ofStatus, warnings: [] };
  const notActedOn = admission.allowNotActedOn ? [] : findStatusNotActedOn(object, oldObject);
  const fromRules = validateMachineStatus(admitted, ruleRequest(admitted, admission), admission);
  return { causes: [...ofStatus, ...notActedOn, ...withoutWhatIsRemoved(fromRules, notActedOn)], warnings: [] };
};

/** The causes of an object that can be read, in the order in which they are reported: the schema's come first. */
const causesOf = (
  admitted: AdmissionRequest,
  admission: AdmissionContext,
  schemaCauses: readonly Cause[],
): readonly Cause[] => {
  const request = ruleRequest(admitted, admission);
  const reported = new Set(schemaCauses.map(({ field }) => field));
  const template = templateOf(admitted, admission);
  const notActedOn = notActedOnCauses(admitted, template, request, admission);
  const fromRules = ruleCauses(admitted, template, request, admission).filter(({ field }) => !reported.has(field));
  return [
    ...withoutWhatIsRemoved(schemaCauses, notActedOn),
    ...notActedOn,
    ...withoutWhatIsRemoved(fromRules, notActedOn),
  ];
};

/** An object that lacks required fields, read with empty values in their place. */
const incompleteCauses = (
  admitted: AdmissionRequest,
  admission: AdmissionContext,
  { causes, missing }: SchemaOutcome,
): readonly Cause[] => {
  const complete = { ...admitted, object: completed(schemaOf(admitted.kind), admitted.object) };
  const { context, refused } = mutationContext(admission);
  const object = defaulted(complete, admission, context);
  const others = [...refused, ...causesOf({ ...complete, object }, admission, causes)];
  const own = new Set(causes);
  return others.filter((cause) => own.has(cause) || !missing.some((field) => followsFrom(cause.field, field)));
};

/** An object that is updated was complete when it was admitted: whatever else is wrong follows from what is missing now. */
const isReadable = ({ operation }: AdmissionRequest, { missing }: SchemaOutcome): boolean =>
  missing.length > 0 && operation === 'CREATE';

const allCauses = (admitted: AdmissionRequest, admission: AdmissionContext): readonly Cause[] => {
  const schema = checkShape(admitted.kind, admitted.object);
  if (schema.shaped) return causesOf(admitted, admission, schema.causes);
  return isReadable(admitted, schema) ? incompleteCauses(admitted, admission, schema) : schema.causes;
};

/** See {@link MAX_CAUSES}. */
const limited = (causes: readonly Cause[]): readonly Cause[] =>
  causes.length < MAX_CAUSES || causes.includes(TOO_MANY_CAUSES)
    ? causes
    : [...causes.slice(0, MAX_CAUSES), TOO_MANY_CAUSES];

/**
 * The second half of admission: every rule, every cause. Pure. Expects what {@link mutate} returned; templates it defaults
 * itself, in a copy. An object in which something has a wrong type gets the schema's causes only, because the rules could
 * not read it.
 */
export const validate = (admitted: AdmissionRequest, admission: AdmissionContext): ValidationOutcome => {
  if (isRelease(admitted, admission)) return { causes: releaseCauses(admitted, admission), warnings: [] };
  if (admitted.subResource === 'status') return validateStatus(admitted, admission);
  const causes = limited(allCauses(admitted, admission));
  return { causes, warnings: causes.length === 0 ? warningsOf(admitted, admission) : [] };
};
