import { INSTANCETYPE_ANNOTATIONS } from '../api/instancetype/instancetype-kinds.js';
import type { VirtualMachine, VirtualMachineInstance } from '../api/schema/kinds.js';
import type { VirtualMachinePreferenceSpec } from '../api/schema/preference.js';
import type { DataVolumeTemplateSpec } from '../api/schema/virtualmachine.js';
import type { ClusterConfig } from '../api/settings/cluster-config.js';
import { instanceDraft, shallowCopy } from '../mutators/clone.js';
import { attachedInput } from '../mutators/devices.js';
import { volumeDisk } from '../mutators/disks.js';
import type { MutationContext } from '../mutators/mutation.js';
import { defaultNetwork } from '../mutators/network.js';
import { applyAttachPreferences } from './apply-devices.js';
import { applyInstancetype } from './apply-instancetype.js';
import { applyPreference } from './apply-preference.js';
import type { Conflict } from './conflict.js';
import type { Found } from './find.js';

/** What is applied to a VM. */
export interface Applied {
  readonly instancetype?: Found<'instancetype'> | undefined;
  readonly preference?: Found<'preference'> | undefined;
}

export interface Expanded {
  /** A copy, with its matchers still in it. */
  readonly vm: VirtualMachine;
  readonly conflicts: readonly Conflict[];
}

/** Of these defaults nothing is generated, and what they refuse the defaults of the instance refuse again. */
const contextOf = (config: ClusterConfig): MutationContext => ({
  config,
  newUuid: () => '',
  now: () => '',
  refuse: () => undefined,
});

/** The devices that defaults add, so that preferences reach them too. */
const withDefaultDevices = (
  { devices = {} }: VirtualMachinePreferenceSpec,
  vmi: VirtualMachineInstance,
  config: ClusterConfig,
): void => {
  applyAttachPreferences(devices, vmi.spec.domain.devices);
  for (const step of [defaultNetwork, volumeDisk, attachedInput]) step.apply(vmi, contextOf(config));
};

const storageClassOf = (preference: VirtualMachinePreferenceSpec | undefined): string =>
  preference?.volumes?.preferredStorageClassName ?? '';

const withStorageClass = (template: DataVolumeTemplateSpec, storageClassName: string): DataVolumeTemplateSpec => {
  const { pvc, storage } = template.spec;
  const spec = shallowCopy(template.spec);
  if (pvc !== undefined && !pvc.storageClassName) spec.pvc = { ...pvc, storageClassName };
  if (storage !== undefined && !storage.storageClassName) spec.storage = { ...storage, storageClassName };
  return { ...template, spec };
};

/**
 * A VM as it will run: the instance type, then the preference (unless the instance type conflicts), applied to a copy
 * of its template and of its DataVolumes' templates. Pure.
 */
export const expandMachine = (
  machine: VirtualMachine,
  { instancetype, preference }: Applied,
  config: ClusterConfig,
): Expanded => {
  const { metadata = {}, spec } = machine.spec.template;
  if (spec === undefined) return { vm: machine, conflicts: [] };
  const vmi = instanceDraft({ metadata, spec });
  // Their parts become the VM's own, and defaults write into those.
  const wished = structuredClone(preference?.spec);
  const size = structuredClone(instancetype?.spec);
  if (wished !== undefined) withDefaultDevices(wished, vmi, config);
  const conflicts = size === undefined ? [] : applyInstancetype(size, wished, vmi);
  if (wished !== undefined && conflicts.length === 0) applyPreference(wished, vmi);
  const vm = shallowCopy(machine);
  vm.spec = shallowCopy(machine.spec);
  vm.spec.template = { ...machine.spec.template, spec: vmi.spec };
  if (vmi.metadata !== undefined && Object.keys(vmi.metadata).length > 0) vm.spec.template.metadata = vmi.metadata;
  const storageClass = storageClassOf(wished);
  if (storageClass !== '' && machine.spec.dataVolumeTemplates !== undefined)
    vm.spec.dataVolumeTemplates = machine.spec.dataVolumeTemplates.map((one) => withStorageClass(one, storageClass));
  return { vm, conflicts };
};

/** What a VMI says of its origin. */
export const originAnnotations = ({ instancetype, preference }: Applied): Record<string, string> =>
  Object.fromEntries(
    [instancetype, preference].flatMap((found) =>
      found === undefined ? [] : [[INSTANCETYPE_ANNOTATIONS[found.kind], found.name]],
    ),
  );
