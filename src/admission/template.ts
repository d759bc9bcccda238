import type { Cause } from '../api/cause.js';
import type { VirtualMachine, VirtualMachineInstance } from '../api/schema/kinds.js';
import type { VirtualMachineInstanceTemplateSpec } from '../api/schema/virtualmachineinstance.js';
import { defaultInstance } from '../mutators/instance.js';
import { runRules, type Request } from '../validators/rule.js';
import { INSTANCE_RULES } from '../validators/rules.js';
import { mutationContext } from './mutate.js';
import type { AdmissionContext } from './types.js';

const TEMPLATE = { path: 'spec.template.spec', metadataPath: 'spec.template.metadata' } as const;

export interface TemplateOutcome {
  readonly causes: readonly Cause[];
  /** The template as the VMI that it will become. */
  readonly vmi?: VirtualMachineInstance;
}

/** A template gets every rule of a VMI, on the VMI that it will become, so that nothing is left to fail at the start. */
export const checkTemplate = (
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

/** A template is looked at as the VMI that it will become: a default may be what is not acted on (EFI on arm64). */
export const withDefaultedTemplate = (object: unknown, admission: AdmissionContext): unknown => {
  const { spec } = object as VirtualMachine;
  if (spec.template.spec === undefined) return object;
  const { context } = mutationContext(admission);
  const template = { ...spec.template, spec: defaultInstance({ spec: spec.template.spec }, context).spec };
  return { spec: { ...spec, template } };
};
