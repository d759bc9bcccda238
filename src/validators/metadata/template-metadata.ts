import { childPath } from '../../api/cause.js';
import { labelFindings } from '../rule/label-selector.js';
import { isQualifiedName, KEY_REMEDY } from '../rule/names.js';
import { inEach, invalid, NOTHING, show, type Finding, type InstanceSubject, type Rule } from '../rule/rule.js';

/*
 * Labels and annotations of a template: the API server looks at an object's own only, so wrong ones would show when the
 * VMI is made of it.
 */

/** Kubernetes lets an annotation's prefix have capitals. */
const isAnnotationKey = (key: string): boolean => isQualifiedName(key.toLowerCase());

const templateRule = (
  id: string,
  field: string,
  summary: string,
  check: (subject: InstanceSubject) => readonly Finding[],
): Rule<InstanceSubject> => ({
  id,
  kinds: ['VirtualMachine', 'VirtualMachineInstanceReplicaSet'],
  field: `spec.template.metadata.${field}`,
  source: 'none: the VMI could not be made',
  since: '0.1',
  summary,
  check: (subject) => (subject.metadataPath === 'metadata' ? [] : check(subject)),
});

export const templateMetadataRules: readonly Rule<InstanceSubject>[] = [
  templateRule('tpl.labels', 'labels', 'labels of a template that no object can have', ({ metadata, metadataPath }) =>
    labelFindings(metadata.labels, `${metadataPath}.labels`),
  ),
  // How large they may be together is meta.annotations-size's.
  templateRule(
    'tpl.annotations',
    'annotations',
    'annotations of a template that no object can have',
    ({ metadata: { annotations }, metadataPath }) =>
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
  ),
];
