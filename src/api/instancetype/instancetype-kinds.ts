/*
 * The kinds of group instancetype.kubevirt.io: what everybody calls them (docs/reference of KubeVirt's API,
 * staging/src/kubevirt.io/api/instancetype).
 */

export const INSTANCETYPE_GROUP = 'instancetype.kubevirt.io';
/** The only one that is served. Objects of older versions have to be written anew. */
export const INSTANCETYPE_VERSION = 'v1beta1';

/** What a VirtualMachine names: sizes, or what it is given where it leaves something open. */
export type InstancetypeRole = 'instancetype' | 'preference';

export const INSTANCETYPE_RESOURCES = {
  VirtualMachineInstancetype: {
    role: 'instancetype',
    plural: 'virtualmachineinstancetypes',
    isNamespaced: true,
    shortNames: ['vminstancetype', 'vminstancetypes', 'vmf', 'vmfs'],
  },
  VirtualMachineClusterInstancetype: {
    role: 'instancetype',
    plural: 'virtualmachineclusterinstancetypes',
    isNamespaced: false,
    shortNames: ['vmclusterinstancetype', 'vmclusterinstancetypes', 'vmcf', 'vmcfs'],
  },
  VirtualMachinePreference: {
    role: 'preference',
    plural: 'virtualmachinepreferences',
    isNamespaced: true,
    shortNames: ['vmpref', 'vmprefs', 'vmp', 'vmps'],
  },
  VirtualMachineClusterPreference: {
    role: 'preference',
    plural: 'virtualmachineclusterpreferences',
    isNamespaced: false,
    shortNames: ['vmcp', 'vmcps'],
  },
} as const satisfies Record<
  string,
  { role: InstancetypeRole; plural: string; isNamespaced: boolean; shortNames: readonly string[] }
>;

export type InstancetypeKind = keyof typeof INSTANCETYPE_RESOURCES;
export const INSTANCETYPE_KINDS = Object.keys(INSTANCETYPE_RESOURCES) as InstancetypeKind[];

/** Of a role: what an empty `kind` of a matcher stands for. */
export const CLUSTER_KINDS = {
  instancetype: 'VirtualMachineClusterInstancetype',
  preference: 'VirtualMachineClusterPreference',
} as const satisfies Record<InstancetypeRole, InstancetypeKind>;

/** The kind that a matcher names: singular or plural, in any case; undefined for what names none of the role. */
export const kindOfMatcher = (role: InstancetypeRole, kind: string | undefined): InstancetypeKind | undefined => {
  if (!kind) return CLUSTER_KINDS[role];
  const word = kind.toLowerCase();
  return INSTANCETYPE_KINDS.find(
    (known) =>
      INSTANCETYPE_RESOURCES[known].role === role &&
      (known.toLowerCase() === word || INSTANCETYPE_RESOURCES[known].plural === word),
  );
};

/** The four labels of a volume by which a VM finds its instance type and preference. */
export const INFER_LABELS = {
  instancetype: {
    name: 'instancetype.kubevirt.io/default-instancetype',
    kind: 'instancetype.kubevirt.io/default-instancetype-kind',
  },
  preference: {
    name: 'instancetype.kubevirt.io/default-preference',
    kind: 'instancetype.kubevirt.io/default-preference-kind',
  },
} as const satisfies Record<InstancetypeRole, { name: string; kind: string }>;

/** On a ControllerRevision: whose copy it is. */
export const RevisionLabel = {
  generation: 'instancetype.kubevirt.io/object-generation',
  kind: 'instancetype.kubevirt.io/object-kind',
  name: 'instancetype.kubevirt.io/object-name',
  uid: 'instancetype.kubevirt.io/object-uid',
  version: 'instancetype.kubevirt.io/object-version',
} as const;

/** On a VMI: what it was made of, by kind. */
export const INSTANCETYPE_ANNOTATIONS: Readonly<Record<InstancetypeKind, string>> = {
  VirtualMachineInstancetype: 'kubevirt.io/instancetype-name',
  VirtualMachineClusterInstancetype: 'kubevirt.io/cluster-instancetype-name',
  VirtualMachinePreference: 'kubevirt.io/preference-name',
  VirtualMachineClusterPreference: 'kubevirt.io/cluster-preference-name',
};

/**
 * Annotation by which virt-controller knows the objects that come with the product, beside the vendor's label: the name
 * of the object. A copy under another name is somebody else's.
 */
export const SHIPPED_MARK = 'kubectl-virt.io/shipped';
