import { isDeepStrictEqual } from 'node:util';
import type { DataVolumeTemplateSpec } from '../../api/schema/virtualmachine.js';
import { isDnsSubdomain, SUBDOMAIN_REMEDY } from '../rule/names.js';
import { duplicate, forbidden, invalid, NOTHING, required, type Finding } from '../rule/finding.js';
import { inEach } from '../rule/in-each.js';
import { ruleFamily, type Rule } from '../rule/rule.js';
import type { MachineSubject } from '../rule/subject.js';
import { show } from '../rule/wording.js';

const LIST = 'spec.dataVolumeTemplates';

type TemplateCheck = (template: DataVolumeTemplateSpec, path: string, index: number) => Finding | undefined;

/**
 * A rule on each template. What a check needs to know of the whole VM it finds out once: there is no limit to how many
 * there are.
 */
export const templateRule = ruleFamily<MachineSubject, (subject: MachineSubject) => TemplateCheck>({
  kinds: ['VirtualMachine'],
  field: `${LIST}[]`,
  source: 'docs/reference/admission.md §9.3',
  run: (subject, checkOf) => {
    const check = checkOf(subject);
    return inEach(subject.vm.spec.dataVolumeTemplates, LIST, (template, path, i) => {
      const found = check(template, path, i);
      return found === undefined ? NOTHING : [found];
    });
  },
});

const nameOf = ({ metadata }: DataVolumeTemplateSpec): string => metadata?.name ?? '';

export const externallyFilled = ({ spec }: DataVolumeTemplateSpec): boolean =>
  [spec.pvc, spec.storage].some((target) => target?.dataSource ?? target?.dataSourceRef);

const sourceFinding = (template: DataVolumeTemplateSpec, path: string): Finding | undefined => {
  const { source, sourceRef } = template.spec;
  const field = `${path}.spec.source`;
  if (externallyFilled(template)) {
    const also = source ? 'source' : sourceRef ? 'sourceRef' : undefined;
    return also === undefined
      ? undefined
      : invalid(`${path}.spec.${also}`, `the target has a dataSource already: remove ${also}, or the dataSource`);
  }
  if (!source && !sourceRef)
    return required(
      field,
      'is missing, and so is sourceRef: write where the data comes from; "blank: {}" makes an empty disk',
    );
  if (!source) return undefined;
  if (sourceRef) return invalid(`${path}.spec.sourceRef`, 'the data has a source already: keep source or sourceRef');
  const members = Object.keys(source);
  if (members.length === 1) return undefined;
  return invalid(
    field,
    members.length === 0
      ? 'is empty: write where the data comes from; "blank: {}" makes an empty disk'
      : `has ${members.length} sources (${members.join(', ')}): keep one`,
  );
};

/** The DataVolumes and claims that volumes refer to. */
const usedNames = ({ vm }: MachineSubject): ReadonlySet<string | undefined> =>
  new Set(
    (vm.spec.template.spec?.volumes ?? []).flatMap(({ dataVolume, persistentVolumeClaim }) => [
      dataVolume?.name,
      persistentVolumeClaim?.claimName,
    ]),
  );

/** The first position of each name. */
const firstPositions = ({ vm }: MachineSubject): ReadonlyMap<string, number> => {
  const first = new Map<string, number>();
  for (const [i, template] of (vm.spec.dataVolumeTemplates ?? []).entries()) {
    const name = nameOf(template);
    if (!first.has(name)) first.set(name, i);
  }
  return first;
};

const ourOwn = 'none: the DataVolume could not be made';

export const dataVolumeTemplateRules: readonly Rule<MachineSubject>[] = [
  templateRule({
    id: 'dvt.name',
    field: '.metadata.name',
    summary: 'a DataVolume template without a name',
    check: () => (template, path) =>
      nameOf(template)
        ? undefined
        : required(`${path}.metadata.name`, 'is missing: write the name that a dataVolume among the volumes refers to'),
  }),
  templateRule({
    id: 'dvt.name-form',
    field: '.metadata.name',
    source: ourOwn,
    summary: 'a DataVolume template whose name no object can have',
    check: () => (template, path) => {
      const name = nameOf(template);
      return !name || isDnsSubdomain(name)
        ? undefined
        : invalid(`${path}.metadata.name`, `${show(name)} cannot be the name of a DataVolume: ${SUBDOMAIN_REMEDY}`);
    },
  }),
  templateRule({
    id: 'dvt.name-unique',
    field: '.metadata.name',
    source: ourOwn,
    summary: 'two DataVolume templates of the same name',
    check: (subject) => {
      const firsts = firstPositions(subject);
      return (template, path, index) => {
        const name = nameOf(template);
        const first = firsts.get(name);
        return !name || first === index
          ? undefined
          : duplicate(
              `${path}.metadata.name`,
              `${show(name)} is also the name of dataVolumeTemplates[${first ?? 0}]: give each its own`,
            );
      };
    },
  }),
  templateRule({
    id: 'dvt.no-target',
    field: '.spec.storage',
    summary: 'a DataVolume template without a target',
    check:
      () =>
      ({ spec }, path) =>
        spec.pvc || spec.storage
          ? undefined
          : required(
              `${path}.spec.storage`,
              'is missing, and so is pvc: write storage with resources.requests.storage',
            ),
  }),
  templateRule({
    id: 'dvt.two-targets',
    field: '.spec.pvc',
    summary: 'a DataVolume template with two targets',
    check:
      () =>
      ({ spec }, path) =>
        spec.pvc && spec.storage
          ? invalid(`${path}.spec.pvc`, 'is set beside storage, and a DataVolume has one target: keep storage')
          : undefined,
  }),
  templateRule({
    id: 'dvt.source',
    field: '.spec.source',
    source:
      'docs/reference/admission.md §9.3 (dvt.external-and-source, dvt.no-source, dvt.source-empty, dvt.source-many)',
    summary: 'a DataVolume template without exactly one place where its data comes from',
    check: () => sourceFinding,
  }),
  templateRule({
    id: 'dvt.unreferenced',
    summary: 'a DataVolume template that no volume uses',
    check: (subject) => {
      const used = usedNames(subject);
      return (template, path) => {
        const name = nameOf(template);
        return !name || used.has(name)
          ? undefined
          : required(
              path,
              `no volume refers to ${show(name)}: add one with "dataVolume: {name: …}", or remove this template`,
            );
      };
    },
  }),
  templateRule({
    id: 'vm.dvt-namespace',
    field: '.metadata.namespace',
    source: 'docs/reference/admission.md §9.4',
    summary: 'a DataVolume template in a namespace other than that of the VM',
    check: ({ vm, old, namespace }) => {
      const own = vm.metadata?.namespace || namespace;
      const isNew = () =>
        old === undefined || !isDeepStrictEqual(old.spec?.dataVolumeTemplates, vm.spec.dataVolumeTemplates);
      let judged: boolean | undefined;
      return ({ metadata }, path) => {
        const other = metadata?.namespace;
        if (!own || !other || own === other) return undefined;
        // What was stored so before this rule stays changeable.
        if (!(judged ??= isNew())) return undefined;
        return invalid(
          `${path}.metadata.namespace`,
          `${show(other)} is not the namespace of the VM, ${show(own)}: remove it`,
        );
      };
    },
  }),
  templateRule({
    id: 'dvt.block-gate',
    field: '.spec.{storage,pvc}.volumeMode',
    source: 'docs/reference/user-guides.md §3.3',
    summary: 'a block device made by a DataVolume template while its feature gate is switched off',
    check:
      ({ config }) =>
      ({ spec }, path) => {
        const target = (['storage', 'pvc'] as const).find((name) => spec[name]?.volumeMode === 'Block');
        return target === undefined || config.hasFeatureGate('BlockVolume')
          ? undefined
          : invalid(
              `${path}.spec.${target}.volumeMode`,
              'needs the feature gate BlockVolume, which is switched off: write Filesystem, or remove the gate from disabledFeatureGates in the KubeVirt object',
            );
      },
  }),
  {
    id: 'dvt.gate',
    kinds: ['VirtualMachine'],
    field: LIST,
    source: 'docs/reference/user-guides.md §3.4',
    since: '0.1',
    summary: 'DataVolume templates while their feature gate is switched off',
    check: ({ vm, config }) =>
      (vm.spec.dataVolumeTemplates ?? []).length === 0 || config.hasFeatureGate('DataVolumes')
        ? []
        : [
            forbidden(
              LIST,
              'need the feature gate DataVolumes, which is switched off: make the claims yourself and remove the templates, or remove the gate from disabledFeatureGates in the KubeVirt object',
            ),
          ],
  },
];
