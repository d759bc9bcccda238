import { suggest } from '../../api/schema-check/suggest.js';
import { isVirtletKey, VIRTLET_KEYS } from '../../api/virtlet/annotations.js';
import { isInstanceAnnotation } from '../../api/vmi/kubevirt-annotations.js';
import { show } from '../../validators/rule/wording.js';
import { instanceWarning, type Warning } from './warning.js';

/** It distinguished Virtlet's pods from others; here it adds nothing. */
const RUNTIME = 'kubernetes.io/target-runtime';
const VIRTLET_RUNTIME = 'virtlet.cloud';

const keysOf = (annotations: Readonly<Record<string, string>> = {}): string[] =>
  Object.keys(annotations).filter(isVirtletKey);
/** KubeVirt reads these on instances only, too. */
const misplaced = (annotations: Readonly<Record<string, string>> = {}): string[] =>
  Object.keys(annotations).filter(isInstanceAnnotation);
const isActedOn = (key: string): boolean => VIRTLET_KEYS.some((known) => known === key);

export const virtletWarnings: readonly Warning[] = [
  {
    id: 'W-ANN-1',
    told: 'apply',
    kinds: ['VirtualMachine', 'VirtualMachineInstanceReplicaSet'],
    when: "an annotation of Virtlet's, or one of KubeVirt's for instances, stands on the object itself instead of in its template's metadata",
    source: 'docs/reference/density-and-cpu.md §3.4',
    check: ({ metadata }) =>
      [...keysOf(metadata.annotations), ...misplaced(metadata.annotations)].map((key) => ({
        field: `metadata.annotations[${key}]`,
        message: 'no effect here; move it to spec.template.metadata.annotations',
      })),
  },
  instanceWarning(
    'W-ANN-2',
    'apply',
    'docs/reference/density-and-cpu.md §3.4',
    `an annotation of Virtlet's that is not one of ${VIRTLET_KEYS.join(', ')}`,
    ({ metadata, metadataPath }) =>
      keysOf(metadata.annotations)
        .filter((key) => !isActedOn(key))
        .map((key) => {
          const near = suggest(key, VIRTLET_KEYS);
          const remedy = near === undefined ? 'remove it' : `did you mean ${near}?`;
          return {
            field: `${metadataPath}.annotations[${key}]`,
            message: `not acted on, so it has no effect; ${remedy}`,
          };
        }),
  ),
  instanceWarning(
    'W-ANN-3',
    'apply',
    'docs/reference/density-and-cpu.md §3.4',
    `annotation ${RUNTIME} names another runtime than Virtlet's`,
    ({ metadata, metadataPath }) => {
      const runtime = metadata.annotations?.[RUNTIME];
      return runtime === undefined || runtime === VIRTLET_RUNTIME
        ? []
        : [
            {
              field: `${metadataPath}.annotations[${RUNTIME}]`,
              message: `${show(runtime)} has no effect: every VM runs in a pod of its own; remove it`,
            },
          ];
    },
  ),
];
