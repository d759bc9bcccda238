import { Type } from 'typebox';
import { enumOf, int32, int64, intOrString, mapOf, quantity } from './scalars.js';
import { LabelSelector } from './meta.js';

export const TypedLocalObjectReference = Type.Object({
  apiGroup: Type.Optional(Type.String()),
  kind: Type.String(),
  name: Type.String(),
});
export type TypedLocalObjectReference = Type.Static<typeof TypedLocalObjectReference>;

export const TypedObjectReference = Type.Object({
  apiGroup: Type.Optional(Type.String()),
  kind: Type.String(),
  name: Type.String(),
  namespace: Type.Optional(Type.String()),
});
export type TypedObjectReference = Type.Static<typeof TypedObjectReference>;

export const VolumeResourceRequirements = Type.Object({
  limits: Type.Optional(mapOf(quantity())),
  requests: Type.Optional(mapOf(quantity())),
});
export type VolumeResourceRequirements = Type.Static<typeof VolumeResourceRequirements>;

export const PersistentVolumeClaimSpec = Type.Object({
  accessModes: Type.Optional(Type.Array(Type.String(), { 'x-kubernetes-list-type': 'atomic' })),
  dataSource: Type.Optional(TypedLocalObjectReference),
  dataSourceRef: Type.Optional(TypedObjectReference),
  resources: Type.Optional(VolumeResourceRequirements),
  selector: Type.Optional(LabelSelector),
  storageClassName: Type.Optional(Type.String()),
  volumeAttributesClassName: Type.Optional(Type.String()),
  volumeMode: Type.Optional(enumOf(['Block', 'Filesystem', 'FromStorageProfile'])),
  volumeName: Type.Optional(Type.String()),
});
export type PersistentVolumeClaimSpec = Type.Static<typeof PersistentVolumeClaimSpec>;

export const NodeSelectorRequirement = Type.Object({
  key: Type.String(),
  operator: enumOf(['DoesNotExist', 'Exists', 'Gt', 'In', 'Lt', 'NotIn']),
  values: Type.Optional(Type.Array(Type.String(), { 'x-kubernetes-list-type': 'atomic' })),
});
export type NodeSelectorRequirement = Type.Static<typeof NodeSelectorRequirement>;

export const NodeSelectorTerm = Type.Object({
  matchExpressions: Type.Optional(Type.Array(NodeSelectorRequirement, { 'x-kubernetes-list-type': 'atomic' })),
  matchFields: Type.Optional(Type.Array(NodeSelectorRequirement, { 'x-kubernetes-list-type': 'atomic' })),
});
export type NodeSelectorTerm = Type.Static<typeof NodeSelectorTerm>;

export const PreferredSchedulingTerm = Type.Object({
  preference: NodeSelectorTerm,
  weight: int32(),
});
export type PreferredSchedulingTerm = Type.Static<typeof PreferredSchedulingTerm>;

export const NodeSelector = Type.Object({
  nodeSelectorTerms: Type.Array(NodeSelectorTerm, { 'x-kubernetes-list-type': 'atomic' }),
});
export type NodeSelector = Type.Static<typeof NodeSelector>;

export const NodeAffinity = Type.Object({
  preferredDuringSchedulingIgnoredDuringExecution: Type.Optional(
    Type.Array(PreferredSchedulingTerm, { 'x-kubernetes-list-type': 'atomic' }),
  ),
  requiredDuringSchedulingIgnoredDuringExecution: Type.Optional(NodeSelector),
});
export type NodeAffinity = Type.Static<typeof NodeAffinity>;

export const PodAffinityTerm = Type.Object({
  labelSelector: Type.Optional(LabelSelector),
  matchLabelKeys: Type.Optional(Type.Array(Type.String(), { 'x-kubernetes-list-type': 'atomic' })),
  mismatchLabelKeys: Type.Optional(Type.Array(Type.String(), { 'x-kubernetes-list-type': 'atomic' })),
  namespaceSelector: Type.Optional(LabelSelector),
  namespaces: Type.Optional(Type.Array(Type.String(), { 'x-kubernetes-list-type': 'atomic' })),
  topologyKey: Type.String(),
});
export type PodAffinityTerm = Type.Static<typeof PodAffinityTerm>;

export const WeightedPodAffinityTerm = Type.Object({
  podAffinityTerm: PodAffinityTerm,
  weight: int32(),
});
export type WeightedPodAffinityTerm = Type.Static<typeof WeightedPodAffinityTerm>;

export const PodAffinity = Type.Object({
  preferredDuringSchedulingIgnoredDuringExecution: Type.Optional(
    Type.Array(WeightedPodAffinityTerm, { 'x-kubernetes-list-type': 'atomic' }),
  ),
  requiredDuringSchedulingIgnoredDuringExecution: Type.Optional(
    Type.Array(PodAffinityTerm, { 'x-kubernetes-list-type': 'atomic' }),
  ),
});
export type PodAffinity = Type.Static<typeof PodAffinity>;

export const PodAntiAffinity = Type.Object({
  preferredDuringSchedulingIgnoredDuringExecution: Type.Optional(
    Type.Array(WeightedPodAffinityTerm, { 'x-kubernetes-list-type': 'atomic' }),
  ),
  requiredDuringSchedulingIgnoredDuringExecution: Type.Optional(
    Type.Array(PodAffinityTerm, { 'x-kubernetes-list-type': 'atomic' }),
  ),
});
export type PodAntiAffinity = Type.Static<typeof PodAntiAffinity>;

export const Affinity = Type.Object({
  nodeAffinity: Type.Optional(NodeAffinity),
  podAffinity: Type.Optional(PodAffinity),
  podAntiAffinity: Type.Optional(PodAntiAffinity),
});
export type Affinity = Type.Static<typeof Affinity>;

export const PodDNSConfigOption = Type.Object({
  name: Type.Optional(Type.String()),
  value: Type.Optional(Type.String()),
});
export type PodDNSConfigOption = Type.Static<typeof PodDNSConfigOption>;

export const PodDNSConfig = Type.Object({
  nameservers: Type.Optional(Type.Array(Type.String(), { 'x-kubernetes-list-type': 'atomic' })),
  options: Type.Optional(Type.Array(PodDNSConfigOption, { 'x-kubernetes-list-type': 'atomic' })),
  searches: Type.Optional(Type.Array(Type.String(), { 'x-kubernetes-list-type': 'atomic' })),
});
export type PodDNSConfig = Type.Static<typeof PodDNSConfig>;

export const ExecAction = Type.Object({
  command: Type.Optional(Type.Array(Type.String(), { 'x-kubernetes-list-type': 'atomic' })),
});
export type ExecAction = Type.Static<typeof ExecAction>;

export const HTTPHeader = Type.Object({
  name: Type.String(),
  value: Type.String(),
});
export type HTTPHeader = Type.Static<typeof HTTPHeader>;

export const HTTPGetAction = Type.Object({
  host: Type.Optional(Type.String()),
  httpHeaders: Type.Optional(Type.Array(HTTPHeader, { 'x-kubernetes-list-type': 'atomic' })),
  path: Type.Optional(Type.String()),
  port: intOrString(),
  scheme: Type.Optional(enumOf(['HTTP', 'HTTPS'])),
});
export type HTTPGetAction = Type.Static<typeof HTTPGetAction>;

export const TCPSocketAction = Type.Object({
  host: Type.Optional(Type.String()),
  port: intOrString(),
});
export type TCPSocketAction = Type.Static<typeof TCPSocketAction>;

export const Toleration = Type.Object({
  effect: Type.Optional(enumOf(['NoExecute', 'NoSchedule', 'PreferNoSchedule'])),
  key: Type.Optional(Type.String()),
  operator: Type.Optional(enumOf(['Equal', 'Exists'])),
  tolerationSeconds: Type.Optional(int64()),
  value: Type.Optional(Type.String()),
});
export type Toleration = Type.Static<typeof Toleration>;

export const TopologySpreadConstraint = Type.Object({
  labelSelector: Type.Optional(LabelSelector),
  matchLabelKeys: Type.Optional(Type.Array(Type.String(), { 'x-kubernetes-list-type': 'atomic' })),
  maxSkew: int32(),
  minDomains: Type.Optional(int32()),
  nodeAffinityPolicy: Type.Optional(enumOf(['Honor', 'Ignore'])),
  nodeTaintsPolicy: Type.Optional(enumOf(['Honor', 'Ignore'])),
  topologyKey: Type.String(),
  whenUnsatisfiable: enumOf(['DoNotSchedule', 'ScheduleAnyway']),
});
export type TopologySpreadConstraint = Type.Static<typeof TopologySpreadConstraint>;

export const LocalObjectReference = Type.Object({
  name: Type.Optional(Type.String()),
});
export type LocalObjectReference = Type.Static<typeof LocalObjectReference>;

export const ObjectFieldSelector = Type.Object({
  apiVersion: Type.Optional(Type.String()),
  fieldPath: Type.String(),
});
export type ObjectFieldSelector = Type.Static<typeof ObjectFieldSelector>;

export const ResourceFieldSelector = Type.Object({
  containerName: Type.Optional(Type.String()),
  divisor: Type.Optional(quantity()),
  resource: Type.String(),
});
export type ResourceFieldSelector = Type.Static<typeof ResourceFieldSelector>;

export const DownwardAPIVolumeFile = Type.Object({
  fieldRef: Type.Optional(ObjectFieldSelector),
  mode: Type.Optional(int32()),
  path: Type.String(),
  resourceFieldRef: Type.Optional(ResourceFieldSelector),
});
export type DownwardAPIVolumeFile = Type.Static<typeof DownwardAPIVolumeFile>;

export const CorePersistentVolumeClaimVolumeSource = Type.Object({
  claimName: Type.String(),
  readOnly: Type.Optional(Type.Boolean()),
});
export type CorePersistentVolumeClaimVolumeSource = Type.Static<typeof CorePersistentVolumeClaimVolumeSource>;
