import type { MutationStep } from './mutation.js';

export const eviction: MutationStep = {
  id: 'mut.eviction',
  summary: "`evictionStrategy` becomes the cluster's (None unless configured).",
  apply: ({ spec }, { config }) => {
    spec.evictionStrategy ??= config.evictionStrategy;
  },
};
