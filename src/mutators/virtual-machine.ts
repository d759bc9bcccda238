import type { VirtualMachine } from '../api/schema/kinds.js';
import type { DomainSpec } from '../api/schema/virtualmachineinstance.js';
import { virtletValue, VirtletAnnotation } from '../api/virtlet/annotations.js';
import { shallowCopy } from './clone.js';
import type { MutationContext } from './mutation.js';

/** What documentation says of the one default of a VirtualMachine. */
export const virtualMachineIdentity = {
  id: 'mut.vm-firmware',
  summary:
    '`firmware.uuid` and `firmware.serial` of the template become random UUIDs: the guest keeps them for life. An update that leaves them out, or the `macAddress` of an interface, gets the stored ones.',
} as const;

/** Done by admission, which knows the volumes' labels (`src/instancetypes/infer.ts`). */
export const virtualMachineInference = {
  id: 'mut.vm-infer',
  summary:
    '`instancetype` and `preference` with `inferFromVolume` become the name and kind that the labels of the volume say; with `inferFromVolumeFailurePolicy: Ignore` they are removed where there are none, and else `memory` of the template is.',
} as const;

/**
 * A copy with another domain. What is not on the way there stays the same object: a copy of all took longer than the
 * default.
 */
export const withDomain = (vm: VirtualMachine, domain: DomainSpec): VirtualMachine => {
  const draft = shallowCopy(vm);
  draft.spec = shallowCopy(vm.spec);
  draft.spec.template = shallowCopy(vm.spec.template);
  if (draft.spec.template.spec !== undefined) {
    draft.spec.template.spec = shallowCopy(draft.spec.template.spec);
    draft.spec.template.spec.domain = domain;
  }
  return draft;
};

/**
 * What is written into a VirtualMachine that is created: the guest's firmware UUID and serial number, which must stay
 * the same from one start to the next. Every other default belongs to the VMI that is made from the template, so that a
 * manifest kept in git sees no drift. Source: docs/reference/admission.md §4.5, step 5. Where the template has its UUID
 * from an annotation, none is written beside it: it is the same at every start already, and the two could come to
 * differ.
 */
export const defaultVirtualMachine = (vm: VirtualMachine, { newUuid }: MutationContext): VirtualMachine => {
  const domain = vm.spec.template.spec?.domain;
  if (vm.metadata?.deletionTimestamp !== undefined || domain === undefined) return vm;
  const firmware = shallowCopy(domain.firmware ?? {});
  const copy = shallowCopy(domain);
  copy.firmware = firmware;
  if (virtletValue(vm.spec.template.metadata, VirtletAnnotation.systemUuid) === undefined) firmware.uuid ||= newUuid();
  firmware.serial ||= newUuid();
  return withDomain(vm, copy);
};
