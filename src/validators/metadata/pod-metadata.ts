import { Annotation } from '../../api/names.js';
import { isLabelValue, VALUE_REMEDY } from '../rule/names.js';
import { invalid } from '../rule/finding.js';
import { instanceRule } from '../rule/rule.js';
import { show } from '../rule/wording.js';

/*
 * A VMI's annotations are copied to its pod, for which Kubernetes requires more than for a VMI: too late for the user
 * who wrote them.
 */

/** Bytes, keys and values together: Kubernetes' limit of all annotations of an object. */
const MAX_ANNOTATIONS = 256 * 1024;
/** Bytes left for the annotations that our programs, and the network's, add to the pod. */
const RESERVED = 4 * 1024;

/** kubectl's own are not copied to the pod; ours are what the rest is reserved for. */
const OF_KUBECTL = 'kubectl.kubernetes.io/';
const OURS: ReadonlySet<string> = new Set(Object.values(Annotation));
const userBytes = (annotations: Readonly<Record<string, string>>): number => {
  let bytes = 0;
  for (const [key, value] of Object.entries(annotations)) {
    if (!key.startsWith(OF_KUBECTL) && !OURS.has(key)) bytes += Buffer.byteLength(key) + Buffer.byteLength(value);
  }
  return bytes;
};

const INTEGER = /^(?:0|-?[1-9]\d{0,9})$/;
const isInt32 = (text: string): boolean => INTEGER.test(text) && Number(text) === (Number(text) | 0);

/** Annotations that mean something on pods, and what a pod may not say with them. */
const POD_ANNOTATIONS = [
  {
    annotation: 'kubernetes.io/config.mirror',
    problem: () => 'marks a pod that kubelet made from a file, and a launcher pod is none: remove it',
  },
  {
    annotation: 'controller.kubernetes.io/pod-deletion-cost',
    problem: (value: string) =>
      isInt32(value) ? undefined : `${show(value)} is no cost: write a whole number of 32 bits such as "100"`,
  },
  {
    annotation: 'sidecar.istio.io/inject',
    problem: (value: string) =>
      isLabelValue(value) ? undefined : `${show(value)} becomes a label of the pod and cannot: ${VALUE_REMEDY}`,
  },
] as const;

export const podMetadataRules = [
  instanceRule({
    id: 'meta.annotations-size',
    field: 'metadata.annotations',
    source: 'none: the pod would be refused',
    summary: `annotations of more than ${(MAX_ANNOTATIONS - RESERVED) / 1024} KiB in all`,
    check: ({ metadata, metadataPath }) => {
      const bytes = metadata.annotations === undefined ? 0 : userBytes(metadata.annotations);
      return bytes <= MAX_ANNOTATIONS - RESERVED
        ? []
        : [
            invalid(
              `${metadataPath}.annotations`,
              `have ${bytes} bytes: a pod takes ${MAX_ANNOTATIONS}, of which ${RESERVED} are the system's; move large values into a ConfigMap`,
            ),
          ];
    },
  }),
  instanceRule({
    id: 'meta.pod-annotations',
    field: 'metadata.annotations',
    source: "none: Kubernetes' own rule for pods",
    summary: `${POD_ANNOTATIONS.map(({ annotation }) => annotation).join(', ')} with a value that no pod can have`,
    check: ({ metadata: { annotations }, metadataPath }) =>
      annotations === undefined || !POD_ANNOTATIONS.some(({ annotation }) => annotations[annotation] !== undefined)
        ? []
        : POD_ANNOTATIONS.flatMap(({ annotation, problem }) => {
            const value = annotations[annotation];
            const found = value === undefined ? undefined : problem(value);
            return found === undefined ? [] : [invalid(`${metadataPath}.annotations[${annotation}]`, found)];
          }),
  }),
];
