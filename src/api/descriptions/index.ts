import type { SchemaNode } from '../schema-check/schema-node.js';
import type { CheckedKind } from '../schema-check/check-schema.js';
import type { Describe } from '../crd.js';
import type { Descriptions } from './descriptions.js';

/**
 * Looks descriptions up by a schema object's own identity: `modules` are the schema modules, whose exports name the
 * definitions. A definition keeps its `properties` object wherever it is used.
 */
export const describeBy = (tables: readonly Descriptions[], modules: readonly object[]): Describe => {
  const names = new Map<unknown, string>();
  for (const module of modules) {
    for (const [name, value] of Object.entries(module) as [string, Partial<SchemaNode> | undefined][]) {
      if (value?.properties !== undefined) names.set(value.properties, name);
    }
  }
  const merged = new Map(tables.flatMap((table) => Object.entries(table)));
  return (owner, property) => merged.get(names.get(owner.properties) ?? '')?.[property];
};

export const KIND_DESCRIPTIONS: Readonly<Record<CheckedKind, string>> = {
  VirtualMachine:
    'A virtual machine that outlives its runs: it keeps the wish whether it runs, and a VirtualMachineInstance of the same name is made from its template for each run.',
  VirtualMachineInstance:
    'One run of a virtual machine, in a pod of its own. Deleting it shuts the guest down; most of its spec cannot be changed while it runs.',
  VirtualMachineInstanceReplicaSet:
    'Keeps a number of like VirtualMachineInstances running, made from one template; for guests that keep no state of their own.',
  KubeVirt:
    'The settings of this cluster, one object named kubevirt in the install namespace. Every setting has a default, and a change applies without a restart.',
};
