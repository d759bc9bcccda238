import type { VirtualMachine, VirtualMachineInstance } from '../../api/schema/kinds.js';
import { isFinal } from '../../api/vmi/phase.js';
import { effectiveRunStrategy, repeatsStarts } from '../../api/vmi/run-strategy.js';
import type { StateChange } from './state-change-patches.js';

/**
 * A VM that failed to start is tried again after a time that grows. Who asks for a start, or a restart, in that time
 * has put something right: the back-off ends, whichever strategy would start the VM by itself. The UID stays, so that
 * the instance that failed is not counted once more.
 */
export const endBackOff = (
  { spec, status }: VirtualMachine,
  vmi: VirtualMachineInstance | undefined,
): StateChange[] | undefined => {
  const failure = status?.startFailure;
  if (failure === undefined || (failure.consecutiveFailCount ?? 0) === 0) return undefined;
  if (!repeatsStarts(effectiveRunStrategy(spec)) || (vmi !== undefined && !isFinal(vmi))) return undefined;
  const path = '/status/startFailure';
  const { lastFailedVMIUID } = failure;
  const value = { consecutiveFailCount: 0, ...(lastFailedVMIUID === undefined ? {} : { lastFailedVMIUID }) };
  return [
    {
      target: 'vm/status',
      operations: [
        { op: 'test', path, value: failure },
        { op: 'replace', path, value },
      ],
    },
  ];
};
