import type { KubeVirtConfiguration } from '../../api/schema/kubevirt-configuration.js';
import { isQuantity, parseQuantity } from '../../api/quantity.js';
import { suggest } from '../../api/schema-check/suggest.js';
import { invalid, type Finding } from '../rule/finding.js';
import { ruleFamily, type Rule } from '../rule/rule.js';
import type { KubeVirtSubject } from '../rule/subject.js';
import { show } from '../rule/wording.js';

/* Rules on settings of one sort: numbers, words, quantities. */

export const ROOT = 'spec.configuration';
const OWN = 'none: the setting would not work';

export const kubevirtRule = ruleFamily<
  KubeVirtSubject,
  (configuration: KubeVirtConfiguration, subject: KubeVirtSubject) => readonly Finding[]
>({
  kinds: ['KubeVirt'],
  source: OWN,
  run: (subject, check) => check(subject.kubevirt.spec.configuration ?? {}, subject),
});

/** A member of the configuration by its path below it. The object fits the schema, and the paths are of the schema. */
const read = (configuration: KubeVirtConfiguration, path: string): unknown =>
  path
    .split('.')
    .reduce<unknown>((value, step) => (value as Record<string, unknown> | undefined)?.[step], configuration);

/** A whole number that must not be below `minimum`. */
export const numberRule = (id: string, path: string, minimum: number, meaning: string): Rule<KubeVirtSubject> =>
  kubevirtRule({
    id,
    field: `${ROOT}.${path}`,
    summary: `a value of \`${path}\` below ${minimum}`,
    check: (configuration) => {
      const value = read(configuration, path);
      return typeof value !== 'number' || value >= minimum
        ? []
        : [invalid(`${ROOT}.${path}`, `${value} cannot be ${meaning}: write ${minimum} or more, or leave it out`)];
    },
  });

/** A text that must be one of a few words. Absent and empty stand for the default. */
export const wordRule = (id: string, path: string, words: readonly string[]): Rule<KubeVirtSubject> =>
  kubevirtRule({
    id,
    field: `${ROOT}.${path}`,
    summary: `a value of \`${path}\` that does not exist`,
    check: (configuration) => {
      const value = read(configuration, path);
      if (typeof value !== 'string' || value === '' || words.includes(value)) return [];
      const near = suggest(value, words);
      const hint = near === undefined ? '' : ` (did you mean "${near}"?)`;
      return [
        invalid(`${ROOT}.${path}`, `${show(value)} does not exist here: write one of ${words.join(', ')}${hint}`),
      ];
    },
  });

/** A quantity that must not be below `least`. */
export const quantityRule = (id: string, path: string, least: string, meaning: string): Rule<KubeVirtSubject> =>
  kubevirtRule({
    id,
    field: `${ROOT}.${path}`,
    summary: `a value of \`${path}\` below ${least}`,
    check: (configuration) => {
      const value = read(configuration, path);
      if (!isQuantity(value) || parseQuantity(value).nanos >= parseQuantity(least).nanos) return [];
      return [invalid(`${ROOT}.${path}`, `${show(value)} is too little for ${meaning}: write ${least} or more`)];
    },
  });
