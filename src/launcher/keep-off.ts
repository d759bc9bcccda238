import { Label } from '../api/names.js';
import type { NodeSelectorTerm } from '../api/schema/core.js';
import type { VirtualMachineInstance } from '../api/schema/kinds.js';
import { cpuAvoided } from '../api/vmi/cpu-selector.js';

type Affinity = VirtualMachineInstance['spec']['affinity'];

/** One that asks for nothing fits no node, and must go on doing so. */
const fitsNone = ({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm): boolean =>
  matchExpressions.length + matchFields.length === 0;

/**
 * An affinity that keeps the pod off nodes whose CPU has a feature that the VM forbids. Terms are alternatives, so each
 * of them gets it.
 */
export const keptOff = (affinity: Affinity, vmi: VirtualMachineInstance): Affinity => {
  const without = cpuAvoided(vmi).map(({ label }) => ({ key: label, operator: 'DoesNotExist' as const }));
  if (without.length === 0) return affinity;
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const nodeSelectorTerms = (required?.nodeSelectorTerms ?? [{ matchExpressions: [] }]).map((term) =>
    required !== undefined && fitsNone(term)
      ? term
      : { ...term, matchExpressions: [...(term.matchExpressions ?? []), ...without] },
  );
  return {
    ...affinity,
    nodeAffinity: {
      ...affinity?.nodeAffinity,
      requiredDuringSchedulingIgnoredDuringExecution: { ...required, nodeSelectorTerms },
    },
  };
};

/**
 * An affinity without what {@link keptOff} adds, for comparing (podEssence leaves out what is empty): an earlier
 * version added none of it, and its pods are ours all the same. Where a pod has been placed it stays.
 */
export const withoutKeptOff = (affinity: Affinity): Affinity => {
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  if (required === undefined) return affinity;
  const others = required.nodeSelectorTerms.map((term) => ({
    ...term,
    matchExpressions: (term.matchExpressions ?? []).filter(
      ({ key, operator }) => operator !== 'DoesNotExist' || !key.startsWith(Label.cpuFeaturePrefix),
    ),
  }));
  const nodeSelectorTerms = others.filter((term) => !fitsNone(term));
  return {
    ...affinity,
    nodeAffinity: {
      ...affinity?.nodeAffinity,
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms },
    },
  };
};
