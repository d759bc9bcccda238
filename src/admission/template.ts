import type { Cause } from '../api/cause.js';
import type { VirtualMachine } from '../api/schema/kinds.js';
import type { ObjectMeta } from '../api/schema/meta.js';
import type {
  VirtualMachineInstanceSpec,
  VirtualMachineInstanceTemplateSpec,
} from '../api/schema/virtualmachineinstance.js';
import { defaultInstance } from '../mutators/instance.js';
import { runRules } from '../validators/rule/run-rules.js';
import type { Request } from '../validators/rule/subject.js';
import { INSTANCE_RULES } from '../validators/rules.js';
import { mutationContext } from './mutate.js';
import { instanceSubject } from './rule-request.js';
import type { AdmissionContext } from './types.js';

const TEMPLATE = { path: 'spec.template.spec', metadataPath: 'spec.template.metadata' } as const;

/**
 * A template as the VMI that it will become. Made once per request for all that look at it: it costs as much as all
 * rules.
 */
export interface DefaultedTemplate {
  readonly metadata: ObjectMeta;
  readonly spec: VirtualMachineInstanceSpec;
  /** What its defaults refused, at the template's paths. */
  readonly refused: readonly Cause[];
}

/** Undefined where the template has no spec. */
export const defaultTemplate = (
  { metadata = {}, spec }: VirtualMachineInstanceTemplateSpec,
  admission: AdmissionContext,
): DefaultedTemplate | undefined => {
  if (spec === undefined) return undefined;
  const { context, refused } = mutationContext(admission);
  const vmi = defaultInstance({ metadata, spec }, context);
  return {
    metadata,
    spec: vmi.spec,
    refused: refused.map((cause) => ({ ...cause, field: cause.field.replace(/^spec/, TEMPLATE.path) })),
  };
};

/**
 * A template gets every rule of a VMI, on the VMI that it will become, so that nothing is left to fail at the start.
 */
export const checkTemplate = (template: DefaultedTemplate | undefined, request: Request): readonly Cause[] => {
  if (template === undefined) return [];
  const causes = runRules(INSTANCE_RULES, instanceSubject(request, TEMPLATE, template.metadata, template.spec));
  return template.refused.length === 0 ? causes : [...template.refused, ...causes];
};

/** A template is looked at as the VMI that it will become: a default may be what is not acted on. */
export const withDefaultedTemplate = (object: unknown, template: DefaultedTemplate | undefined): unknown => {
  if (template === undefined) return object;
  const { spec } = object as VirtualMachine;
  const defaulted = Object.assign({}, spec.template, { spec: template.spec });
  return { spec: Object.assign({}, spec, { template: defaulted }) };
};
