import type { VirtualMachine, VirtualMachineInstance } from '../api/schema/kinds.js';
import type { Informer } from '../kube/watch/informer.js';

/** The key of what an object says made it: whom to wake, nothing more. */
export const ownerKey = (
  object: { metadata?: VirtualMachineInstance['metadata'] },
  kind: string,
): string | undefined => {
  const { namespace, ownerReferences = [] } = object.metadata ?? {};
  const owner = ownerReferences.find((reference) => reference.kind === kind && reference.controller === true);
  return owner && `${namespace ?? ''}/${owner.name}`;
};

/** Whether the VirtualMachine that owns a VMI is no longer there; also where it has none. */
export const isOwnerGone = (vms: Pick<Informer<VirtualMachine>, 'get'>, vmi: VirtualMachineInstance): boolean => {
  const { namespace, name, ownerReferences = [] } = vmi.metadata ?? {};
  const owner = ownerReferences.find(({ kind, controller }) => kind === 'VirtualMachine' && controller === true);
  if (!owner) return true;
  const vm = vms.get(`${namespace ?? ''}/${owner.name || name || ''}`);
  return vm?.metadata?.uid !== owner.uid;
};
