import { shortened } from '../../api/cause.js';
import { PolicyAnnotation } from '../../api/names.js';
import { visibleLine } from '../../api/visible-text.js';
import type { PolicyCause } from '../../policies/compile-policy.js';
import { annotation, isNewPause, isPaused, pauseCauses, pausedUntil } from '../../policies/pause.js';
import type { Judgement } from './judgement.js';
import { annotationsOf, type PolicyReview } from './review.js';
import type { AskRight, PolicyRight } from './rights.js';
import type { PolicyStore } from './store.js';

/*
 * What is said of a pause: of one policy, or of all, on the KubeVirt object.
 */

export interface JudgeDependencies {
  readonly store: PolicyStore;
  readonly askRight: AskRight;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export const forbidden = (field: string, message: string, rule: string): PolicyCause => ({
  type: 'FieldValueForbidden',
  field,
  message: shortened(visibleLine(message)),
  rule,
});

export const pausedWarning = (object: unknown, now: number, what: string): readonly string[] => {
  const annotations = annotationsOf(object);
  const until = pausedUntil(annotations);
  if (!isPaused(until, now)) return [];
  const by = annotation(annotations, PolicyAnnotation.pausedBy) ?? 'somebody unknown';
  return [shortened(`${what} until ${until ?? ''} by ${by}: no violation is refused or told before that`)];
};

/** A pause: what is wrong with it, or that its author may not. */
export const judgePause = async (
  { object, oldObject, user }: PolicyReview,
  right: Omit<PolicyRight, 'verb'>,
  { askRight, now }: JudgeDependencies,
): Promise<Pick<Judgement, 'causes' | 'notices'>> => {
  const [before, after] = [annotationsOf(oldObject), annotationsOf(object)];
  const causes = pauseCauses(before, after, now());
  if (causes.length > 0) return { causes, notices: [] };
  if (!isNewPause(before, after, now())) return { causes, notices: [] };
  const denial = await askRight(user, { ...right, verb: 'pause' });
  const field = `metadata.annotations[${PolicyAnnotation.pausedUntil}]`;
  if (denial !== undefined)
    return { causes: [forbidden(field, `${field} pauses: ${denial}`, 'policy.pause')], notices: [] };
  const reason = annotation(after, PolicyAnnotation.pauseReason) ?? '';
  const message = `paused until ${pausedUntil(after) ?? ''} by ${user.username}: ${reason}`;
  return { causes, notices: [{ reason: 'Paused', message }] };
};

/** Of the KubeVirt object nothing else is looked at here. */
export const judgeKubeVirt = async (review: PolicyReview, dependencies: JudgeDependencies): Promise<Judgement> => {
  if (review.operation === 'DELETE') return { causes: [], warnings: [], notices: [] };
  const all = { kind: 'VirtualMachineClusterPolicy', name: '', namespace: '' } as const;
  const judged = await judgePause(review, all, dependencies);
  return { ...judged, warnings: pausedWarning(review.object, dependencies.now(), 'all policies are paused') };
};
