import type { MutationStep } from './mutation.js';

export const architecture: MutationStep = {
  id: 'mut.arch',
  summary: "`architecture` becomes the cluster's default architecture.",
  apply: (vmi, { config }) => {
    vmi.spec.architecture ||= config.defaultArchitecture;
  },
};
