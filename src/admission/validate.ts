import type { Cause } from '../api/cause.js';
import type { VirtualMachine, VirtualMachineInstance, VirtualMachineInstanceReplicaSet } from '../api/schema/kinds.js';
import type { VirtualMachineInstanceTemplateSpec } from '../api/schema/virtualmachineinstance.js';
import { defaultInstance } from '../mutators/instance.js';
import { findNotActedOn, withoutWhatIsRemoved } from '../validators/not-acted-on.js';
import { runRules, type Request } from '../validators/rule.js';
import {
  INSTANCE_RULES,
  INSTANCE_UPDATE_RULES,
  REPLICA_SET_RULES,
  VIRTUAL_MACHINE_RULES,
} from '../validators/rules.js';
import { mutationContext } from './mutate.js';
import { isOurProgram } from './our-programs.js';
import { isRelease } from './release.js';
import { checkShape } from './schema.js';
import type { AdmissionContext, AdmissionRequest, ValidationOutcome } from './types.js';
import { warningsOf } from './warnings.js';

const TEMPLATE = { path: 'spec.template.spec', metadataPath: 'spec.template.metadata' } as const;

interface TemplateOutcome {
  readonly causes: readonly Cause[];
  /** The template as the VMI that it will become. */
  readonly vmi?: VirtualMachineInstance;
}

/** A template gets every rule of a VMI, on the VMI that it will become, so that nothing is left to fail at the start. */
const checkTemplate = (
  { metadata = {}, spec }: VirtualMachineInstanceTemplateSpec,
  request: Request,
  admission: AdmissionContext,
): TemplateOutcome => {
  if (spec === undefined) return { causes: [] };
  const { context, refused } = mutationContext(admission);
  const vmi = defaultInstance({ metadata: { ...metadata }, spec }, context);
  const moved = refused.map((cause) => ({ ...cause, field: cause.field.replace(/^spec/, TEMPLATE.path) }));
  return {
    vmi,
    causes: [...moved, ...runRules(INSTANCE_RULES, { ...request, ...TEMPLATE, metadata, spec: vmi.spec })],
  };
};

const validateInstance = (admitted: AdmissionRequest, request: Request): readonly Cause[] => {
  const vmi = admitted.object as VirtualMachineInstance;
  if (admitted.operation === 'UPDATE') {
    const old = admitted.oldObject as VirtualMachineInstance | undefined;
    return old === undefined ? [] : runRules(INSTANCE_UPDATE_RULES, { ...request, vmi, old });
  }
  const { metadata = {}, spec } = vmi;
  return runRules(INSTANCE_RULES, { ...request, path: 'spec', metadataPath: 'metadata', metadata, spec });
};

const validateMachine = (
  admitted: AdmissionRequest,
  request: Request,
  admission: AdmissionContext,
): readonly Cause[] => {
  const vm = admitted.object as VirtualMachine;
  const template = checkTemplate(vm.spec.template, request, admission);
  const old = admitted.oldObject as VirtualMachine | undefined;
  return [
    ...template.causes,
    ...runRules(VIRTUAL_MACHINE_RULES, { ...request, vm, old, defaulted: template.vmi?.spec }),
  ];
};

const validateReplicaSet = (
  admitted: AdmissionRequest,
  request: Request,
  admission: AdmissionContext,
): readonly Cause[] => {
  const replicaSet = admitted.object as VirtualMachineInstanceReplicaSet;
  const template = checkTemplate(replicaSet.spec.template, request, admission);
  return [...template.causes, ...runRules(REPLICA_SET_RULES, { ...request, replicaSet })];
};

const ruleCauses = (admitted: AdmissionRequest, admission: AdmissionContext): readonly Cause[] => {
  const request: Request = {
    operation: admitted.operation,
    config: admission.config,
    byOurPrograms: isOurProgram(admitted.user?.username, admission.installNamespace),
  };
  switch (admitted.kind) {
    case 'VirtualMachineInstance':
      return validateInstance(admitted, request);
    case 'VirtualMachine':
      return validateMachine(admitted, request, admission);
    case 'VirtualMachineInstanceReplicaSet':
      return validateReplicaSet(admitted, request, admission);
    case 'KubeVirt':
      return [];
  }
};

/** A template is looked at as the VMI that it will become: a default may be what is not acted on (EFI on arm64). */
const withDefaultedTemplate = (object: unknown, admission: AdmissionContext): unknown => {
  const { spec } = object as VirtualMachine;
  if (spec.template.spec === undefined) return object;
  const { context } = mutationContext(admission);
  const template = { ...spec.template, spec: defaultInstance({ spec: spec.template.spec }, context).spec };
  return { spec: { ...spec, template } };
};

/** A VMI that exists was admitted; its spec cannot change. */
const notActedOnCauses = ({ kind, operation, object }: AdmissionRequest, admission: AdmissionContext): Cause[] => {
  if (admission.allowNotActedOn) return [];
  if (kind === 'VirtualMachineInstance') return operation === 'UPDATE' ? [] : findNotActedOn(kind, object);
  return findNotActedOn(kind, kind === 'KubeVirt' ? object : withDefaultedTemplate(object, admission));
};

/**
 * The second half of admission: every rule, every cause. Pure. Expects what {@link mutate} returned; templates it defaults
 * itself, in a copy. An object of a wrong shape gets the schema's causes only, because the rules could not read it.
 */
export const validate = (request: AdmissionRequest, admission: AdmissionContext): ValidationOutcome => {
  if (isRelease(request, admission)) return { causes: [], warnings: [] };
  const schema = checkShape(request.kind, request.object);
  if (!schema.shaped) return { causes: schema.causes, warnings: [] };
  const reported = new Set(schema.causes.map(({ field }) => field));
  const notActedOn = notActedOnCauses(request, admission);
  const fromRules = withoutWhatIsRemoved(ruleCauses(request, admission), notActedOn);
  const causes = [...schema.causes, ...notActedOn, ...fromRules.filter(({ field }) => !reported.has(field))];
  return { causes, warnings: causes.length === 0 ? warningsOf(request) : [] };
};
