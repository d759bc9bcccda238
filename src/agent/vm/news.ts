import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import { withoutCondition } from '../../api/vmi/condition.js';
import { sameValue } from '../../kube/client/patch.js';
import { SYNCHRONIZED } from './status.js';

/** Without what the agent writes when something fails, and what every write changes. */
const essence = ({ metadata, status, ...rest }: VirtualMachineInstance): object => ({
  ...rest,
  metadata: { ...metadata, resourceVersion: undefined, managedFields: undefined },
  status: { ...status, conditions: withoutCondition(status?.conditions, SYNCHRONIZED) },
});

/**
 * Whether a new version of a VMI is a reason to look at it now. Our own word on a failure, which the watch may bring
 * back even before the API server's answer, is none: nothing has changed that could help, and the next try keeps its
 * time.
 */
export const isNews = (now: VirtualMachineInstance, before: VirtualMachineInstance): boolean =>
  !sameValue(essence(now), essence(before));

/** Whether a VMI, as it is now, is still what a start was decided for. */
export const isSameLife = (now: VirtualMachineInstance | undefined, then: VirtualMachineInstance): boolean =>
  now !== undefined &&
  now.metadata?.uid === then.metadata?.uid &&
  now.metadata?.deletionTimestamp === then.metadata?.deletionTimestamp;
