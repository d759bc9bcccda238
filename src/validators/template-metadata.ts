import { childPath } from '../api/cause.js';
import { isLabelValue, isQualifiedName, KEY_REMEDY, VALUE_REMEDY } from './names.js';
import { invalid, show, type Finding, type InstanceSubject, type Rule } from './rule.js';

/*
 * Labels and annotations of a template: the API server looks at an object's own only, so wrong ones would show when the
 * VMI is made of it.
 */

/** Of all annotations of an object together, keys and values (Kubernetes' limit). */
const MAX_ANNOTATION_BYTES = 256 * 1024;
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
    Object.entries(metadata.labels ?? {}).flatMap(([key, value]) => {
      const field = childPath(`${metadataPath}.labels`, key);
      if (!isQualifiedName(key)) return [invalid(field, `${show(key)} cannot be the key of a label: ${KEY_REMEDY}`)];
      return isLabelValue(value)
        ? []
        : [invalid(field, `${show(value)} cannot be the value of a label: ${VALUE_REMEDY}`)];
    }),
  ),
  templateRule(
    'tpl.annotations',
    'annotations',
    'annotations of a template that no object can have',
    ({ metadata, metadataPath }) => {
      const entries = Object.entries(metadata.annotations ?? {});
      const wrong = entries.filter(([key]) => !isAnnotationKey(key));
      const bytes = entries.reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
      return [
        ...wrong.map(([key]) =>
          invalid(
            childPath(`${metadataPath}.annotations`, key),
            `${show(key)} cannot be the key of an annotation: ${KEY_REMEDY}`,
          ),
        ),
        ...(bytes > MAX_ANNOTATION_BYTES
          ? [
              invalid(
                `${metadataPath}.annotations`,
                `${bytes} bytes of annotations: at most ${MAX_ANNOTATION_BYTES} are possible, keys included`,
              ),
            ]
          : []),
      ];
    },
  ),
];
