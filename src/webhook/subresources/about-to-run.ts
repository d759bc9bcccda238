import type { VirtualMachine, VirtualMachineInstance } from '../../api/schema/kinds.js';
import { isDeleting, phaseOf } from '../../api/vmi/phase.js';
import { effectiveRunStrategy } from '../../api/vmi/run-strategy.js';

/**
 * Whether a VM without a live VMI will have one by itself. One whose starts fail waits for minutes, and for somebody
 * who corrects it: that is nothing to wait for.
 * @param vmi the one that has ended
 */
export const isAboutToRun = (vm: VirtualMachine, vmi: VirtualMachineInstance | undefined): boolean => {
  const { stateChangeRequests = [], startFailure } = vm.status ?? {};
  if (isDeleting(vm) || (startFailure?.consecutiveFailCount ?? 0) > 0) return false;
  if (stateChangeRequests.some(({ action }) => action === 'Start')) return true;
  switch (effectiveRunStrategy(vm.spec)) {
    case 'Always':
      return true;
    case 'Once':
      return vmi === undefined;
    case 'RerunOnFailure':
      return (vmi !== undefined && phaseOf(vmi) === 'Failed') || vm.status?.printableStatus === 'Starting';
    case 'Manual':
    case 'Halted':
      return false;
  }
};
