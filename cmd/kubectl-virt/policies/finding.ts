import type { PolicyCause } from '../../../src/policies/compile-policy.js';
import type { Finding } from '../offline/findings.js';
import type { Manifest } from '../offline/manifests.js';

/*
 * What is wrong with a policy, an exception or a test, at its place in the file.
 */

/** `spec.validations[0].expression` and `metadata.labels[a/b]`, one step after the other. */
const stepsOf = (path: string): string[] =>
  [...path.matchAll(/\[([^\]]*)\]|([^.[\]]+)/g)].map(([, bracketed, plain]) => bracketed ?? plain ?? '');

/** Own members only; undefined where there is none. */
export const valueAt = (object: unknown, path: string): unknown => {
  let at = object;
  for (const step of stepsOf(path)) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step)) return undefined;
    at = (at as Record<string, unknown>)[step];
  }
  return at;
};

/** Where a line and column of a text are in it, in UTF-16 units. */
const offsetOf = (text: string, line: number, column: number): number => {
  const lines = text.split('\n');
  const before = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
  const own = Array.from(lines[line - 1] ?? '')
    .slice(0, column - 1)
    .join('').length;
  return before + own;
};

const nameOf = ({ object }: Manifest): string => {
  const name = valueAt(object, 'metadata.name');
  return typeof name === 'string' ? name : '';
};

/** A message says `LINE:COLUMN: ` of the expression itself; in a file the place is the file's. */
const withoutPlace = (message: string): string => message.replace(/^\d+:\d+: /, '');

export const findingIn = (manifest: Manifest, cause: PolicyCause, severity: Finding['severity']): Finding => {
  const { field, message, rule, type, line, column, excerpt } = cause;
  const { file, object } = manifest;
  const text = valueAt(object, field);
  const isPlaced = line !== undefined && column !== undefined && typeof text === 'string';
  const place = isPlaced ? manifest.positionWithin(field, offsetOf(text, line, column)) : manifest.positionOf(field);
  return {
    ...{ file, ...place, severity, rule: rule ?? 'policy', type, field },
    ...{ message: isPlaced ? withoutPlace(message) : message, kind: String(object['kind']), name: nameOf(manifest) },
    ...(excerpt === undefined ? {} : { excerpt }),
  };
};
