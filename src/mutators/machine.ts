import type { ClusterConfig } from '../api/settings/cluster-config.js';
import type { MutationStep } from './mutation.js';

/**
 * The cluster's machine type of an architecture; an architecture that nobody configured gets amd64's
 * (docs/reference/admission.md §3.9).
 */
const machineTypeOf = (config: ClusterConfig, architecture = ''): string => {
  const known: Readonly<Record<string, string | undefined>> = config.machineTypes;
  return known[architecture] ?? config.machineTypes.amd64;
};

export const machine: MutationStep = {
  id: 'mut.machine',
  summary: '`domain.machine.type` becomes the machine type that the cluster has for the architecture.',
  apply: ({ spec }, { config }) => {
    if (spec.domain.machine?.type) return;
    const { domain } = spec;
    const type = machineTypeOf(config, spec.architecture);
    if (domain.machine === undefined) domain.machine = { type };
    else domain.machine.type = type;
  },
};
