import { Type } from 'typebox';
import { KubeVirtSpec, KubeVirtStatus } from './kubevirt-configuration.js';
import { ObjectMeta } from './meta.js';
import { VirtualMachineSpec, VirtualMachineStatus } from './virtualmachine.js';
import { VirtualMachineInstanceSpec } from './virtualmachineinstance.js';
import { VirtualMachineInstanceStatus } from './virtualmachineinstance-status.js';
import {
  VirtualMachineInstanceReplicaSetSpec,
  VirtualMachineInstanceReplicaSetStatus,
} from './virtualmachineinstancereplicaset.js';

export const VirtualMachine = Type.Object({
  apiVersion: Type.Optional(Type.String()),
  kind: Type.Optional(Type.String()),
  metadata: Type.Optional(ObjectMeta),
  spec: VirtualMachineSpec,
  status: Type.Optional(VirtualMachineStatus),
});
export type VirtualMachine = Type.Static<typeof VirtualMachine>;

export const VirtualMachineInstance = Type.Object({
  apiVersion: Type.Optional(Type.String()),
  kind: Type.Optional(Type.String()),
  metadata: Type.Optional(ObjectMeta),
  spec: VirtualMachineInstanceSpec,
  status: Type.Optional(VirtualMachineInstanceStatus),
});
export type VirtualMachineInstance = Type.Static<typeof VirtualMachineInstance>;

export const VirtualMachineInstanceReplicaSet = Type.Object({
  apiVersion: Type.Optional(Type.String()),
  kind: Type.Optional(Type.String()),
  metadata: Type.Optional(ObjectMeta),
  spec: VirtualMachineInstanceReplicaSetSpec,
  status: Type.Optional(VirtualMachineInstanceReplicaSetStatus),
});
export type VirtualMachineInstanceReplicaSet = Type.Static<typeof VirtualMachineInstanceReplicaSet>;

export const KubeVirt = Type.Object({
  apiVersion: Type.Optional(Type.String()),
  kind: Type.Optional(Type.String()),
  metadata: Type.Optional(ObjectMeta),
  spec: KubeVirtSpec,
  status: Type.Optional(KubeVirtStatus),
});
export type KubeVirt = Type.Static<typeof KubeVirt>;
