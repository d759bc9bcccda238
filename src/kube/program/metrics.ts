import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { EventMetrics } from '../events.js';
import type { InformerMetrics } from '../watch/informer.js';
import type { WorkQueueMetrics } from '../work/work-queue.js';

/** Seconds; from a cached no-op to an API server in trouble. */
const WORK_BUCKETS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30];

/** `kubevirt_workqueue_*`, names of docs/reference/control.md §6.2. */
export const workQueueMetrics = (registry: Registry): WorkQueueMetrics => {
  const registers = [registry];
  const depth = new Gauge({
    name: 'kubevirt_workqueue_depth',
    help: 'Keys that wait to be worked on.',
    labelNames: ['name'],
    registers,
  });
  const duration = new Histogram({
    name: 'kubevirt_workqueue_work_duration_seconds',
    help: 'How long one reconcile took.',
    labelNames: ['name', 'failed'],
    buckets: WORK_BUCKETS,
    registers,
  });
  const retries = new Counter({
    name: 'kubevirt_workqueue_retries_total',
    help: 'Reconciles that failed and were queued again.',
    labelNames: ['name'],
    registers,
  });
  return {
    depth: (name, value) => depth.set({ name }, value),
    done: (name, seconds, failed) => duration.observe({ name, failed: String(failed) }, seconds),
    retried: (name) => retries.inc({ name }),
  };
};

/** `kubevirt_informer_*`: how well the watches are doing. The label is the API path. */
export const informerMetrics = (registry: Registry): InformerMetrics => {
  const counter = (name: string, help: string, labelNames: string[]): Counter =>
    new Counter({ name, help, labelNames, registers: [registry] });
  const events = counter('kubevirt_informer_events_total', 'Watch events received.', ['path', 'type']);
  const interruptions = counter('kubevirt_informer_interruptions_total', 'Watches that ended before their time.', [
    'path',
    'reason',
  ]);
  const lists = counter('kubevirt_informer_lists_total', 'Complete lists, the first one included.', ['path']);
  const failures = counter('kubevirt_informer_handler_failures_total', 'Handlers that threw.', ['path']);
  return {
    event: (path, type) => events.inc({ path, type }),
    interrupted: (path, reason) => interruptions.inc({ path, reason }),
    relisted: (path) => lists.inc({ path }),
    handlerFailed: (path) => failures.inc({ path }),
  };
};

/**
 * `kubevirt_events_dropped_total`: the bound that was reached shows whether one object or one namespace is in trouble.
 */
export const eventMetrics = (registry: Registry): EventMetrics => {
  const dropped = new Counter({
    name: 'kubevirt_events_dropped_total',
    help: 'Events that were not written: too many of one object, or too many of one namespace that wait.',
    labelNames: ['reason'],
    registers: [registry],
  });
  return { dropped: (reason) => dropped.inc({ reason }) };
};
