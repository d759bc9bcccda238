import { GROUP, STORED_VERSION } from '../../api/names.js';
import { instanceWarning, kubevirtWarning, type Warning } from './warning.js';

const PRESET = 'virtualmachinepreset';

export const deprecationWarnings: readonly Warning[] = [
  {
    id: 'W-DEP-1',
    told: 'apply',
    kinds: ['VirtualMachine'],
    when: '`spec.running` is set',
    source: 'docs/reference/admission.md §2.5 (warn.vm-running)',
    check: ({ running }) =>
      running === undefined
        ? []
        : [
            {
              field: 'spec.running',
              message: `deprecated; write spec.runStrategy: ${running ? 'Always' : 'Halted'} instead`,
            },
          ],
  },
  instanceWarning(
    'W-DEP-2',
    'apply',
    'docs/reference/admission.md §2.5 (warn.preset)',
    `the key of an annotation contains \`${PRESET}\``,
    ({ metadata, metadataPath }) =>
      Object.keys(metadata.annotations ?? {})
        .filter((key) => key.includes(PRESET))
        .map((key) => ({
          field: `${metadataPath}.annotations[${key}]`,
          message: 'presets are not applied (any more); write what the preset says into the spec',
        })),
  ),
  {
    id: 'W-DEP-3',
    told: 'apply',
    kinds: ['VirtualMachineInstance', 'VirtualMachine', 'VirtualMachineInstanceReplicaSet', 'KubeVirt'],
    when: `\`apiVersion\` is not ${GROUP}/${STORED_VERSION}. In a cluster the API server says it instead, from the CustomResourceDefinition`,
    source: 'docs/reference/admission.md §2.5',
    // The API server converts what it sends us, so this never says in a cluster again what it says there.
    check: ({ apiVersion }) =>
      apiVersion === `${GROUP}/${STORED_VERSION}`
        ? []
        : [
            {
              field: 'apiVersion',
              message: `deprecated; write ${GROUP}/${STORED_VERSION}, the schema is the same`,
            },
          ],
  },
  kubevirtWarning(
    'W-DEP-4',
    'apply',
    'docs/reference/admission.md §14.6',
    'settings for the architecture ppc64le',
    ({ spec }) =>
      spec.configuration?.architectureConfiguration?.ppc64le === undefined
        ? []
        : [
            {
              field: 'spec.configuration.architectureConfiguration.ppc64le',
              message: 'no effect, as VMs of ppc64le are refused; remove it',
            },
          ],
  ),
  instanceWarning(
    'W-ROM-1',
    'apply',
    'docs/reference/user-guides.md §3.2',
    'a CD-ROM that the guest is to write to, or the misspelt `cdrom.readOnly`',
    ({ path, spec }) =>
      (spec.domain.devices.disks ?? []).flatMap(({ cdrom }, index) => {
        const field = `${path}.domain.devices.disks[${index}].cdrom`;
        if (cdrom?.readOnly !== undefined)
          return [
            { field: `${field}.readOnly`, message: 'misspelt; write readonly. The guest cannot write to a CD-ROM' },
          ];
        return cdrom?.readonly === false
          ? [
              {
                field: `${field}.readonly`,
                message: 'no guest can write to a CD-ROM; write disk: {} for a disk it can',
              },
            ]
          : [];
      }),
  ),
  instanceWarning(
    'W-GFX-1',
    'apply',
    'docs/reference/density-and-cpu.md §6.1; docs/reference/user-guides.md §1.1',
    'the misspelt `autottachGraphicsDevice` is used',
    ({ path, spec }) =>
      spec.domain.devices.autottachGraphicsDevice === undefined
        ? undefined
        : {
            field: `${path}.domain.devices.autottachGraphicsDevice`,
            message: 'misspelt; write autoattachGraphicsDevice',
          },
  ),
];
