import type { CheckedKind } from '../api/schema-check/check-schema.js';
import type { VirtualMachine, VirtualMachineInstance } from '../api/schema/kinds.js';
import type { VirtualMachineInstanceSpec } from '../api/schema/virtualmachineinstance.js';
import type { ClusterConfig } from '../api/settings/cluster-config.js';
import type { InstancetypeSource } from '../instancetypes/source.js';
import { asItWillRun } from './expansion.js';
import { checkShape } from './schema.js';
import { defaultTemplate } from './template.js';

/*
 * What policies read as `effective`: the spec of the VMI that an object is or makes, with its defaults. One function
 * for the webhook, lint and tests; the same object has the same at any time.
 */

/** In place of a random one. */
const NO_UUID = '00000000-0000-0000-0000-000000000000';

/** What an instance type and a preference make of a VM is looked up here. */
export interface EffectiveContext {
  readonly config: ClusterConfig;
  readonly instancetypes?: InstancetypeSource | undefined;
  /** Of the request; an object may omit its own. */
  readonly namespace?: string | undefined;
}

const templateOf = (
  kind: CheckedKind,
  object: unknown,
  { namespace, ...context }: EffectiveContext,
): VirtualMachine['spec']['template'] => {
  if (kind === 'VirtualMachineInstance') return object as VirtualMachineInstance;
  // Both that have a template have the same.
  const { spec } =
    kind === 'VirtualMachine' ? asItWillRun(object as VirtualMachine, namespace, context) : (object as VirtualMachine);
  return spec.template;
};

/** What of a topology is left out counts 1, so it is written here: a rule about cores finds them. */
const completeTopology = ({ domain }: VirtualMachineInstanceSpec): void => {
  const cpu = (domain.cpu ??= {});
  cpu.cores ||= 1;
  cpu.sockets ||= 1;
  cpu.threads ||= 1;
};

/** Of an object of a kind; undefined where it has not the shape of its kind, or no spec. */
export const effectiveSpec =
  (kind: Exclude<CheckedKind, 'KubeVirt'>, context: EffectiveContext) =>
  (object: unknown): VirtualMachineInstanceSpec | undefined => {
    const { shaped, object: given } = checkShape(kind, object);
    if (!shaped) return undefined;
    // A copy wherever a default writes, the domain with it.
    const { config } = context;
    const spec = defaultTemplate(templateOf(kind, given, context), { config, newUuid: () => NO_UUID })?.spec;
    if (spec !== undefined) completeTopology(spec);
    return spec;
  };
