import { Type } from 'typebox';
import { anyObject, int64, mapOf, nullableTime, time } from './scalars.js';

export const ManagedFieldsEntry = Type.Object({
  apiVersion: Type.Optional(Type.String()),
  fieldsType: Type.Optional(Type.String()),
  fieldsV1: Type.Optional(anyObject()),
  manager: Type.Optional(Type.String()),
  operation: Type.Optional(Type.String()),
  subresource: Type.Optional(Type.String()),
  time: Type.Optional(time()),
});
export type ManagedFieldsEntry = Type.Static<typeof ManagedFieldsEntry>;

export const OwnerReference = Type.Object({
  apiVersion: Type.String(),
  blockOwnerDeletion: Type.Optional(Type.Boolean()),
  controller: Type.Optional(Type.Boolean()),
  kind: Type.String(),
  name: Type.String(),
  uid: Type.String(),
});
export type OwnerReference = Type.Static<typeof OwnerReference>;

export const ObjectMeta = Type.Object({
  annotations: Type.Optional(mapOf(Type.String())),
  creationTimestamp: Type.Optional(nullableTime()),
  deletionGracePeriodSeconds: Type.Optional(int64()),
  deletionTimestamp: Type.Optional(time()),
  finalizers: Type.Optional(Type.Array(Type.String(), { 'x-kubernetes-list-type': 'set' })),
  generateName: Type.Optional(Type.String()),
  generation: Type.Optional(int64()),
  labels: Type.Optional(mapOf(Type.String())),
  managedFields: Type.Optional(Type.Array(ManagedFieldsEntry, { 'x-kubernetes-list-type': 'atomic' })),
  name: Type.Optional(Type.String()),
  namespace: Type.Optional(Type.String()),
  ownerReferences: Type.Optional(
    Type.Array(OwnerReference, { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['uid'] }),
  ),
  resourceVersion: Type.Optional(Type.String()),
  selfLink: Type.Optional(Type.String()),
  uid: Type.Optional(Type.String()),
});
export type ObjectMeta = Type.Static<typeof ObjectMeta>;

export const LabelSelectorRequirement = Type.Object({
  key: Type.String(),
  operator: Type.String(),
  values: Type.Optional(Type.Array(Type.String(), { 'x-kubernetes-list-type': 'atomic' })),
});
export type LabelSelectorRequirement = Type.Static<typeof LabelSelectorRequirement>;

export const LabelSelector = Type.Object({
  matchExpressions: Type.Optional(Type.Array(LabelSelectorRequirement, { 'x-kubernetes-list-type': 'atomic' })),
  matchLabels: Type.Optional(mapOf(Type.String())),
});
export type LabelSelector = Type.Static<typeof LabelSelector>;

export const ListMeta = Type.Object({
  continue: Type.Optional(Type.String()),
  remainingItemCount: Type.Optional(int64()),
  resourceVersion: Type.Optional(Type.String()),
  selfLink: Type.Optional(Type.String()),
});
export type ListMeta = Type.Static<typeof ListMeta>;
