import { isTrue } from '../../api/vmi/condition.js';
import { isDeleting } from '../../api/vmi/phase.js';
import type { DataVolume } from '../../api/schema/datavolume.js';
import type { Volume } from '../../api/schema/volumes.js';
import type { PersistentVolumeClaim } from '../../kube/types.js';

/**
 * Phases in which its VM's instance may be made: it waits for its pod, or is what the claim waits for. Source:
 * docs/reference/domain.md §9.13.
 */
const STARTABLE = ['Succeeded', 'WaitForFirstConsumer', 'PendingPopulation'];
/** Its claim is bound only when a pod asks for it. */
const WAITS_FOR_POD = ['WaitForFirstConsumer', 'PendingPopulation'];
/** Reasons of a Running condition that is False which report trouble (docs/reference/domain.md §9.11). */
const TROUBLE = ['Error', 'ImagePullFailed'];

const phaseOf = (dataVolume: DataVolume): string => dataVolume.status?.phase ?? '';

const isFilled = (dataVolume: DataVolume): boolean => phaseOf(dataVolume) === 'Succeeded';
export const waitsForPod = (dataVolume: DataVolume): boolean => WAITS_FOR_POD.includes(phaseOf(dataVolume));
export const letsStart = (dataVolume: DataVolume): boolean => STARTABLE.includes(phaseOf(dataVolume));
const hasFailed = (dataVolume: DataVolume): boolean => phaseOf(dataVolume) === 'Failed';

/** Why it is in trouble, in its own words; undefined when it is not. */
export const trouble = (dataVolume: DataVolume): string | undefined => {
  const { conditions = [] } = dataVolume.status ?? {};
  const running = conditions.find(({ type }) => type === 'Running');
  const isTrouble = running?.status === 'False' && TROUBLE.includes(running.reason ?? '');
  if (!hasFailed(dataVolume) && !isTrouble) return undefined;
  const ready = conditions.find(({ type }) => type === 'Ready');
  return running?.message || ready?.message || 'its conditions tell more';
};

/**
 * The first that is being made from a claim: nobody may write that meanwhile. Only of our own it is known what reads
 * what.
 */
export const cloneProblem = (
  volume: string,
  claimName: string,
  dataVolumes: readonly DataVolume[],
): DataVolumeProblem | undefined => {
  const clone = dataVolumes.find(
    (dataVolume) => dataVolume.spec.source?.pvc?.name === claimName && phaseOf(dataVolume).startsWith('Clone'),
  );
  return (
    clone && {
      reason: 'DataVolumeNotReady',
      message: `volume ${volume}: PersistentVolumeClaim ${claimName} is being cloned to DataVolume ${clone.metadata?.name ?? ''}: the VM starts when that is done`,
      waitsForPod: false,
    }
  );
};

/** `status.printableStatus` of a VM by its DataVolumes: rows 7, 9 and 10 of docs/reference/domain.md §9.11. */
export const storageStatus = (
  dataVolumes: readonly DataVolume[],
): 'DataVolumeError' | 'Provisioning' | 'WaitingForVolumeBinding' | undefined => {
  if (dataVolumes.some((dataVolume) => trouble(dataVolume) !== undefined)) return 'DataVolumeError';
  const isProvisioning = (dataVolume: DataVolume): boolean =>
    !isFilled(dataVolume) &&
    phaseOf(dataVolume) !== 'PendingPopulation' &&
    (phaseOf(dataVolume) !== 'WaitForFirstConsumer' || isBound(dataVolume));
  if (dataVolumes.some(isProvisioning)) return 'Provisioning';
  return dataVolumes.every(isFilled) ? undefined : 'WaitingForVolumeBinding';
};

const isBound = ({ status }: DataVolume): boolean => isTrue(status?.conditions, 'Bound');

/** Why a volume's DataVolume keeps a VMI from having its pod. */
export interface DataVolumeProblem {
  readonly reason: 'DataVolumeNotReady' | 'DataVolumeFailed';
  readonly message: string;
  /** It waits for a pod to be placed: the VMI's. */
  readonly waitsForPod: boolean;
}

/**
 * What a VMI's volume waits for. A `dataVolume` whose DataVolume is not there (any more) is its claim, like others; a
 * claim that a DataVolume is filling is waited for, under whichever name the volume has it.
 * @param dataVolume the one of the claim's name
 */
export const dataVolumeProblem = (
  volume: Volume,
  dataVolume: DataVolume | undefined,
  claim: PersistentVolumeClaim | undefined,
): DataVolumeProblem | undefined => {
  if (dataVolume === undefined || isFilled(dataVolume)) return undefined;
  const owner = claim?.metadata?.ownerReferences?.find(({ controller }) => controller === true);
  // A claim that existed before the DataVolume is independent of it where a volume names the claim.
  if (volume.dataVolume === undefined && owner?.uid !== dataVolume.metadata?.uid) return undefined;
  const name = `volume ${volume.name}: DataVolume ${dataVolume.metadata?.name ?? ''}`;
  const failed = (why: string): DataVolumeProblem => ({
    reason: 'DataVolumeFailed',
    message: `${name} ${why}`,
    waitsForPod: false,
  });
  if (isDeleting(dataVolume)) return failed('is being deleted: create it again, and the VM starts');
  const why = trouble(dataVolume);
  if (why !== undefined) return failed(`has a problem: ${why}`);
  return {
    reason: 'DataVolumeNotReady',
    message: `${name} is not filled yet (phase ${phaseOf(dataVolume) || 'not set'}): the VM starts when it is`,
    waitsForPod: waitsForPod(dataVolume),
  };
};
