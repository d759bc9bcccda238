import { Type } from 'typebox';
import { resource } from './object.js';
import { KubeVirtSpec, KubeVirtStatus } from './kubevirt.js';
import { VirtualMachineSpec, VirtualMachineStatus } from './virtualmachine.js';
import { VirtualMachineInstanceSpec } from './virtualmachineinstance.js';
import { VirtualMachineInstanceStatus } from './virtualmachineinstance-status.js';
import {
  VirtualMachineInstanceReplicaSetSpec,
  VirtualMachineInstanceReplicaSetStatus,
} from './virtualmachineinstancereplicaset.js';

export const VirtualMachine = resource(VirtualMachineSpec, VirtualMachineStatus);
export type VirtualMachine = Type.Static<typeof VirtualMachine>;

export const VirtualMachineInstance = resource(VirtualMachineInstanceSpec, VirtualMachineInstanceStatus);
export type VirtualMachineInstance = Type.Static<typeof VirtualMachineInstance>;

export const VirtualMachineInstanceReplicaSet = resource(
  VirtualMachineInstanceReplicaSetSpec,
  VirtualMachineInstanceReplicaSetStatus,
);
export type VirtualMachineInstanceReplicaSet = Type.Static<typeof VirtualMachineInstanceReplicaSet>;

export const KubeVirt = resource(KubeVirtSpec, KubeVirtStatus);
export type KubeVirt = Type.Static<typeof KubeVirt>;
