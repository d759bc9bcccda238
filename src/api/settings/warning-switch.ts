import { Annotation } from '../names.js';
import type { ObjectMeta } from '../schema/meta.js';

/*
 * Which of admission's warnings a cluster does not want to get (annotation
 * `admission.kubectl-virt.io/disabled-warnings` of the KubeVirt object), and which of those that `kubectl virt lint`
 * and an event tell it wants at each apply as well (`admission.kubectl-virt.io/warnings-at-apply`): ids with commas or
 * spaces between them, "W-CPU-1, W-MEM-*". Annotations, because KubeVirt's own API has no field for it.
 */

type Metadata = Pick<ObjectMeta, 'annotations'> | undefined;

/** What `densityWarnings: false` switches off: what overcommits, and what a VM may do about it. */
export const DENSITY_WARNINGS = [
  ...['W-CPU-1', 'W-CPU-2', 'W-CPU-3', 'W-CPU-4', 'W-CPU-5', 'W-GFX-1'],
  ...['W-MEM-1', 'W-MEM-2', 'W-MEM-3', 'W-MEM-4', 'W-QOS-1', 'W-QOS-2'],
];

/** The annotations that name warnings. */
export const WARNING_SWITCHES = [Annotation.disabledWarnings, Annotation.warningsAtApply] as const;

export const warningPatterns = (metadata: Metadata, annotation: (typeof WARNING_SWITCHES)[number]): string[] =>
  (metadata?.annotations?.[annotation] ?? '').split(/[\s,]+/).filter((pattern) => pattern !== '');

/** Whether the pattern, an id or the beginning of one with `*` after it, stands for this warning. */
export const matchesWarning = (id: string, pattern: string): boolean =>
  pattern.endsWith('*') ? id.startsWith(pattern.slice(0, -1)) : id === pattern;
