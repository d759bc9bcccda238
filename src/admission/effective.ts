import type { CheckedKind } from '../api/schema-check/check-schema.js';
import type { VirtualMachine, VirtualMachineInstance } from '../api/schema/kinds.js';
import type { VirtualMachineInstanceSpec } from '../api/schema/virtualmachineinstance.js';
import type { ClusterConfig } from '../api/settings/cluster-config.js';
import { checkShape } from './schema.js';
import { defaultTemplate } from './template.js';

/*
 * What policies read as `effective`: the spec of the VMI that an object is or makes, with its defaults. One function
 * for the webhook, lint and tests; the same object has the same at any time.
 */

/** In place of a random one. */
const NO_UUID = '00000000-0000-0000-0000-000000000000';

const templateOf = (kind: CheckedKind, object: unknown): VirtualMachine['spec']['template'] =>
  // Both that have a template have the same.
  kind === 'VirtualMachineInstance' ? (object as VirtualMachineInstance) : (object as VirtualMachine).spec.template;

/** What of a topology is left out counts 1, so it is written here: a rule about cores finds them. */
const completeTopology = ({ domain }: VirtualMachineInstanceSpec): void => {
  const cpu = (domain.cpu ??= {});
  cpu.cores ||= 1;
  cpu.sockets ||= 1;
  cpu.threads ||= 1;
};

/** Of an object of a kind; undefined where it has not the shape of its kind, or no spec. */
export const effectiveSpec =
  (kind: Exclude<CheckedKind, 'KubeVirt'>, config: ClusterConfig) =>
  (object: unknown): VirtualMachineInstanceSpec | undefined => {
    const { shaped, object: given } = checkShape(kind, object);
    if (!shaped) return undefined;
    // A copy wherever a default writes, the domain with it.
    const spec = defaultTemplate(templateOf(kind, given), { config, newUuid: () => NO_UUID })?.spec;
    if (spec !== undefined) completeTopology(spec);
    return spec;
  };
