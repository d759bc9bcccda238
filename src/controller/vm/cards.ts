import type { VirtualMachine, VirtualMachineInstance } from '../../api/schema/kinds.js';
import type { Interface } from '../../api/schema/networks.js';
import { linksToChange } from '../../api/vmi/link-state.js';
import { isDeleting, isFinal } from '../../api/vmi/phase.js';
import { vmiPath } from '../../kube/client/resources.js';
import type { ControllerContext } from '../context.js';

/* Network cards of a VMI that runs: what of a changed template takes effect at once. */

/** The cards that the VMI of an expanded VM is to have; undefined: those that it has. */
export const cardsOf = (
  { config }: Pick<ControllerContext, 'config'>,
  vm: VirtualMachine,
  vmi: VirtualMachineInstance | undefined,
): Interface[] | undefined => {
  if (vmi === undefined || isFinal(vmi) || isDeleting(vmi)) return undefined;
  return config().vmRolloutStrategy === 'Stage' ? undefined : linksToChange(vm, vmi);
};

/** A list is replaced whole, so only on the VMI that was decided on. */
export const changeCards = (
  { client }: Pick<ControllerContext, 'client'>,
  vmi: VirtualMachineInstance,
  cards: readonly Interface[],
): Promise<VirtualMachineInstance> => {
  const { namespace, name, resourceVersion } = vmi.metadata ?? {};
  const patch = { metadata: { resourceVersion }, spec: { domain: { devices: { interfaces: cards } } } };
  return client.patch<VirtualMachineInstance>(vmiPath(namespace, name), patch, 'merge');
};
