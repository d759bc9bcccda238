import type { Cause } from '../../../src/api/cause.js';
import { errorsBySchema } from '../../../src/api/schema-check/check-schema.js';
import type { Finding } from '../offline/findings.js';
import type { Manifest } from '../offline/manifests.js';
import { findingIn, valueAt } from './finding.js';
import { FILE_REFERENCE_SCHEMA, POLICY_TEST_SCHEMA, type PolicyTest } from './test-schema.js';

/*
 * A file of tests, read: what is wrong with it is said at its places.
 */

export interface ReadTests {
  /** Undefined where something is wrong. */
  readonly test: PolicyTest | undefined;
  readonly findings: readonly Finding[];
}

/** What is not tested yet, each with the reason: a field in silence would be a test that tests nothing. */
const LATER: Readonly<Record<string, string>> = {
  patch: 'policies do not change objects in this version; leave it out',
  mutated: 'policies do not change objects in this version; leave it out',
};

const later = (object: unknown, causes: readonly Cause[]): Cause[] =>
  causes.map((cause) => {
    const [, last = ''] = /\.([a-z]+)$/i.exec(cause.field) ?? [];
    const reason = Object.hasOwn(LATER, last) && valueAt(object, cause.field) !== undefined ? LATER[last] : undefined;
    return reason === undefined ? cause : { ...cause, message: `${cause.field}: ${reason}` };
  });

/** Inline it has a kind; else it names a file. */
export const isInline = (object: Readonly<Record<string, unknown>>): boolean => Object.hasOwn(object, 'apiVersion');

const empty = (test: PolicyTest): Cause[] =>
  (['policies', 'cases'] as const)
    .filter((field) => test[field].length === 0)
    .map((field) => ({
      ...{ type: 'FieldValueRequired', field, rule: 'test.empty' },
      message: `${field} is empty; a test of nothing passes whatever happens`,
    }));

const wrongReferences = (test: PolicyTest): Cause[] =>
  test.cases.flatMap((each, i) =>
    (['object', 'oldObject'] as const).flatMap((name) => {
      const object = each[name];
      if (object === undefined || isInline(object)) return [];
      return errorsBySchema(FILE_REFERENCE_SCHEMA, object).map((cause) => {
        const at = `cases[${i}].${name}`;
        return {
          ...cause,
          field: cause.field === '' ? at : `${at}.${cause.field}`,
          message: `${at}: ${cause.message}; write file: and what is set, or the object itself with its apiVersion`,
        };
      });
    }),
  );

const wrongCases = (test: PolicyTest): Cause[] => {
  const seen = new Set<string>();
  return test.cases.flatMap(({ name, operation, oldObject }, i): Cause[] => {
    const causes: Cause[] = [];
    const field = `cases[${i}].name`;
    if (seen.has(name)) {
      const message = `${field} is ${JSON.stringify(name)}, as another is; give each a name of its own`;
      causes.push({ type: 'FieldValueDuplicate', field, message, rule: 'test.name' });
    }
    seen.add(name);
    if ((operation === 'UPDATE') !== (oldObject !== undefined) && operation !== undefined) {
      const message = `cases[${i}].operation is ${operation}; an UPDATE has an oldObject, a CREATE has none`;
      causes.push({ type: 'FieldValueInvalid', field: `cases[${i}].operation`, message, rule: 'test.operation' });
    }
    return causes;
  });
};

export const readTests = (manifest: Manifest): ReadTests => {
  const wrong = later(manifest.object, errorsBySchema(POLICY_TEST_SCHEMA, manifest.object));
  const test = manifest.object as unknown as PolicyTest;
  const causes = wrong.length > 0 ? wrong : [...empty(test), ...wrongReferences(test), ...wrongCases(test)];
  return {
    test: causes.length > 0 ? undefined : test,
    findings: causes.map((cause) => findingIn(manifest, cause, 'error')),
  };
};
