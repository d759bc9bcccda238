import { VirtualMachineClusterInstancetype, VirtualMachineInstancetype } from '../schema/instancetype.js';
import { VirtualMachineClusterPreference, VirtualMachinePreference } from '../schema/preference.js';
import type { SchemaNode } from '../schema-check/schema-node.js';
import type { InstancetypeKind } from './instancetype-kinds.js';

/** The schema of a kind, as the CRD generator and the checks read it. */
export const INSTANCETYPE_SCHEMAS: Readonly<Record<InstancetypeKind, SchemaNode>> = {
  VirtualMachineInstancetype: VirtualMachineInstancetype as unknown as SchemaNode,
  VirtualMachineClusterInstancetype: VirtualMachineClusterInstancetype as unknown as SchemaNode,
  VirtualMachinePreference: VirtualMachinePreference as unknown as SchemaNode,
  VirtualMachineClusterPreference: VirtualMachineClusterPreference as unknown as SchemaNode,
};
