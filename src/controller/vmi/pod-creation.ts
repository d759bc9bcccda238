import { timestamp } from '../../api/timestamp.js';
import { findCondition, withCondition } from '../../api/vmi/condition.js';
import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import { errorMessage } from '../../kube/client/api-error.js';
import { vmiPath } from '../../kube/client/resources.js';
import type { ControllerContext } from '../context.js';
import { patchDifference } from '../patch-difference.js';
import { setConditions } from './conditions.js';
import { plan, type VmiPlan, type VmiView } from './plan.js';
import { refusalOf, tryAgainIn } from './refused-pod.js';

/* What is told of a pod that could not be made. */

type Containers = Parameters<typeof refusalOf>[1]['containers'];

/**
 * The plan of a VMI whose pod the API server refuses: why, told once; and when to try again, because what it lacks is
 * not watched. Undefined: it was no refusal.
 */
export const refusedPlan = (view: VmiView, error: unknown, containers: Containers): VmiPlan | undefined => {
  const refusal = refusalOf(error, { vmi: view.vmi, containers });
  if (refusal === undefined) return undefined;
  const { reason, message } = refusal;
  const before = view.vmi.status?.conditions;
  const told = findCondition(before, 'Synchronized');
  const content = { type: 'Synchronized', status: 'False', reason, message } as const;
  const conditions = withCondition(before, content, timestamp(view.now));
  const since = Date.parse(findCondition(conditions, 'Synchronized')?.lastTransitionTime ?? '') || view.now;
  return plan(view, {
    after: setConditions(view.vmi, conditions),
    events: told?.reason === reason && told.message === message ? [] : [{ type: 'Warning', reason, message }],
    requeueAfterMs: tryAgainIn(view.now - since),
  });
};

type Context = Pick<ControllerContext, 'client' | 'recorder' | 'superseded' | 'clock'>;

/** A failure of another kind: in a condition and an event at once, since the pass ends with it. */
export const tellFailedCreate = async (
  context: Context,
  vmi: VirtualMachineInstance,
  message: string,
): Promise<void> => {
  const { namespace, name } = vmi.metadata ?? {};
  context.recorder.event(vmi, 'Warning', 'FailedCreate', message);
  const condition = { type: 'Synchronized', status: 'False', reason: 'FailedCreate', message } as const;
  const conditions = withCondition(vmi.status?.conditions, condition, timestamp(context.clock.now()));
  const after = { ...vmi, status: { ...vmi.status, conditions } };
  await patchDifference(context, vmiPath(namespace, name), vmi, after);
};

/** The error of a create call, with the words that an event of it has. */
export const failedCreate = (name: string, error: unknown): string =>
  `Error creating pod ${name}: ${errorMessage(error)}`;
