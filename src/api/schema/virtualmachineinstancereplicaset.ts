import { Type } from 'typebox';
import { condition } from './object.js';
import { int32 } from './scalars.js';
import { LabelSelector } from './meta.js';
import { VirtualMachineInstanceTemplateSpec } from './virtualmachineinstance.js';

export const VirtualMachineInstanceReplicaSetSpec = Type.Object({
  paused: Type.Optional(Type.Boolean()),
  replicas: Type.Optional(int32()),
  selector: LabelSelector,
  template: VirtualMachineInstanceTemplateSpec,
});
export type VirtualMachineInstanceReplicaSetSpec = Type.Static<typeof VirtualMachineInstanceReplicaSetSpec>;

export const VirtualMachineInstanceReplicaSetCondition = condition();
export type VirtualMachineInstanceReplicaSetCondition = Type.Static<typeof VirtualMachineInstanceReplicaSetCondition>;

export const VirtualMachineInstanceReplicaSetStatus = Type.Object({
  conditions: Type.Optional(Type.Array(VirtualMachineInstanceReplicaSetCondition)),
  labelSelector: Type.Optional(Type.String()),
  readyReplicas: Type.Optional(int32()),
  replicas: Type.Optional(int32()),
});
export type VirtualMachineInstanceReplicaSetStatus = Type.Static<typeof VirtualMachineInstanceReplicaSetStatus>;
