import { Counter, type Registry } from 'prom-client';

export interface PolicyWriteMetrics {
  /** @param namespace empty for a policy of the cluster */
  weakened(name: string, namespace: string): void;
}

/** As many as there may be at a time; names come and go. */
const MAX_NAMES = 1_000;

export const policyWriteMetrics = (registry: Registry): PolicyWriteMetrics => {
  const weakened = new Counter({
    name: 'kubevirt_policy_weakened_total',
    help: 'Changes by which a policy refuses or tells less than before, deletions among them. The label policy is the name of a cluster policy, `namespaced` of one of a namespace.',
    labelNames: ['policy'],
    registers: [registry],
  });
  const names = new Set<string>();
  return {
    weakened: (name, namespace) => {
      if (namespace !== '') {
        weakened.inc({ policy: 'namespaced' });
        return;
      }
      if (names.size < MAX_NAMES) names.add(name);
      weakened.inc({ policy: names.has(name) ? name : 'other' });
    },
  };
};
