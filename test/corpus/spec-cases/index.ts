import type { Discrepancy } from '../../../scripts/difference.js';
import { manifest } from '../../../src/validators/rule/example-manifest.js';
import { discrepancies, placesOfDifference } from '../compare.js';
import { admitObject } from '../corpus.js';
import { defaultCases } from './defaults.js';
import { deviceCases } from './devices.js';
import { ruleCases } from './rules.js';
import { schedulingCases } from './scheduling.js';
import { schemaCases } from './schema.js';
import type { SpecCase } from './spec-case.js';

export const SPEC_CASES: readonly SpecCase[] = [
  ...defaultCases,
  ...ruleCases,
  ...deviceCases,
  ...schedulingCases,
  ...schemaCases,
];

const valueAt = (object: unknown, path: string): unknown => {
  let at = object;
  for (const step of path.split(/[.[\]]+/).filter(Boolean)) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step)) return undefined;
    at = (at as Readonly<Record<string, unknown>>)[step];
  }
  return at;
};

export const answerTo = (one: SpecCase) => {
  const { kind, change, gates = [], config, annotations } = one;
  return admitObject(manifest(change, kind), gates, {
    allowNotActedOn: true,
    ...(kind === undefined ? {} : { kind }),
    ...(config === undefined ? {} : { configuration: config }),
    ...(annotations === undefined ? {} : { annotations }),
  });
};

/** Where our answer differs from what the specification says of the reference. */
export const discrepanciesOf = (one: SpecCase): Discrepancy[] => {
  const { name, kind = 'VirtualMachineInstance', refuses = [], becomes = {} } = one;
  const answer = answerTo(one);
  const object: unknown = JSON.parse(JSON.stringify(answer.object));
  const defaults = Object.entries(becomes).flatMap(([path, theirs]) =>
    placesOfDifference(valueAt(object, path), theirs, path).map(
      (place) => ({ object: kind, name, kind: 'default', ...place }) as const,
    ),
  );
  return [
    ...discrepancies({ causes: answer.causes }, { name, kind, allowed: refuses.length === 0, fields: refuses }),
    ...defaults,
  ];
};
