import { Label } from '../api/names.js';
import { instanceRule, invalid, notSupported } from './rule.js';

/** Labels that our programs find their objects by: a user who could write them could claim another's VM. */
export const RESTRICTED_LABELS: readonly string[] = [
  Label.createdBy,
  'kubevirt.io/migrationJobUID',
  Label.nodeName,
  'kubevirt.io/migrationTargetNodeName',
  Label.schedulable,
  'kubevirt.io/install-strategy',
];

const GATED_ANNOTATIONS = [
  { id: 'meta.ignition', annotation: 'kubevirt.io/ignitiondata', gate: 'ExperimentalIgnitionSupport' },
  { id: 'meta.sidecar', annotation: 'hooks.kubevirt.io/hookSidecars', gate: 'Sidecar' },
] as const;

export const metadataRules = [
  instanceRule(
    'meta.labels',
    'metadata.labels',
    '§7.4, §3.8',
    'labels that only the programs of this project may write',
    ({ metadata, metadataPath, byOurPrograms }) =>
      byOurPrograms
        ? []
        : RESTRICTED_LABELS.filter((label) => metadata.labels?.[label] !== undefined).map((label) =>
            notSupported(
              `${metadataPath}.labels[${label}]`,
              'only the programs of this project write this label: remove it',
            ),
          ),
  ),
  ...GATED_ANNOTATIONS.map(({ id, annotation, gate }) =>
    instanceRule(
      id,
      `metadata.annotations[${annotation}]`,
      '§7.4',
      `the annotation \`${annotation}\` while its feature gate is off`,
      ({ metadata, metadataPath, config }) =>
        metadata.annotations?.[annotation] && !config.hasFeatureGate(gate)
          ? [
              invalid(
                `${metadataPath}.annotations[${annotation}]`,
                `needs the feature gate ${gate}, which is off: remove the annotation, or enable the gate in the KubeVirt object`,
              ),
            ]
          : [],
    ),
  ),
];
