import { because, invalid } from '../rule/finding.js';
import { instanceRule } from '../rule/rule.js';

/** Feature gates of old manuals that a cluster may switch off. A DataVolume template has its own rules. */

const switchedOff = (gate: string): string => `needs the feature gate ${gate}, which is switched off`;
/** The sources that may be block devices. */
const CLAIMS = ['persistentVolumeClaim', 'dataVolume'] as const;
const ENABLE = 'or remove the gate from disabledFeatureGates in the KubeVirt object';

export const storageGateRules = [
  instanceRule({
    id: 'disk.block-gate',
    field: '$.domain.devices.disks[].lun',
    source: 'docs/reference/user-guides.md §3.3',
    summary: 'a `lun` while its feature gate is switched off',
    check: ({ path, spec, config }) =>
      config.hasFeatureGate('BlockVolume')
        ? []
        : (spec.domain.devices.disks ?? []).flatMap(({ name, lun }, i) => {
            const index = spec.volumes?.findIndex((one) => one.name === name) ?? -1;
            // Another source cannot be a lun at all, which disk.lun-source says.
            const source = CLAIMS.find((claim) => spec.volumes?.[index]?.[claim]);
            return lun && source
              ? because(`${path}.volumes[${index}].${source}`, [
                  invalid(
                    `${path}.domain.devices.disks[${i}].lun`,
                    `${switchedOff('BlockVolume')}: write "disk: {}", ${ENABLE}`,
                  ),
                ])
              : [];
          }),
  }),
  instanceRule({
    id: 'vol.dv-gate',
    field: '$.volumes[].dataVolume',
    source: 'docs/reference/user-guides.md §3.4',
    summary: 'a dataVolume while its feature gate is switched off',
    check: ({ path, spec, config }) =>
      config.hasFeatureGate('DataVolumes')
        ? []
        : (spec.volumes ?? []).flatMap(({ dataVolume }, i) =>
            dataVolume
              ? [
                  invalid(
                    `${path}.volumes[${i}].dataVolume`,
                    `${switchedOff('DataVolumes')}: use a persistentVolumeClaim, ${ENABLE}`,
                  ),
                ]
              : [],
          ),
  }),
];
