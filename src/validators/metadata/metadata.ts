import { GROUP, Label } from '../../api/names.js';
import { invalid, notSupported } from '../rule/finding.js';
import { instanceRule } from '../rule/rule.js';

/** Labels that our programs find their objects by: a user who could write them could claim another user's VM. */
export const RESTRICTED_LABELS: readonly string[] = [
  Label.createdBy,
  'kubevirt.io/migrationJobUID',
  Label.nodeName,
  'kubevirt.io/migrationTargetNodeName',
  Label.schedulable,
  'kubevirt.io/install-strategy',
];

/** Kinds whose controller makes VMIs, and takes a VMI that names them as its controller for its own work. */
const OWNERS = ['VirtualMachine', 'VirtualMachineInstanceReplicaSet'];

/** As far as it may be relied on: the schema leaves metadata to the API server. */
interface Owned {
  readonly ownerReferences?:
    | readonly ({
        readonly apiVersion?: string;
        readonly kind?: string;
        readonly uid?: string;
        readonly controller?: boolean;
      } | null)[]
    | undefined;
}

const referencesOf = ({ ownerReferences }: Owned): NonNullable<Owned['ownerReferences']> =>
  ownerReferences instanceof Array ? ownerReferences : [];

/**
 * Indices of the owner references that say that virt-controller made the object, without those that it has had before.
 */
export const ownersOfOurs = (metadata: Owned, before: Owned = {}): number[] =>
  referencesOf(metadata).flatMap((owner, index) =>
    owner?.controller === true &&
    owner.apiVersion?.startsWith(`${GROUP}/`) === true &&
    OWNERS.includes(owner.kind ?? '') &&
    !referencesOf(before).some((known) => known?.uid === owner.uid && known?.controller === true)
      ? [index]
      : [],
  );

const GATED_ANNOTATIONS = [
  {
    id: 'meta.ignition',
    annotation: 'kubevirt.io/ignitiondata',
    gate: 'ExperimentalIgnitionSupport',
    // Nothing acts on either, with the gate or without (W-ANN-4).
    instead: 'put the Ignition configuration into the user data of a cloudInitConfigDrive volume, and remove this',
  },
  {
    id: 'meta.sidecar',
    annotation: 'hooks.kubevirt.io/hookSidecars',
    gate: 'Sidecar',
    instead: 'no sidecar changes the domain here, so write what it would set into the spec, and remove this',
  },
] as const;

export const metadataRules = [
  instanceRule({
    id: 'meta.labels',
    field: 'metadata.labels',
    source: '§7.4, §3.8',
    summary: 'labels that only the programs of this project may write',
    check: ({ metadata, metadataPath, byOurPrograms }) =>
      byOurPrograms
        ? []
        : RESTRICTED_LABELS.filter((label) => metadata.labels?.[label] !== undefined).map((label) =>
            notSupported(
              `${metadataPath}.labels[${label}]`,
              'only the programs of this project write this label: remove it',
            ),
          ),
  }),
  instanceRule({
    id: 'meta.owner',
    operations: ['CREATE'],
    field: 'metadata.ownerReferences',
    source: "none: an instance that names a VirtualMachine as its controller is taken for that one's guest",
    summary:
      'a VirtualMachine or VirtualMachineInstanceReplicaSet as the controller of an instance that virt-controller did not make',
    check: ({ metadata, metadataPath, byOurPrograms }) =>
      byOurPrograms
        ? []
        : ownersOfOurs(metadata).map((index) =>
            notSupported(
              `${metadataPath}.ownerReferences[${index}]`,
              `says that a ${metadata.ownerReferences?.[index]?.kind ?? ''} made this instance, which virt-controller alone writes: remove it, or start the VirtualMachine instead`,
            ),
          ),
  }),
  ...GATED_ANNOTATIONS.map(({ id, annotation, gate, instead }) =>
    instanceRule({
      id,
      field: `metadata.annotations[${annotation}]`,
      source: '§7.4',
      summary: `the annotation \`${annotation}\` while its feature gate is off`,
      check: ({ metadata, metadataPath, config }) =>
        metadata.annotations?.[annotation] && !config.hasFeatureGate(gate)
          ? [
              invalid(
                `${metadataPath}.annotations[${annotation}]`,
                `has no effect: ${instead} (KubeVirt takes it with the feature gate ${gate})`,
              ),
            ]
          : [],
    }),
  ),
];
