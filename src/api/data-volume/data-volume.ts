/** Names that belong to the Containerized Data Importer (CDI), whose API we use, and serve where CDI is not. */

export const CDI_GROUP = 'cdi.kubevirt.io';
export const CDI_VERSION = 'v1beta1';
export const DATA_VOLUME_CRD = `datavolumes.${CDI_GROUP}`;

/**
 * On the CustomResourceDefinition that `manifests/data-volumes.yaml` makes, and on nothing of CDI's: the built-in
 * importer serves DataVolumes only where it finds this label.
 */
export const BUILT_IN_LABEL = 'kubectl-virt.io/built-in-importer';
/** On everything that CDI's operator installs. */
export const CDI_LABELS = [CDI_GROUP, `operator.${CDI_GROUP}`] as const;

export const DataVolumeAnnotation = {
  /** On a DataVolume: a claim of its name that exists is taken as it is. */
  allowClaimAdoption: `${CDI_GROUP}/allowClaimAdoption`,
  /** On a DataVolume: its claim is bound without waiting for who uses it. */
  bindImmediately: `${CDI_GROUP}/storage.bind.immediate.requested`,
  /** On a claim of the built-in importer: the uid of the DataVolume whose data are in it, whole. */
  populated: 'kubectl-virt.io/populated-by',
  /** On a claim of the built-in importer: a digest of the DataVolume's spec that it was made from. */
  spec: 'kubectl-virt.io/data-volume-spec',
  /** On a VM: "false" makes the DataVolumes of its templates when it starts, not before. */
  immediateCreation: 'kubevirt.io/immediate-data-volume-creation',
} as const;
