import { Type } from 'typebox';
import { Affinity, Toleration } from './core.js';
import { duration, int32, mapOf, quantity } from './scalars.js';

export const CertConfig = Type.Object({
  duration: Type.Optional(duration()),
  renewBefore: Type.Optional(duration()),
});
export type CertConfig = Type.Static<typeof CertConfig>;

export const KubeVirtSelfSignConfiguration = Type.Object({
  ca: Type.Optional(CertConfig),
  caOverlapInterval: Type.Optional(duration()),
  caRotateInterval: Type.Optional(duration()),
  certRotateInterval: Type.Optional(duration()),
  server: Type.Optional(CertConfig),
});
export type KubeVirtSelfSignConfiguration = Type.Static<typeof KubeVirtSelfSignConfiguration>;

export const KubeVirtCertificateRotateStrategy = Type.Object({
  selfSigned: Type.Optional(KubeVirtSelfSignConfiguration),
});
export type KubeVirtCertificateRotateStrategy = Type.Static<typeof KubeVirtCertificateRotateStrategy>;

export const TokenBucketRateLimiter = Type.Object({
  burst: int32(),
  qps: Type.Number(),
});
export type TokenBucketRateLimiter = Type.Static<typeof TokenBucketRateLimiter>;

export const RateLimiter = Type.Object({
  tokenBucketRateLimiter: Type.Optional(TokenBucketRateLimiter),
});
export type RateLimiter = Type.Static<typeof RateLimiter>;

export const RESTClientConfiguration = Type.Object({
  rateLimiter: Type.Optional(RateLimiter),
});
export type RESTClientConfiguration = Type.Static<typeof RESTClientConfiguration>;

export const ReloadableComponentConfiguration = Type.Object({
  restClient: Type.Optional(RESTClientConfiguration),
});
export type ReloadableComponentConfiguration = Type.Static<typeof ReloadableComponentConfiguration>;

export const LogVerbosity = Type.Object({
  nodeVerbosity: Type.Optional(mapOf(int32())),
  virtAPI: Type.Optional(int32()),
  virtController: Type.Optional(int32()),
  virtHandler: Type.Optional(int32()),
  virtLauncher: Type.Optional(int32()),
  virtOperator: Type.Optional(int32()),
  virtSynchronizationController: Type.Optional(int32()),
});
export type LogVerbosity = Type.Static<typeof LogVerbosity>;

export const ResourceRequirementsWithoutClaims = Type.Object({
  limits: Type.Optional(mapOf(quantity())),
  requests: Type.Optional(mapOf(quantity())),
});
export type ResourceRequirementsWithoutClaims = Type.Static<typeof ResourceRequirementsWithoutClaims>;

export const SupportContainerResources = Type.Object({
  resources: ResourceRequirementsWithoutClaims,
  type: Type.String(),
});
export type SupportContainerResources = Type.Static<typeof SupportContainerResources>;

export const TLSConfiguration = Type.Object({
  ciphers: Type.Optional(Type.Array(Type.String(), { 'x-kubernetes-list-type': 'set' })),
  minTLSVersion: Type.Optional(Type.String()),
});
export type TLSConfiguration = Type.Static<typeof TLSConfiguration>;

export const Flags = Type.Object({
  api: Type.Optional(mapOf(Type.String())),
  controller: Type.Optional(mapOf(Type.String())),
  handler: Type.Optional(mapOf(Type.String())),
});
export type Flags = Type.Static<typeof Flags>;

export const CustomizeComponentsPatch = Type.Object({
  patch: Type.String(),
  resourceName: Type.String(),
  resourceType: Type.String(),
  type: Type.String(),
});
export type CustomizeComponentsPatch = Type.Static<typeof CustomizeComponentsPatch>;

export const CustomizeComponents = Type.Object({
  flags: Type.Optional(Flags),
  patches: Type.Optional(Type.Array(CustomizeComponentsPatch, { 'x-kubernetes-list-type': 'atomic' })),
});
export type CustomizeComponents = Type.Static<typeof CustomizeComponents>;

export const NodePlacement = Type.Object({
  affinity: Type.Optional(Affinity),
  nodeSelector: Type.Optional(mapOf(Type.String())),
  tolerations: Type.Optional(Type.Array(Toleration)),
});
export type NodePlacement = Type.Static<typeof NodePlacement>;

export const ComponentConfig = Type.Object({
  nodePlacement: Type.Optional(NodePlacement),
  replicas: Type.Optional(int32()),
});
export type ComponentConfig = Type.Static<typeof ComponentConfig>;

export const KubeVirtWorkloadUpdateStrategy = Type.Object({
  batchEvictionInterval: Type.Optional(duration()),
  batchEvictionSize: Type.Optional(int32()),
  workloadUpdateMethods: Type.Optional(Type.Array(Type.String(), { 'x-kubernetes-list-type': 'atomic' })),
});
export type KubeVirtWorkloadUpdateStrategy = Type.Static<typeof KubeVirtWorkloadUpdateStrategy>;
