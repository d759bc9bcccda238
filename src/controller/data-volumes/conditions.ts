import { withCondition } from '../../api/vmi/condition.js';
import type { ConditionContent } from '../../api/vmi/condition.js';
import type { DataVolumeStatus } from '../../api/schema/datavolume.js';
import type { PersistentVolumeClaim, Pod } from '../../kube/types.js';
import { imagePullProblem, unschedulable } from '../vmi/conditions.js';
import { IMPORTER_CONTAINER } from './importer-pod.js';

/** The conditions that CDI gives a DataVolume; clients look at reasons (docs/reference/domain.md §9.11). */

export const boundCondition = (claim: PersistentVolumeClaim | undefined): ConditionContent => {
  const name = claim?.metadata?.name ?? '';
  if (claim === undefined)
    return { type: 'Bound', status: 'False', reason: 'NotFound', message: 'There is no claim yet' };
  const phase = claim.status?.phase ?? 'Pending';
  return phase === 'Bound'
    ? { type: 'Bound', status: 'True', reason: 'Bound', message: `PVC ${name} Bound` }
    : { type: 'Bound', status: 'False', reason: phase, message: `PVC ${name} ${phase}` };
};

/** The last time the importer ended, in its own words. */
export const lastEnd = (pod: Pod): { exitCode: number; message: string } | undefined => {
  const status = pod.status?.containerStatuses?.find(({ name }) => name === IMPORTER_CONTAINER);
  const ended = status?.state?.terminated ?? status?.lastState?.terminated;
  if (ended === undefined) return undefined;
  const why = ended.message?.trim() || ended.reason || 'no reason was given';
  return { exitCode: ended.exitCode, message: why.slice(0, 1000) };
};

export const isImporting = (pod: Pod): boolean =>
  pod.status?.containerStatuses?.some(
    ({ name, state }) => name === IMPORTER_CONTAINER && state?.running !== undefined,
  ) === true;

const notRunning = (reason: string, message: string): ConditionContent => ({
  type: 'Running',
  status: 'False',
  reason,
  message,
});

export const runningCondition = (pod: Pod | undefined): ConditionContent => {
  if (pod === undefined) return notRunning('Pending', 'There is no importer pod yet');
  if (isImporting(pod))
    return { type: 'Running', status: 'True', reason: 'Pod is running', message: 'The import is running' };
  const pull = imagePullProblem(pod);
  if (pull !== undefined) return notRunning('ImagePullFailed', pull.message);
  const end = lastEnd(pod);
  if (end !== undefined && end.exitCode !== 0) return notRunning('Error', end.message);
  const waits = unschedulable(pod);
  return notRunning('Pending', waits?.message ?? 'The importer pod has not started yet');
};

export const completed = (message: string): ConditionContent => notRunning('Completed', message);
export const failed = (message: string): ConditionContent => notRunning('Error', message);

export const ready = (status: 'True' | 'False', reason?: string, message?: string): ConditionContent => ({
  type: 'Ready',
  status,
  reason,
  message,
});

export const withConditions = (
  status: DataVolumeStatus | undefined,
  contents: readonly ConditionContent[],
  now: string,
): DataVolumeStatus['conditions'] =>
  contents.reduce((conditions, content) => withCondition(conditions, content, now), status?.conditions ?? []);
