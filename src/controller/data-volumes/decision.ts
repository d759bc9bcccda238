import { timestamp } from '../../api/timestamp.js';
import type { ConditionContent } from '../../api/vmi/condition.js';
import { isDeleting, isFinal } from '../../api/vmi/phase.js';
import { DataVolumeAnnotation } from '../../api/data-volume/data-volume.js';
import type { DataVolume, DataVolumeStatus } from '../../api/schema/datavolume.js';
import type { EventType } from '../../kube/events.js';
import type { PersistentVolumeClaim, Pod } from '../../kube/types.js';
import { dataVolumeProblem, sourceOf } from './check.js';
import { specDigest } from './claim.js';
import * as condition from './conditions.js';
import { FAILED_FOR_GOOD } from './importer-pod.js';

/** Everything that a decision about a DataVolume of the built-in importer depends on, as the API server has it now. */
export interface DataVolumeView {
  dataVolume: DataVolume;
  /** The claim of the DataVolume's name. */
  claim: PersistentVolumeClaim | undefined;
  /** The claim's storage class binds it only when a pod that uses it has a node. */
  waitsForConsumer: boolean;
  pod: Pod | undefined;
  /** Of a clone: the claim that is cloned, and what uses it. */
  source?: { claim: PersistentVolumeClaim | undefined; usedBy: string | undefined } | undefined;
  /** What the importer says, in percent. */
  progress: number | undefined;
  /** Milliseconds since 1970. */
  now: number;
}

export type DataVolumeAction = 'none' | 'createClaim' | 'createPod' | 'deletePod' | 'markPopulated';

export interface DataVolumePlan {
  /** One API write, before the status is written. */
  action: DataVolumeAction;
  status: DataVolumeStatus;
  event?: { type: EventType; reason: string; message: string };
  requeueAfterMs?: number;
}

/** How often a running importer is asked how far it is. */
const PROGRESS_MS = 3_000;
/** For changes that none of our watches reports. */
const LOOK_AGAIN_MS = 10_000;
const RUNNING_UNTOLD = 'N/A';

interface Outcome {
  phase: string;
  running: ConditionContent;
  ready: ConditionContent;
  action?: DataVolumeAction;
  progress?: string;
  event?: DataVolumePlan['event'];
  requeueAfterMs?: number;
}

/** What to do about a DataVolume. Pure: it depends on the view alone, so a new leader continues from there. */
export const decideDataVolume = (view: DataVolumeView): DataVolumePlan => {
  const { dataVolume, claim, pod, now } = view;
  const { status: before, metadata } = dataVolume;
  const outcome = outcomeOf(view);
  const { phase, running, ready, action = 'none', progress, requeueAfterMs } = outcome;
  const contents = [condition.boundCondition(claim), running, ready];
  const restarts = pod?.status?.containerStatuses?.reduce(
    (most, { restartCount = 0 }) => Math.max(most, restartCount),
    0,
  );
  const event = outcome.event ?? phaseNews(before?.phase, phase, ready.message ?? running.message ?? '');
  return {
    action,
    status: {
      ...before,
      claimName: metadata?.name,
      phase,
      progress: progress ?? before?.progress ?? RUNNING_UNTOLD,
      restartCount: Math.max(before?.restartCount ?? 0, restarts ?? 0),
      conditions: condition.withConditions(before, contents, timestamp(now)),
    },
    ...(event === undefined || isTold(before, event) ? {} : { event }),
    ...(requeueAfterMs === undefined ? {} : { requeueAfterMs }),
  };
};

/** An event reports a change: of the phase, or of what keeps it from changing. */
const isTold = (before: DataVolumeStatus | undefined, { message }: NonNullable<DataVolumePlan['event']>): boolean =>
  before?.conditions?.some((one) => one.type === 'Ready' && one.message === message) === true;

const phaseNews = (before: string | undefined, phase: string, message: string): DataVolumePlan['event'] =>
  before === phase || phase === 'Pending' || message === ''
    ? undefined
    : { type: phase === 'Failed' ? 'Warning' : 'Normal', reason: EVENT_REASONS[phase] ?? phase, message };
const EVENT_REASONS: Record<string, string | undefined> = { Failed: 'ImportFailed', Succeeded: 'ImportSucceeded' };

const outcomeOf = (view: DataVolumeView): Outcome => {
  const { dataVolume, claim, pod } = view;
  const phase = dataVolume.status?.phase;
  const problem = dataVolumeProblem(dataVolume);
  // What has been filled stays filled, whatever becomes of its manifest.
  if (phase === 'Succeeded') return succeeded(view);
  if (problem !== undefined) return refused(problem);
  if (phase === 'Failed' && !isRefused(dataVolume)) return failedForGood(view, undefined);
  if (claim === undefined) return withoutClaim(view);
  if (isDeleting(claim)) return waiting('Pending', `PVC ${claim.metadata?.name ?? ''} is being deleted`);
  if (!isOwn(dataVolume, claim)) return withForeignClaim(dataVolume, claim);
  if (isPopulated(dataVolume, claim)) return succeeded(view);
  if (isChanged(dataVolume, claim)) return refused(CHANGED);
  if (claim.status?.phase === 'Lost')
    return failedForGood(view, `PVC ${claim.metadata?.name ?? ''} has lost its volume`);
  if (pod === undefined) return withoutPod(view);
  return isOwn(dataVolume, pod) ? withPod(view, pod) : withForeignPod(pod);
};

/** Its name is ours to make, and everybody's to take: what it says of its end says nothing of the disk. */
const withForeignPod = ({ metadata }: Pod): Outcome => {
  const message = `pod ${metadata?.name ?? ''} exists and does not belong to this DataVolume: delete it, and the import continues`;
  const event = { type: 'Warning', reason: 'ErrResourceExists', message } as const;
  return waiting('Pending', message, { event, requeueAfterMs: LOOK_AGAIN_MS });
};

const isOwn = ({ metadata }: DataVolume, object: PersistentVolumeClaim | Pod): boolean =>
  object.metadata?.ownerReferences?.some(({ uid, controller }) => controller === true && uid === metadata?.uid) ===
  true;

/** The mark is ours, set when the importer has ended well: a file in the claim proves nothing. */
const isPopulated = ({ metadata }: DataVolume, claim: PersistentVolumeClaim): boolean =>
  metadata?.uid !== undefined && claim.metadata?.annotations?.[DataVolumeAnnotation.populated] === metadata.uid;

/** Its claim, and what is on its way into it, are of another manifest. */
const isChanged = (dataVolume: DataVolume, { metadata }: PersistentVolumeClaim): boolean => {
  const made = metadata?.annotations?.[DataVolumeAnnotation.spec];
  return made !== undefined && made !== specDigest(dataVolume);
};
const CHANGED =
  'spec: has been changed since its claim was made, which nothing acts on: undo the change, or delete the DataVolume and create it again';

const NOT_SUPPORTED = 'NotSupported';
const isRefused = ({ status }: DataVolume): boolean =>
  status?.conditions?.some(({ type, reason }) => type === 'Ready' && reason === NOT_SUPPORTED) === true;

const refused = (problem: string): Outcome => ({
  phase: 'Failed',
  running: condition.failed(problem),
  ready: condition.ready('False', NOT_SUPPORTED, problem),
});

const waiting = (phase: string, message: string, more: Partial<Outcome> = {}): Outcome => ({
  phase,
  running: condition.runningCondition(undefined),
  ready: condition.ready('False', 'TransferPending', message),
  ...more,
});

const succeeded = ({ dataVolume, pod }: DataVolumeView): Outcome => ({
  phase: 'Succeeded',
  running: condition.completed('Import Complete'),
  ready: condition.ready('True', 'Filled', `PVC ${dataVolume.metadata?.name ?? ''} holds the whole disk`),
  progress: '100.0%',
  ...(pod && isOwn(dataVolume, pod) && !isDeleting(pod) ? { action: 'deletePod' } : {}),
});

const failedForGood = ({ dataVolume, pod }: DataVolumeView, why: string | undefined): Outcome => {
  const reported = dataVolume.status?.conditions?.find(({ type }) => type === 'Running')?.message;
  const message = why ?? reported ?? 'the import has failed';
  return {
    phase: 'Failed',
    running: condition.failed(message),
    ready: condition.ready('False', 'TransferFailed', message),
    ...(pod && isOwn(dataVolume, pod) && !isDeleting(pod) ? { action: 'deletePod' } : {}),
  };
};

const withoutClaim = (view: DataVolumeView): Outcome => {
  const missing = sourceProblem(view);
  // A clone may need the size of its source.
  if (missing !== undefined) return missing;
  return waiting('Pending', 'The claim is being made', { action: 'createClaim' });
};

const withForeignClaim = ({ metadata }: DataVolume, claim: PersistentVolumeClaim): Outcome => {
  const name = claim.metadata?.name ?? '';
  if (metadata?.annotations?.[DataVolumeAnnotation.allowClaimAdoption] === 'true') {
    return {
      phase: 'Succeeded',
      running: condition.completed('Nothing was imported: the claim was there'),
      ready: condition.ready('True', 'Adopted', `PVC ${name} was there before and is used as it is`),
      progress: '100.0%',
    };
  }
  const message = `PVC ${name} exists and does not belong to this DataVolume: delete it, rename the DataVolume, or take it as it is with the annotation ${DataVolumeAnnotation.allowClaimAdoption}: "true"`;
  return waiting('Pending', message, { event: { type: 'Warning', reason: 'ErrResourceExists', message } });
};

const sourceProblem = ({ dataVolume, source }: DataVolumeView): Outcome | undefined => {
  if (source === undefined) return undefined;
  const name = dataVolume.spec.source?.pvc?.name ?? '';
  const problem = (reason: string, message: string): Outcome =>
    waiting('Pending', message, { event: { type: 'Warning', reason, message }, requeueAfterMs: LOOK_AGAIN_MS });
  if (source.claim === undefined || isDeleting(source.claim))
    return problem('SourcePVCNotAvailable', `PVC ${name}, which is to be cloned, does not exist: create it`);
  if (source.usedBy === undefined) return undefined;
  const message = `PVC ${name}, which is to be cloned, is in use by ${source.usedBy}: the clone is made when that has ended`;
  return problem('CloneSourceInUse', message);
};

const verb = (dataVolume: DataVolume): 'Import' | 'Clone' => (sourceOf(dataVolume) === 'pvc' ? 'Clone' : 'Import');

const withoutPod = (view: DataVolumeView): Outcome => {
  const { dataVolume, claim, waitsForConsumer } = view;
  const busy = sourceProblem(view);
  if (busy !== undefined) return busy;
  const bound = claim?.status?.phase === 'Bound';
  const forced = dataVolume.metadata?.annotations?.[DataVolumeAnnotation.bindImmediately] === 'true';
  if (!bound && !waitsForConsumer) {
    // A class may have been chosen, or changed, after the claim was made.
    return waiting('Pending', 'The claim is not bound yet', { requeueAfterMs: LOOK_AGAIN_MS });
  }
  if (!bound && !forced) {
    const message = 'The claim is bound when a VM uses it, on a node that suits the VM';
    return waiting('WaitForFirstConsumer', message);
  }
  return waiting(`${verb(dataVolume)}Scheduled`, 'The importer pod is being made', { action: 'createPod' });
};

const withPod = (view: DataVolumeView, pod: Pod): Outcome => {
  const { dataVolume, progress } = view;
  const scheduled = `${verb(dataVolume)}Scheduled`;
  if (pod.status?.phase === 'Succeeded') {
    return { ...transferring(dataVolume, pod), action: 'markPopulated', requeueAfterMs: 0 };
  }
  const end = condition.lastEnd(pod);
  if (end?.exitCode === FAILED_FOR_GOOD) return failedForGood(view, end.message);
  if (isDeleting(pod))
    return waiting(scheduled, 'The importer pod is being replaced', { requeueAfterMs: LOOK_AGAIN_MS });
  // Evicted, or its node was deleted: what it has fetched is in the claim.
  if (isFinal(pod))
    return waiting(scheduled, 'The importer pod is being replaced', { action: 'deletePod', requeueAfterMs: 1_000 });
  const begun = condition.isImporting(pod) || end !== undefined;
  if (!begun) return { ...transferring(dataVolume, pod), phase: scheduled };
  const percent = progress === undefined ? undefined : `${progress.toFixed(2)}%`;
  return {
    ...transferring(dataVolume, pod),
    requeueAfterMs: PROGRESS_MS,
    ...(percent === undefined ? {} : { progress: percent }),
  };
};

const transferring = (dataVolume: DataVolume, pod: Pod): Outcome => ({
  phase: `${verb(dataVolume)}InProgress`,
  running: condition.runningCondition(pod),
  ready: condition.ready('False', 'TransferRunning', 'The disk is being filled'),
});
