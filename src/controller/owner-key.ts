import type { VirtualMachineInstance } from '../api/schema/kinds.js';

/** The key of what an object says made it: whom to wake, nothing more. */
export const ownerKey = (
  object: { metadata?: VirtualMachineInstance['metadata'] },
  kind: string,
): string | undefined => {
  const { namespace, ownerReferences = [] } = object.metadata ?? {};
  const owner = ownerReferences.find((reference) => reference.kind === kind && reference.controller === true);
  return owner && `${namespace ?? ''}/${owner.name}`;
};
