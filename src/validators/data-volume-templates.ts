import type { DataVolumeTemplateSpec } from '../api/schema/virtualmachine.js';
import { invalid, required, show, type Finding, type MachineSubject, type Rule } from './rule.js';

const externallyFilled = ({ spec }: DataVolumeTemplateSpec): boolean =>
  [spec.pvc, spec.storage].some((target) => target?.dataSource ?? target?.dataSourceRef);

const targetFindings = ({ spec }: DataVolumeTemplateSpec, path: string): Finding[] => {
  if (!spec.pvc && !spec.storage)
    return [required(`${path}.spec.storage`, 'has no target: write storage with resources.requests.storage')];
  if (spec.pvc && spec.storage)
    return [invalid(`${path}.spec.pvc`, 'the target is both pvc and storage: keep storage')];
  return [];
};

const sourceFindings = (template: DataVolumeTemplateSpec, path: string): Finding[] => {
  const { source, sourceRef } = template.spec;
  if (externallyFilled(template)) {
    return source || sourceRef
      ? [
          invalid(
            `${path}.spec.source`,
            'the target has a dataSource already: remove source and sourceRef, or the dataSource',
          ),
        ]
      : [];
  }
  if (!source && !sourceRef)
    return [
      required(
        `${path}.spec.source`,
        'says not where the data comes from: write source (blank: {} for an empty disk) or sourceRef',
      ),
    ];
  if (!source) return [];
  const members = Object.keys(source);
  if (members.length === 1) return [];
  return [
    invalid(
      `${path}.spec.source`,
      members.length === 0
        ? 'is empty: write one source, such as blank: {} or registry'
        : `has ${members.length} sources (${members.join(', ')}): keep one`,
    ),
  ];
};

const useFindings = ({ vm }: MachineSubject, { metadata }: DataVolumeTemplateSpec, path: string): Finding[] => {
  const name = metadata?.name;
  if (!name)
    return [
      required(`${path}.metadata.name`, 'is missing: write the name that a dataVolume of the template refers to'),
    ];
  const used = (vm.spec.template.spec?.volumes ?? []).some(
    ({ dataVolume, persistentVolumeClaim }) => dataVolume?.name === name || persistentVolumeClaim?.claimName === name,
  );
  return used
    ? []
    : [
        required(
          path,
          `no volume of the template refers to ${show(name)}: add "dataVolume: {name: …}" to its volumes or remove this template`,
        ),
      ];
};

const namespaceFindings = ({ vm }: MachineSubject, { metadata }: DataVolumeTemplateSpec, path: string): Finding[] => {
  const [own, other] = [vm.metadata?.namespace, metadata?.namespace];
  return own && other && own !== other
    ? [invalid(`${path}.metadata.namespace`, `${show(other)} is not the VM's namespace ${show(own)}: remove it`)]
    : [];
};

export const dataVolumeTemplateRules: readonly Rule<MachineSubject>[] = [
  {
    id: 'vm.data-volume-template',
    kinds: ['VirtualMachine'],
    field: 'spec.dataVolumeTemplates[]',
    source: 'spec/admission.md §9.3 (dvt.*), §9.4 (vm.dvt-namespace)',
    since: '0.1',
    summary: 'a DataVolume template without name, target, exactly one source, or a volume that uses it',
    check: (subject) =>
      (subject.vm.spec.dataVolumeTemplates ?? []).flatMap((template, i) => {
        const path = `spec.dataVolumeTemplates[${i}]`;
        return [
          ...targetFindings(template, path),
          ...sourceFindings(template, path),
          ...useFindings(subject, template, path),
          ...namespaceFindings(subject, template, path),
        ];
      }),
  },
];
