import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Histogram, type Registry } from 'prom-client';
import type { Log } from './log.js';

/** How finely the loop's lateness is seen; a timer in Node's own code, which costs next to nothing. */
const RESOLUTION_MS = 20;
const WINDOW_MS = 1_000;
/** From here on a user may feel it, and it is worth a line of the log; one a minute. */
const LATE_SECONDS = 1;
const COMPLAINT_MS = 60_000;
const BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/**
 * `kubevirt_event_loop_lateness_seconds`: by how much the loop was late at its latest in each second. The process' own
 * processor time in that second tells whether it held itself up, or the node had none to give.
 */
export const loopLateness = (registry: Registry): Histogram =>
  new Histogram({
    name: 'kubevirt_event_loop_lateness_seconds',
    help: 'How late the event loop was at its latest in each second; work that holds it, or a node without free CPU.',
    buckets: BUCKETS,
    registers: [registry],
  });

/** Measures until the process ends. */
export const watchLoop = (registry: Registry, log: Pick<Log, 'warn'>): void => {
  const histogram = loopLateness(registry);
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  let [cpu, at, complained] = [process.cpuUsage(), performance.now(), -Infinity];
  setInterval(() => {
    const [used, now] = [process.cpuUsage(cpu), performance.now()];
    const lateSeconds = Math.max(0, delay.max / 1e9 - RESOLUTION_MS / 1000);
    histogram.observe(lateSeconds);
    if (lateSeconds >= LATE_SECONDS && now - complained >= COMPLAINT_MS) {
      complained = now;
      const ownCpuSeconds = (used.user + used.system) / 1e6;
      log.warn({ lateSeconds, ownCpuSeconds, ofSeconds: (now - at) / 1000 }, 'the event loop was late');
    }
    delay.reset();
    [cpu, at] = [process.cpuUsage(), now];
  }, WINDOW_MS).unref();
};
