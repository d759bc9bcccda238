import { isDeepStrictEqual } from 'node:util';
import { RESTRICTED_LABELS } from './metadata.js';
import { forbidden, type InstanceUpdateSubject, type Rule } from './rule.js';

/** Go cannot tell an absent list or map from an empty one, so neither counts as a change (spec/admission.md §3.6). */
const normal = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(normal);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, child]) => [key, normal(child)] as const)
      .filter(([, child]) => child !== undefined && child !== null && !(Array.isArray(child) && child.length === 0)),
  );
};

const base = { kinds: ['VirtualMachineInstance'], operations: ['UPDATE'], since: '0.1' } as const;

/** First path at which two specs differ, so that the message can name it. */
export const firstDifference = (now: unknown, before: unknown, path: string): string => {
  if (typeof now !== 'object' || typeof before !== 'object' || now === null || before === null) return path;
  if (Array.isArray(now) !== Array.isArray(before)) return path;
  const [left, right] = [now as Record<string, unknown>, before as Record<string, unknown>];
  for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
    if (isDeepStrictEqual(left[key], right[key])) continue;
    return firstDifference(left[key], right[key], Array.isArray(now) ? `${path}[${key}]` : `${path}.${key}`);
  }
  return path;
};

export const instanceUpdateRules: readonly Rule<InstanceUpdateSubject>[] = [
  {
    ...base,
    id: 'upd.spec',
    field: 'spec',
    source: 'spec/admission.md §8',
    summary: 'a change of the spec of a VMI that exists, unless by our own programs',
    check: ({ vmi, old, byOurPrograms }) => {
      const [now, before] = [normal(vmi.spec), normal(old.spec)];
      if (byOurPrograms || isDeepStrictEqual(now, before)) return [];
      return [
        forbidden(
          firstDifference(now, before, 'spec'),
          'the spec of a VirtualMachineInstance cannot be changed: change the VirtualMachine that owns it, or delete it and create it anew',
        ),
      ];
    },
  },
  {
    ...base,
    id: 'upd.labels',
    field: 'metadata.labels',
    source: 'spec/admission.md §8, §3.8',
    summary: 'a change of labels that belong to the programs of this project',
    check: ({ vmi, old, byOurPrograms }) =>
      byOurPrograms
        ? []
        : RESTRICTED_LABELS.filter((label) => vmi.metadata?.labels?.[label] !== old.metadata?.labels?.[label]).map(
            (label) =>
              forbidden(`metadata.labels[${label}]`, 'this label is set by the system only: leave it as it was'),
          ),
  },
];
