import { boundedText } from '../visible-text.js';

/** A condition of an object's status, as every kind of Kubernetes has them. */
export interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  lastTransitionTime?: string | null;
  lastProbeTime?: string | null;
}

/** What a condition says; its times are kept by {@link withCondition}. */
export interface ConditionContent {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  reason?: string | undefined;
  message?: string | undefined;
}

export const findCondition = (conditions: readonly Condition[] | undefined, type: string): Condition | undefined =>
  conditions?.find((condition) => condition.type === type);

export const isTrue = (conditions: readonly Condition[] | undefined, type: string): boolean =>
  findCondition(conditions, type)?.status === 'True';

/**
 * The list with this condition in it, for any writer: controller and agent share one list. It keeps its place and,
 * unless its status changed, its transition time: lists that change their order or times without need start update
 * storms (docs/reference/measurements.md §3). A condition that was written without a time gets the time of its next
 * change.
 * @param now RFC 3339
 */
export const withCondition = (
  conditions: readonly Condition[] | undefined,
  content: ConditionContent,
  now: string,
): Condition[] => {
  const list = [...(conditions ?? [])];
  const index = list.findIndex(({ type }) => type === content.type);
  const old = list[index];
  const { type, status, reason, message } = content;
  const next: Condition = {
    type,
    status,
    ...(reason === undefined ? {} : { reason }),
    ...(message === undefined ? {} : { message: boundedText(message) }),
    lastProbeTime: null,
    lastTransitionTime: old?.status === status ? (old.lastTransitionTime ?? now) : now,
  };
  if (!old) return [...list, next];
  if (saysTheSame(old, next)) return list;
  list[index] = next;
  return list;
};

export const withoutCondition = (conditions: readonly Condition[] | undefined, type: string): Condition[] =>
  (conditions ?? []).filter((condition) => condition.type !== type);

/** Equal but for the times. */
export const saysTheSame = (left: Condition, right: Condition): boolean =>
  left.type === right.type &&
  left.status === right.status &&
  (left.reason ?? '') === (right.reason ?? '') &&
  (left.message ?? '') === (right.message ?? '');
