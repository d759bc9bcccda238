import { labelFindings } from '../rule/label-selector.js';
import { NOTHING, type Finding } from '../rule/finding.js';
import { ruleFamily, type Rule } from '../rule/rule.js';
import type { InstanceSubject } from '../rule/subject.js';
import { annotationKeyFindings } from './object-metadata.js';

/*
 * Labels and annotations of a template: the API server looks at an object's own only, so wrong ones would show when the
 * VMI is made of it.
 */

const templateRule = ruleFamily<InstanceSubject, (subject: InstanceSubject) => readonly Finding[]>({
  kinds: ['VirtualMachine', 'VirtualMachineInstanceReplicaSet'],
  field: 'spec.template.metadata.',
  source: 'none: the VMI could not be made',
  run: (subject, check) => (subject.metadataPath === 'metadata' ? NOTHING : check(subject)),
});

export const templateMetadataRules: readonly Rule<InstanceSubject>[] = [
  templateRule({
    id: 'tpl.labels',
    field: 'labels',
    summary: 'labels of a template that no object can have',
    check: ({ metadata, metadataPath }) => labelFindings(metadata.labels, `${metadataPath}.labels`),
  }),
  // How large they may be together is meta.annotations-size's.
  templateRule({
    id: 'tpl.annotations',
    field: 'annotations',
    summary: 'annotations of a template that no object can have',
    check: ({ metadata: { annotations }, metadataPath }) =>
      annotationKeyFindings(annotations, `${metadataPath}.annotations`),
  }),
];
