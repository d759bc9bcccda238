import { boundedText } from '../../api/visible-text.js';
import { findCondition } from '../../api/vmi/condition.js';
import { referencesOf } from '../../api/vmi/volume-sources.js';
import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import type { Pod } from '../../kube/types.js';
import { mountQuestionIn } from './pod-mounts.js';
import { inVolumeNames } from './volume-names.js';

/*
 * A Secret or ConfigMap that a volume names and that does not exist. We may not read Secrets, nor ask whether there is
 * one, and want no such right: kubelet finds it missing for the pod, under the pod's name for the volume, and then asks
 * less and less often, every two minutes in the end. A new pod is asked for at once, so a pod that waits for nothing
 * else is made again as often as is cheap.
 */

export interface MountProblem {
  readonly reason: 'SecretNotFound' | 'ConfigMapNotFound' | 'FailedMount';
  readonly message: string;
}

const MISSING: readonly string[] = ['SecretNotFound', 'ConfigMapNotFound'];
const NOT_FOUND = /\b(secret|configmap)s? "([^"]+)" not found/gi;
const MAX_TEXT = 1024;

/** What kubelet says of a mount, in the VM's words. */
export const mountProblemOf = (vmi: VirtualMachineInstance, text: string): MountProblem => {
  const namespace = vmi.metadata?.namespace ?? '';
  const [found] = text.slice(0, MAX_TEXT * 2).matchAll(NOT_FOUND);
  if (found === undefined) return { reason: 'FailedMount', message: boundedText(inVolumeNames(vmi, text), MAX_TEXT) };
  const [, word = '', name = ''] = found;
  const kind = word.toLowerCase() === 'secret' ? 'Secret' : 'ConfigMap';
  const volumes = (vmi.spec.volumes ?? []).filter((volume) =>
    referencesOf(volume).some((reference) => reference.kind === kind && reference.name === name),
  );
  const where = volumes.length === 0 ? '' : `volume ${volumes.map((volume) => volume.name).join(', ')}: `;
  return {
    reason: kind === 'Secret' ? 'SecretNotFound' : 'ConfigMapNotFound',
    message: boundedText(
      `${where}${kind} ${name} does not exist in namespace ${namespace}: create it, and the VM starts`,
      MAX_TEXT,
    ),
  };
};

/** What was reported as missing and still stands, with the time since when. */
export const missingSince = ({ status }: VirtualMachineInstance): (MountProblem & { since: number }) | undefined => {
  const told = findCondition(status?.conditions, 'Synchronized');
  const { reason = '', message = '', lastTransitionTime } = told ?? {};
  if (told?.status !== 'False' || !MISSING.includes(reason)) return undefined;
  return { reason: reason as MountProblem['reason'], message, since: Date.parse(lastTransitionTime ?? '') || 0 };
};

/**
 * How old a pod may become that waits for it, by how long it has been missing. kubelet tries after 0.5, 1, 2, 4, 8, 16,
 * 32 … s: within the first 16 s what appears is seen after 8 s at most.
 */
const LIVES: readonly (readonly [number, number])[] = [
  [120_000, 16_000],
  [600_000, 32_000],
];
const LONGEST_LIFE_MS = 64_000;

/** Milliseconds until the pod is made again; undefined: it waits for nothing that is missing. */
export const renewedIn = (vmi: VirtualMachineInstance, pod: Pod, now: number): number | undefined => {
  const missing = missingSince(vmi);
  const made = Date.parse(pod.metadata?.creationTimestamp ?? '');
  if (missing === undefined || Number.isNaN(made) || mountQuestionIn(pod, now) === undefined) return undefined;
  const life = LIVES.find(([until]) => now - missing.since < until)?.[1] ?? LONGEST_LIFE_MS;
  return Math.max(0, made + life - now);
};
