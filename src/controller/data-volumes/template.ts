import { CDI_GROUP, CDI_VERSION, DataVolumeAnnotation } from '../../api/data-volume/data-volume.js';
import { Label } from '../../api/names.js';
import type { DataVolume } from '../../api/schema/datavolume.js';
import type { VirtualMachine } from '../../api/schema/kinds.js';
import type { DataVolumeTemplateSpec } from '../../api/schema/virtualmachine.js';
import { API_VERSION } from '../../kube/client/resources.js';

/**
 * The DataVolume that a template of a VM describes (docs/reference/domain.md §9.13). Pure. It is deleted with the VM.
 */
export const buildDataVolume = (vm: VirtualMachine, template: DataVolumeTemplateSpec): DataVolume => {
  const { name = '', namespace, uid = '' } = vm.metadata ?? {};
  const { labels, annotations } = template.metadata ?? {};
  const priorityClassName = template.spec.priorityClassName ?? vm.spec.template.spec?.priorityClassName;
  return {
    apiVersion: `${CDI_GROUP}/${CDI_VERSION}`,
    kind: 'DataVolume',
    metadata: {
      name: template.metadata?.name,
      namespace,
      labels: { ...labels, [Label.createdBy]: uid },
      // A restored VM finds the claims of its former life.
      annotations: { [DataVolumeAnnotation.allowClaimAdoption]: 'true', ...annotations },
      ownerReferences: [
        { apiVersion: API_VERSION, kind: 'VirtualMachine', name, uid, controller: true, blockOwnerDeletion: true },
      ],
    },
    spec: { ...template.spec, ...(priorityClassName ? { priorityClassName } : {}) },
  };
};

/** The VM's DataVolumes are made before it starts, unless it says otherwise. */
export const isMadeAtOnce = ({ metadata }: VirtualMachine): boolean =>
  metadata?.annotations?.[DataVolumeAnnotation.immediateCreation] !== 'false';
