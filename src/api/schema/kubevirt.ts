import { Type } from 'typebox';
import { LocalObjectReference } from './core.js';
import {
  ComponentConfig,
  CustomizeComponents,
  KubeVirtCertificateRotateStrategy,
  KubeVirtWorkloadUpdateStrategy,
} from './kubevirt-components.js';
import { KubeVirtConfiguration } from './kubevirt-configuration.js';
import { condition } from './object.js';
import { enumOf, int32, int64 } from './scalars.js';

export const KubeVirtSpec = Type.Object({
  certificateRotateStrategy: Type.Optional(KubeVirtCertificateRotateStrategy),
  configuration: Type.Optional(KubeVirtConfiguration),
  customizeComponents: Type.Optional(CustomizeComponents),
  imagePullPolicy: Type.Optional(enumOf(['Always', 'IfNotPresent', 'Never'])),
  imagePullSecrets: Type.Optional(Type.Array(LocalObjectReference, { 'x-kubernetes-list-type': 'atomic' })),
  imageRegistry: Type.Optional(Type.String()),
  imageTag: Type.Optional(Type.String()),
  infra: Type.Optional(ComponentConfig),
  monitorAccount: Type.Optional(Type.String()),
  monitorNamespace: Type.Optional(Type.String()),
  productComponent: Type.Optional(Type.String()),
  productName: Type.Optional(Type.String()),
  productVersion: Type.Optional(Type.String()),
  serviceMonitorNamespace: Type.Optional(Type.String()),
  synchronizationPort: Type.Optional(Type.String()),
  uninstallStrategy: Type.Optional(Type.String()),
  workloadUpdateStrategy: Type.Optional(KubeVirtWorkloadUpdateStrategy),
  workloads: Type.Optional(ComponentConfig),
});
export type KubeVirtSpec = Type.Static<typeof KubeVirtSpec>;

export const KubeVirtCondition = condition();
export type KubeVirtCondition = Type.Static<typeof KubeVirtCondition>;

export const GenerationStatus = Type.Object({
  group: Type.String(),
  hash: Type.Optional(Type.String()),
  lastGeneration: int64(),
  name: Type.String(),
  namespace: Type.Optional(Type.String()),
  resource: Type.String(),
});
export type GenerationStatus = Type.Static<typeof GenerationStatus>;

export const KubeVirtStatus = Type.Object({
  conditions: Type.Optional(Type.Array(KubeVirtCondition)),
  defaultArchitecture: Type.Optional(Type.String()),
  generations: Type.Optional(Type.Array(GenerationStatus, { 'x-kubernetes-list-type': 'atomic' })),
  observedDeploymentConfig: Type.Optional(Type.String()),
  observedDeploymentID: Type.Optional(Type.String()),
  observedGeneration: Type.Optional(int64()),
  observedKubeVirtRegistry: Type.Optional(Type.String()),
  observedKubeVirtVersion: Type.Optional(Type.String()),
  operatorVersion: Type.Optional(Type.String()),
  outdatedVirtualMachineInstanceWorkloads: Type.Optional(int32()),
  phase: Type.Optional(Type.String()),
  synchronizationAddresses: Type.Optional(Type.Array(Type.String(), { 'x-kubernetes-list-type': 'atomic' })),
  targetDeploymentConfig: Type.Optional(Type.String()),
  targetDeploymentID: Type.Optional(Type.String()),
  targetKubeVirtRegistry: Type.Optional(Type.String()),
  targetKubeVirtVersion: Type.Optional(Type.String()),
});
export type KubeVirtStatus = Type.Static<typeof KubeVirtStatus>;
