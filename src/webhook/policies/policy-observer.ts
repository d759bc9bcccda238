import type { EventRecorder } from '../../kube/events.js';
import type { Clock } from '../../kube/clock.js';
import type { Registry } from 'prom-client';
import type { PolicyObserver } from './policy-judge.js';
import { PolicyEvents } from './policy-events.js';
import { PolicyMetrics } from './policy-metrics.js';
import type { PolicyWatch } from './policy-watch.js';

export interface PolicyObserverOptions {
  readonly registry: Registry;
  readonly store: Pick<PolicyWatch, 'snapshot'>;
  readonly recorder: Pick<EventRecorder, 'event'>;
  readonly clock: Clock;
}

/** Counts verdicts, and tells of those that somebody who was not asked should know. */
export const policyObserver = ({ registry, store, recorder, clock }: PolicyObserverOptions): PolicyObserver => {
  const metrics = new PolicyMetrics(registry, () => store.snapshot);
  const events = new PolicyEvents(recorder, clock);
  return {
    judged: ({ verdict, snapshot, subject, isDryRun, seconds }) => {
      metrics.judged(verdict, seconds, isDryRun);
      if (verdict.causes.length === 0 || isDryRun) return;
      events.refused(verdict.findings.filter(snapshot.engine.isRefused), subject, snapshot);
    },
    letBe: (owner, findings) => {
      events.letBe(owner, findings);
    },
  };
};
