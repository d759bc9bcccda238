import type { VirtualMachine } from '../api/schema/kinds.js';
import { virtletValue, VirtletAnnotation } from '../api/virtlet/annotations.js';
import type { MutationContext } from './mutation.js';

/** What documentation says of the one default of a VirtualMachine. */
export const virtualMachineIdentity = {
  id: 'mut.vm-firmware',
  summary: '`firmware.uuid` and `firmware.serial` of the template become random UUIDs: the guest keeps them for life.',
} as const;

/**
 * What is written into a VirtualMachine that is created: the guest's firmware UUID and serial number, which must stay the
 * same from one start to the next. Every other default belongs to the VMI that is made from the template, so that a
 * manifest kept in git sees no drift. Source: spec/admission.md §4.5, step 5. Where the template has its UUID from an annotation,
 * none is written beside it: it is the same at every start already, and the two could come to differ.
 */
export const defaultVirtualMachine = (vm: VirtualMachine, { newUuid }: MutationContext): VirtualMachine => {
  const draft = structuredClone(vm);
  const { metadata, spec } = draft.spec.template;
  const domain = spec?.domain;
  if (draft.metadata?.deletionTimestamp !== undefined || domain === undefined) return draft;
  domain.firmware = { ...domain.firmware };
  if (virtletValue(metadata, VirtletAnnotation.systemUuid) === undefined) domain.firmware.uuid ||= newUuid();
  domain.firmware.serial ||= newUuid();
  return draft;
};
