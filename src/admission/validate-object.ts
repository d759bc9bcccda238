import type { Cause } from '../api/cause.js';
import { schemaOf } from '../api/schema-check/check-schema.js';
import type { KubeVirt, VirtualMachine, VirtualMachineInstanceReplicaSet } from '../api/schema/kinds.js';
import { findNotActedOn, withoutWhatIsRemoved } from '../validators/not-acted-on.js';
import { runRules } from '../validators/rule/run-rules.js';
import type { Request } from '../validators/rule/subject.js';
import { KUBEVIRT_RULES, REPLICA_SET_RULES } from '../validators/rules.js';
import { completed, followsFrom } from './fill-missing.js';
import { defaulted, mutationContext } from './mutate.js';
import { ruleRequest } from './rule-request.js';
import { checkShape, type SchemaOutcome } from './schema.js';
import { checkTemplate, defaultTemplate, withDefaultedTemplate, type DefaultedTemplate } from './template.js';
import type { AdmissionContext, AdmissionRequest } from './types.js';
import { validateInstance } from './validate-instance.js';
import { isOnlyStartedOrStopped, validateMachine } from './validate-machine.js';

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

/**
 * The causes of an object that can be read, in the order in which they are reported: the schema's, fields that nothing
 * acts on, rules. What an earlier one says of a field the later ones do not say again.
 */
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

/**
 * An object that is updated was complete when it was admitted: whatever else is wrong follows from what is missing now.
 */
const isReadable = ({ operation }: AdmissionRequest, { missing }: SchemaOutcome): boolean =>
  missing.length > 0 && operation === 'CREATE';

/**
 * Every cause of an object that is created or changed. One in which something has a wrong type gets the schema's causes
 * only, because the rules could not read it; one that lacks something is read with an empty value in its place.
 */
export const objectCauses = (admitted: AdmissionRequest, admission: AdmissionContext): readonly Cause[] => {
  const schema = checkShape(admitted.kind, admitted.object);
  if (schema.shaped) return causesOf(admitted, admission, schema.causes);
  return isReadable(admitted, schema) ? incompleteCauses(admitted, admission, schema) : schema.causes;
};
