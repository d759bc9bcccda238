import { timestamp } from '../../api/timestamp.js';
import { withCondition } from '../../api/vmi/condition.js';
import { enterPhase, isDeleting, type Phase } from '../../api/vmi/phase.js';
import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import type { PersistentVolumeClaimInfo } from '../../api/schema/volume-migration.js';
import type { EventType } from '../../kube/events.js';
import type { Pod } from '../../kube/types.js';
import type { StateWait } from './state-claim.js';
import type { ClaimProblem } from './claims.js';
import { readyCondition } from './conditions.js';
import type { SchedulingNotes } from './scheduling-notes.js';
import type { DataVolumeProblem } from '../data-volumes/readiness.js';
import type { SlimPod } from '../cache-transforms.js';

/** Everything that a decision about a VMI depends on. */
export interface VmiView {
  vmi: VirtualMachineInstance;
  /** The VMI's pod (`launcher-identity.ts`), or none. */
  pods: SlimPod[];
  /** The VMI's node is no longer in the cluster. */
  nodeGone: boolean;
  /** There is no VM that owns the VMI: nobody else takes the VM's finalizer off. */
  ownerGone: boolean;
  /**
   * The pod waits for a node by settings that are no longer the cluster's (KVM asked for, or not), or for content that
   * kubelet asks after too rarely by now.
   */
  podOutdated?: boolean | undefined;
  /** Why a volume of the pod cannot be mounted, while it is so: kubelet's words. */
  mountProblem?: string | undefined;
  /** What is known of a pod that no node takes. */
  scheduling?: SchedulingNotes | undefined;
  /** Why the VMI cannot have its pod yet, as far as its claims go. */
  dataVolumeProblem?: DataVolumeProblem | undefined;
  claimProblem?: ClaimProblem | StateWait | undefined;
  /** What is known of the claims, by name; read when the VMI is handed over. */
  claims?: ReadonlyMap<string, PersistentVolumeClaimInfo> | undefined;
  /** Milliseconds since 1970. */
  now: number;
}

export interface VmiPlan {
  createPod: boolean;
  /** There has to be a pod that binds the VMI's claims (`data-volumes/binding-pod.ts`), or there may have been one. */
  bindingPod?: 'needed' | 'done';
  deletePods: SlimPod[];
  /** The VMI as it should be; the difference is one patch. */
  after: VirtualMachineInstance;
  events: { type: EventType; reason: string; message: string }[];
  /** The plan holds only if the VMI really has no pod: ask the API server, the cache may be late. */
  assumesNoPod: boolean;
  requeueAfterMs?: number;
}

export const plan = (view: VmiView, more: Partial<VmiPlan> = {}): VmiPlan => ({
  createPod: false,
  deletePods: [],
  after: view.vmi,
  events: [],
  assumesNoPod: false,
  ...more,
});

export const newest = (pods: SlimPod[]): SlimPod | undefined =>
  pods.toSorted((left, right) => Number(isDeleting(left)) - Number(isDeleting(right)))[0];

/** The VMI in this phase, with Ready and the other conditions that follow from it. */
export const move = (view: VmiView, phase: Phase, pod: Pod | undefined): VirtualMachineInstance => {
  const now = timestamp(view.now);
  const status = enterPhase(view.vmi.status, phase, now);
  const moved = { ...view.vmi, status };
  return {
    ...moved,
    status: { ...status, conditions: withCondition(status.conditions, readyCondition(moved, pod), now) },
  };
};

/** The end that the controller declares: nobody else can. */
export const fail = (
  view: VmiView,
  phase: 'Failed' | 'Succeeded',
  why: { reason: string; message: string },
): VmiPlan => {
  const after = move(view, phase, undefined);
  const { reason, message } = why;
  const conditions =
    phase === 'Failed'
      ? withCondition(
          after.status?.conditions,
          { type: 'Synchronized', status: 'False', reason, message },
          timestamp(view.now),
        )
      : after.status?.conditions;
  const type = phase === 'Failed' ? 'Warning' : 'Normal';
  return plan(view, {
    after: { ...after, status: { ...after.status, reason, conditions } },
    events: [{ type, reason: phase === 'Failed' ? reason : 'Stopped', message }],
  });
};
