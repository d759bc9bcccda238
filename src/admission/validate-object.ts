import type { Cause } from '../api/cause.js';
import { schemaOf } from '../api/schema-check/check-schema.js';
import { asWritten, Draft, moveUnknown } from '../api/schema-check/draft.js';
import type { KubeVirt, VirtualMachine, VirtualMachineInstanceReplicaSet } from '../api/schema/kinds.js';
import { findNotActedOn, withoutWhatIsRemoved } from '../validators/not-acted-on.js';
import { runRules } from '../validators/rule/run-rules.js';
import type { Request } from '../validators/rule/subject.js';
import { KUBEVIRT_RULES, OBJECT_RULES, REPLICA_SET_RULES } from '../validators/rules.js';
import { asItWillRun } from './expansion.js';
import { completed, followsFrom } from './fill-missing.js';
import { defaulted, mutationContext } from './mutate.js';
import { commonCauses, putRight, type Earlier } from './put-right.js';
import { ruleRequest } from './rule-request.js';
import { checkShape, type SchemaOutcome } from './schema.js';
import { checkTemplate, defaultTemplate, withDefaultedTemplate, type DefaultedTemplate } from './template.js';
import type { AdmissionContext, AdmissionRequest } from './types.js';
import { validateInstance } from './validate-instance.js';
import { isOnlyStartedOrStopped, validateMachine } from './validate-machine.js';

/** The template of a kind that has one, defaulted. */
const templateOf = (
  { kind, object, namespace }: AdmissionRequest,
  admission: AdmissionContext,
): DefaultedTemplate | undefined => {
  switch (kind) {
    case 'VirtualMachine':
      return defaultTemplate(asItWillRun(object as VirtualMachine, namespace, admission).spec.template, admission);
    case 'VirtualMachineInstanceReplicaSet':
      return defaultTemplate((object as VirtualMachineInstanceReplicaSet).spec.template, admission);
    case 'VirtualMachineInstance':
    case 'KubeVirt':
      return undefined;
  }
};

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

const kindCauses = (
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

/** What the rules find, those of all kinds first. */
const ruleCauses = (
  admitted: AdmissionRequest,
  template: DefaultedTemplate | undefined,
  request: Request,
  admission: AdmissionContext,
): readonly Cause[] => {
  const { metadata = {} } = admitted.object as VirtualMachine;
  const isInstance = admitted.kind === 'VirtualMachineInstance';
  const own = isOnlyStartedOrStopped(admitted, request)
    ? []
    : runRules(OBJECT_RULES, { ...request, metadata, isInstance });
  const ofKind = kindCauses(admitted, template, request, admission);
  return own.length === 0 ? ofKind : [...own, ...ofKind];
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

/** Whether anything was reported of which rules may find the consequences. */
const ruleCausesOnly = (
  causes: readonly Cause[],
  admitted: AdmissionRequest,
  template: DefaultedTemplate | undefined,
  request: Request,
  admission: AdmissionContext,
  earlier: Earlier,
): readonly Cause[] => {
  if (causes.length === 0 || (earlier.schema.length === 0 && earlier.notActedOn.length === 0)) return causes;
  // With the defaults that it has: others would be made for what is taken out, and the same mistake told elsewhere.
  const whole = { ...(admitted.object as object), ...(withDefaultedTemplate(admitted.object, template) as object) };
  const { shaped, object } = checkShape(admitted.kind, putRight({ object: whole }, earlier));
  if (!shaped) return causes;
  const { spec } = (object as { spec: Partial<VirtualMachine['spec']> }).spec.template ?? {};
  const right = template === undefined || spec === undefined ? undefined : { ...template, spec };
  return commonCauses(causes, ruleCauses({ ...admitted, object }, right, request, admission));
};

/**
 * The causes of an object that can be read, in the order in which they are reported: the schema's, fields that nothing
 * acts on, rules. What an earlier one says of a field the later ones do not say again, nor what follows from it.
 */
const causesOf = (
  admitted: AdmissionRequest,
  admission: AdmissionContext,
  { causes: schema, corrections }: Pick<SchemaOutcome, 'causes' | 'corrections'>,
): readonly Cause[] => {
  const request = ruleRequest(admitted, admission);
  const reported = new Set(schema.map(({ field }) => field));
  const template = templateOf(admitted, admission);
  const notActedOn = notActedOnCauses(admitted, template, request, admission);
  const fromRules = ruleCauses(admitted, template, request, admission).filter(({ field }) => !reported.has(field));
  const others = withoutWhatIsRemoved(fromRules, notActedOn);
  return [
    ...withoutWhatIsRemoved(schema, notActedOn),
    ...notActedOn,
    ...ruleCausesOnly(others, admitted, template, request, admission, { schema, corrections, notActedOn }),
  ];
};

/** A complete object that was submitted incomplete, with its defaults. */
const readAs = (admitted: AdmissionRequest, admission: AdmissionContext, complete: unknown) => {
  const { context, refused } = mutationContext(admission);
  const request = { ...admitted, object: complete };
  return { request: { ...request, object: defaulted(request, admission, context) }, refused };
};

/** An object that lacks required fields, read with empty values in their place. */
const incompleteCauses = (
  admitted: AdmissionRequest,
  admission: AdmissionContext,
  { causes, corrections, missing }: SchemaOutcome,
): readonly Cause[] => {
  const { request, refused } = readAs(admitted, admission, completed(schemaOf(admitted.kind), admitted.object));
  const others = [...refused, ...causesOf(request, admission, { causes, corrections })];
  const own = new Set(causes);
  return others.filter((cause) => own.has(cause) || !missing.some((field) => followsFrom(cause.field, field)));
};

/**
 * An object whose required fields are there, and written elsewhere: read as it was meant. Undefined where that is not
 * the case.
 */
const misplacedCauses = (
  admitted: AdmissionRequest,
  admission: AdmissionContext,
  { causes, corrections }: SchemaOutcome,
): readonly Cause[] | undefined => {
  const draft = new Draft(admitted.object);
  moveUnknown(draft, corrections);
  const schema = checkShape(admitted.kind, draft.object);
  if (!schema.shaped) return undefined;
  const { request, refused } = readAs(admitted, admission, schema.object);
  const others = [...refused, ...causesOf(request, admission, schema)];
  return [...causes, ...asWritten(others, corrections)];
};

/**
 * An object that is updated was complete when it was admitted: whatever else is wrong follows from what is missing now.
 */
const isReadable = ({ operation }: AdmissionRequest, { missing }: SchemaOutcome): boolean =>
  missing.length > 0 && operation === 'CREATE';

/** Every cause of an object, and what was looked at: the object without what is null. */
interface CheckedObject {
  readonly causes: readonly Cause[];
  readonly object: unknown;
}

/**
 * Every cause of an object that is created or changed. One in which something has a wrong type gets the schema's causes
 * only, because the rules could not read it; one that lacks something is read with an empty value in its place.
 */
export const checkObject = (submitted: AdmissionRequest, admission: AdmissionContext): CheckedObject => {
  const schema = checkShape(submitted.kind, submitted.object);
  const { object } = schema;
  const admitted = object === submitted.object ? submitted : { ...submitted, object };
  if (schema.shaped) return { object, causes: causesOf(admitted, admission, schema) };
  if (!isReadable(admitted, schema)) return { object, causes: schema.causes };
  const causes = misplacedCauses(admitted, admission, schema) ?? incompleteCauses(admitted, admission, schema);
  return { object, causes };
};
