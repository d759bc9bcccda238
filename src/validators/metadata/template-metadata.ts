import { childPath } from '../../api/cause.js';
import { labelFindings } from '../rule/label-selector.js';
import { isQualifiedName, KEY_REMEDY } from '../rule/names.js';
import { invalid, NOTHING, type Finding } from '../rule/finding.js';
import { inEach } from '../rule/in-each.js';
import { ruleFamily, type Rule } from '../rule/rule.js';
import type { InstanceSubject } from '../rule/subject.js';
import { show } from '../rule/wording.js';

/*
 * Labels and annotations of a template: the API server looks at an object's own only, so wrong ones would show when the
 * VMI is made of it.
 */

/** Kubernetes lets an annotation's prefix have capitals. */
const isAnnotationKey = (key: string): boolean => isQualifiedName(key.toLowerCase());

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
      annotations === undefined
        ? NOTHING
        : inEach(Object.keys(annotations), '', (key) =>
            isAnnotationKey(key)
              ? NOTHING
              : [
                  invalid(
                    childPath(`${metadataPath}.annotations`, key),
                    `${show(key)} cannot be the key of an annotation: ${KEY_REMEDY}`,
                  ),
                ],
          ),
  }),
];
