import { childPath } from '../../api/cause.js';
import type { ObjectMeta } from '../../api/schema/meta.js';
import { both, invalid, NOTHING, required, type Finding } from '../rule/finding.js';
import { inEach } from '../rule/in-each.js';
import { labelFindings } from '../rule/label-selector.js';
import {
  isDnsLabel,
  isDnsSubdomain,
  isQualifiedName,
  KEY_REMEDY,
  LABEL_REMEDY,
  SUBDOMAIN_REMEDY,
} from '../rule/names.js';
import { ruleFamily, type Rule } from '../rule/rule.js';
import type { ObjectSubject } from '../rule/subject.js';
import { show } from '../rule/wording.js';

/*
 * An object's own metadata as Kubernetes checks it (k8s.io/apimachinery, pkg/api/validation/objectmeta.go). In a
 * cluster the API server has done so before it asks; offline nobody else does.
 */

const objectRule = ruleFamily<ObjectSubject, (metadata: ObjectMeta, subject: ObjectSubject) => readonly Finding[]>({
  kinds: ['VirtualMachineInstance', 'VirtualMachine', 'VirtualMachineInstanceReplicaSet', 'KubeVirt'],
  field: 'metadata.',
  source: "none: Kubernetes' own rule for objects",
  run: (subject, check) => check(subject.metadata, subject),
});

/** Bytes, keys and values together. */
const MAX_ANNOTATIONS = 256 * 1024;

/** Kubernetes lets an annotation's prefix have capitals. */
export const annotationKeyFindings = (
  annotations: Readonly<Record<string, string>> | undefined,
  path: string,
): readonly Finding[] =>
  annotations === undefined
    ? NOTHING
    : inEach(Object.keys(annotations), '', (key) =>
        isQualifiedName(key.toLowerCase())
          ? NOTHING
          : [invalid(childPath(path, key), `${show(key)} cannot be the key of an annotation: ${KEY_REMEDY}`)],
      );

const sizeFindings = ({ annotations }: ObjectMeta, { isInstance }: ObjectSubject): readonly Finding[] => {
  // A pod takes less still (meta.annotations-size).
  if (annotations === undefined || isInstance) return NOTHING;
  let bytes = 0;
  for (const key in annotations) bytes += Buffer.byteLength(key) + Buffer.byteLength(annotations[key] ?? '');
  return bytes <= MAX_ANNOTATIONS
    ? NOTHING
    : [
        invalid(
          'metadata.annotations',
          `have ${bytes} bytes: Kubernetes takes ${MAX_ANNOTATIONS}; move large values into a ConfigMap`,
        ),
      ];
};

const OWNER_TEXTS = ['apiVersion', 'kind', 'name', 'uid'] as const;

const ownerFindings = ({ ownerReferences }: ObjectMeta): readonly Finding[] => {
  const path = 'metadata.ownerReferences';
  const empty = inEach(ownerReferences, path, (owner, at) => {
    const lacks = OWNER_TEXTS.find((name) => owner[name] === '');
    return lacks === undefined
      ? NOTHING
      : [required(`${at}.${lacks}`, `is empty: write that of the owner, or remove the reference`)];
  });
  const [first, ...others] = (ownerReferences ?? []).flatMap(({ controller }, index) => (controller ? [index] : []));
  return both(
    empty,
    others.map((index) =>
      invalid(
        `${path}[${index}].controller`,
        `is true, as that of [${first ?? 0}] is, and an object has one controller: write false here`,
      ),
    ),
  );
};

const nameFindings = ({ name, generateName }: ObjectMeta): readonly Finding[] => {
  if (name) {
    return isDnsSubdomain(name)
      ? NOTHING
      : [invalid('metadata.name', `${show(name)} cannot be the name of an object: ${SUBDOMAIN_REMEDY}`)];
  }
  if (!generateName)
    return [
      required('metadata.name', 'is missing, and so is generateName: write the name of the object, such as "web"'),
    ];
  // The API server adds letters and digits, and shortens what is too long.
  return isDnsSubdomain(`${generateName.slice(0, 200)}a`)
    ? NOTHING
    : [
        invalid(
          'metadata.generateName',
          `${show(generateName)} cannot begin the name of an object: ${SUBDOMAIN_REMEDY}`,
        ),
      ];
};

export const objectMetadataRules: readonly Rule<ObjectSubject>[] = [
  objectRule({
    id: 'meta.name',
    field: '{name,generateName}',
    summary: 'a name that no object can have, or none',
    check: nameFindings,
  }),
  objectRule({
    id: 'meta.namespace',
    field: 'namespace',
    summary: 'a namespace whose name none can have',
    check: ({ namespace }) =>
      !namespace || isDnsLabel(namespace)
        ? NOTHING
        : [invalid('metadata.namespace', `${show(namespace)} cannot be the name of a namespace: ${LABEL_REMEDY}`)],
  }),
  objectRule({
    id: 'meta.label-form',
    field: 'labels',
    summary: 'labels that no object can have',
    check: ({ labels }) => labelFindings(labels, 'metadata.labels'),
  }),
  objectRule({
    id: 'meta.annotation-form',
    field: 'annotations',
    summary: 'annotations with a key that none can have, or of more than 256 KiB in all',
    check: (metadata, subject) =>
      both(annotationKeyFindings(metadata.annotations, 'metadata.annotations'), sizeFindings(metadata, subject)),
  }),
  objectRule({
    id: 'meta.owner-form',
    field: 'ownerReferences',
    summary: 'an owner that is not named in full, or two that are both the controller',
    check: ownerFindings,
  }),
  objectRule({
    id: 'meta.finalizers',
    field: 'finalizers',
    summary: 'a finalizer that nobody could remove by its name',
    check: ({ finalizers }) =>
      inEach(finalizers, 'metadata.finalizers', (name, path) =>
        isQualifiedName(name)
          ? NOTHING
          : [invalid(path, `${show(name)} cannot be the name of a finalizer: ${KEY_REMEDY}`)],
      ),
  }),
];
