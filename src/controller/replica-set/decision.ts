import { selects } from '../../api/label-selector.js';
import { isTrue } from '../../api/vmi/condition.js';
import { isDeleting, isFinal, phaseOf } from '../../api/vmi/phase.js';
import type { VirtualMachineInstance, VirtualMachineInstanceReplicaSet } from '../../api/schema/kinds.js';
import type { LabelSelector } from '../../api/schema/meta.js';

export interface ReplicaSetPlan {
  create: number;
  remove: VirtualMachineInstance[];
  replicas: number;
  readyReplicas: number;
}

/** No more than this at once in either direction, so that a wrong number can still be corrected. */
const BURST = 50;

/**
 * Which VMIs to make and to delete. Ended ones do not count and are deleted; when there are too many, the ones that are
 * not running are deleted first, then the youngest (docs/reference/domain.md §9, as Kubernetes' own replica sets).
 * Pure.
 * @param owned VMIs that belong to the set @param expected creations that the cache has not seen yet
 */
export const decideReplicaSet = (
  set: VirtualMachineInstanceReplicaSet,
  owned: VirtualMachineInstance[],
  expected: number,
): ReplicaSetPlan => {
  const active = owned.filter((vmi) => !isFinal(vmi) && !isDeleting(vmi));
  const counts = {
    replicas: active.length,
    readyReplicas: active.filter((vmi) => isTrue(vmi.status?.conditions, 'Ready')).length,
  };
  if (isDeleting(set) || set.spec.paused === true) return { create: 0, remove: [], ...counts };
  const ended = owned.filter((vmi) => isFinal(vmi) && !isDeleting(vmi));
  const wanted = set.spec.replicas ?? 1;
  const missing = wanted - active.length - expected;
  const surplus = Math.max(0, active.length - wanted);
  const remove = [...ended, ...active.toSorted(byWorth).slice(0, surplus)].slice(0, BURST);
  return { create: Math.min(Math.max(missing, 0), BURST), remove, ...counts };
};

const rank = (vmi: VirtualMachineInstance): number => {
  if (isTrue(vmi.status?.conditions, 'Ready')) return 3;
  return { Running: 2, Scheduled: 1 }[phaseOf(vmi)] ?? 0;
};

/** The least worthy first. */
const byWorth = (left: VirtualMachineInstance, right: VirtualMachineInstance): number => {
  const age = (vmi: VirtualMachineInstance): number => Date.parse(vmi.metadata?.creationTimestamp ?? '') || 0;
  return rank(left) - rank(right) || age(right) - age(left);
};

/** A set's selector applies to these labels. An empty one applies to none: a set must not adopt the whole namespace. */
export const adopts = (selector: LabelSelector, labels: Record<string, string> = {}): boolean => {
  const [pairs, expressions] = [selector.matchLabels ?? {}, selector.matchExpressions ?? []];
  return (Object.keys(pairs).length > 0 || expressions.length > 0) && selects(selector, labels);
};

/** As `status.labelSelector` and the scale subresource write it: `app=web,tier in (a,b),!old`. */
export const selectorText = ({ matchLabels = {}, matchExpressions = [] }: LabelSelector): string =>
  [
    ...Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`),
    ...matchExpressions.map(({ key, operator, values = [] }) => {
      const list = `(${values.toSorted().join(',')})`;
      return { In: `${key} in ${list}`, NotIn: `${key} notin ${list}`, DoesNotExist: `!${key}` }[operator] ?? key;
    }),
  ]
    .toSorted()
    .join(',');
