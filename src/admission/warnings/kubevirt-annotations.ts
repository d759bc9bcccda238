import { suggest } from '../../api/schema-check/suggest.js';
import {
  INSTANCE_ANNOTATIONS,
  isInstanceAnnotation,
  isUnreadSwitch,
  NOT_ACTED_ON_ANNOTATIONS,
  SWITCH_ANNOTATIONS,
} from '../../api/vmi/kubevirt-annotations.js';
import { show } from '../../validators/rule/wording.js';
import { instanceWarning, type Warning } from './warning.js';

const PREFIX = /^(alpha\.|hooks\.)?kubevirt\.io\//i;

/**
 * What is wrong with an annotation of KubeVirt's; undefined where it is acted on, or means nothing to KubeVirt either.
 */
const remark = (key: string, value: string): string | undefined => {
  if (!PREFIX.test(key)) return undefined;
  if (Object.hasOwn(NOT_ACTED_ON_ANNOTATIONS, key)) {
    const entry = NOT_ACTED_ON_ANNOTATIONS[key];
    return entry === undefined || entry.unless?.test(value) === true ? undefined : `not acted on: ${entry.why}`;
  }
  const known = SWITCH_ANNOTATIONS.find((one) => one === key);
  if (known !== undefined)
    return isUnreadSwitch(known, value) ? `${show(value)} does not switch it on; write "true"` : undefined;
  if (isInstanceAnnotation(key)) return undefined;
  const near = suggest(key, INSTANCE_ANNOTATIONS);
  return near === undefined ? undefined : `means nothing; did you mean ${near}?`;
};

export const kubevirtAnnotationWarnings: readonly Warning[] = [
  instanceWarning(
    'W-ANN-4',
    'apply',
    'docs/reference/domain.md §8.6',
    'an annotation of KubeVirt’s that is not acted on, is misspelt, or has a value that switches nothing on',
    ({ metadata, metadataPath }) =>
      Object.entries(metadata.annotations ?? {}).flatMap(([key, value]) => {
        const message = remark(key, value);
        return message === undefined ? [] : [{ field: `${metadataPath}.annotations[${key}]`, message }];
      }),
  ),
];
