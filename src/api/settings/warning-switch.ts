import { Annotation } from '../names.js';
import type { ObjectMeta } from '../schema/meta.js';

/*
 * Which of admission's warnings a cluster does not want to get: annotation
 * `admission.kubectl-virt.io/disabled-warnings` of the KubeVirt object, ids with commas or spaces between them:
 * "W-CPU-1, W-MEM-*". An annotation, because KubeVirt's own API has no field for it.
 */

export const disabledWarnings = (metadata: Pick<ObjectMeta, 'annotations'> | undefined): string[] =>
  (metadata?.annotations?.[Annotation.disabledWarnings] ?? '').split(/[\s,]+/).filter((pattern) => pattern !== '');

/** Whether the pattern, an id or the beginning of one with `*` after it, stands for this warning. */
export const matchesWarning = (id: string, pattern: string): boolean =>
  pattern.endsWith('*') ? id.startsWith(pattern.slice(0, -1)) : id === pattern;
