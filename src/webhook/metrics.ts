import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

export type Phase = 'mutate' | 'validate';

export interface AdmissionAnswer {
  readonly phase: Phase | 'evict';
  readonly kind: string;
  readonly operation: string;
  readonly allowed: boolean;
  readonly seconds: number;
}

export interface AdmissionMetrics {
  answered(answer: AdmissionAnswer): void;
}

/** Seconds; a rule set takes well below a millisecond, the API server waits ten seconds. */
const BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5, 10];

export const admissionMetrics = (registry: Registry): AdmissionMetrics => {
  const registers = [registry];
  const requests = new Counter({
    name: 'kubevirt_webhook_requests_total',
    help: 'Admission requests answered.',
    labelNames: ['phase', 'kind', 'operation', 'allowed'],
    registers,
  });
  const duration = new Histogram({
    name: 'kubevirt_webhook_request_duration_seconds',
    help: 'Time from the first byte of an admission request to its answer.',
    labelNames: ['phase', 'kind'],
    buckets: BUCKETS,
    registers,
  });
  return {
    answered: ({ phase, kind, operation, allowed, seconds }) => {
      requests.inc({ phase, kind, operation, allowed: String(allowed) });
      duration.observe({ phase, kind }, seconds);
    },
  };
};

/** Seconds until the serving certificate ends; negative once it has. NaN while there is none. */
export const certificateMetrics = (registry: Registry, secondsLeft: () => number | undefined): void => {
  new Gauge({
    name: 'kubevirt_webhook_certificate_expiry_seconds',
    help: 'Seconds until the serving certificate expires.',
    registers: [registry],
    collect() {
      this.set(secondsLeft() ?? Number.NaN);
    },
  });
};
