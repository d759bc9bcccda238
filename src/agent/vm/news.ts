import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import { objectKey } from '../../kube/types.js';
import type { WorkQueue } from '../../kube/work/work-queue.js';
import type { Reconciler } from './reconciler.js';

/**
 * Whether a new version of a VMI is a reason to look at it now. Our own word on a failure, as the informer brings it
 * back, is none: nothing has changed that could help, and the next try keeps its time.
 */
export const isNews = (
  vmi: VirtualMachineInstance,
  reconciler: Pick<Reconciler, 'hasWritten'>,
  queue: Pick<WorkQueue, 'isBackingOff'>,
): boolean => !(reconciler.hasWritten(vmi) && queue.isBackingOff(objectKey(vmi)));
