import { dirname, isAbsolute, join } from 'node:path';
import { effectiveSpec } from '../../../src/admission/effective.js';
import type { PolicyCause } from '../../../src/policies/compile-policy.js';
import { INSTALL_NAMESPACE } from '../../../src/api/names.js';
import { ownRulesOf } from '../../../src/admission/warnings/own-rules.js';
import { builtinId } from '../../../src/policies/builtin.js';
import { isBeingDeleted, isExemptNamespace } from '../../../src/policies/exempt.js';
import { needsOf } from '../../../src/policies/needs.js';
import { questionOf } from '../../../src/policies/question.js';
import { isRefused, ruleOf, verdictOf, type Finding as Violation } from '../../../src/policies/verdict.js';
import { suggest } from '../../../src/api/schema-check/suggest.js';
import type { ClusterConfig } from '../../../src/api/settings/cluster-config.js';
import { isCliError, messageOf } from '../errors.js';
import type { Io } from '../io.js';
import type { Finding } from '../offline/findings.js';
import type { Manifest } from '../offline/manifests.js';
import { Coverage } from './coverage.js';
import { compareCase } from './compare-case.js';
import { findingIn } from './finding.js';
import { readGiven, type Given } from './given.js';
import { namespaceOf } from './judge.js';
import { CaseError, ObjectReader, type TestObject } from './test-objects.js';
import { readTests } from './test-file.js';
import type { PolicyTest, TestCase, TestVerdict } from './test-schema.js';

/*
 * Tests of policies, run: every case is judged by the function that judges in the webhook.
 */

export interface CaseResult {
  readonly name: string;
  readonly line: number;
  readonly column: number;
  readonly verdict: TestVerdict;
  /** Where it is not as expected; none: it passed. */
  readonly problems: readonly string[];
  /** The rules that failed. */
  readonly rules: readonly string[];
}

export interface FileResult {
  readonly file: string;
  /** Why it, or some of its cases, could not be run. */
  readonly errors: readonly Finding[];
  readonly cases: readonly CaseResult[];
  /** What was read for it, for who watches. */
  readonly read: readonly string[];
}

const verdictWord = (findings: readonly Violation[], warnings: number): TestVerdict => {
  const refused = findings.filter(isRefused);
  if (refused.some(({ outcome }) => outcome === 'error')) return 'Error';
  if (refused.length > 0) return 'Deny';
  return warnings > 0 ? 'Warn' : 'Allow';
};

/** All that a finding can be of, of these policies. */
const rulesOf = ({ policies }: Given): ReadonlySet<string> =>
  new Set(
    policies.flatMap((policy) =>
      [
        ...[...policy.validations, ...policy.conditions, { name: 'match' }],
        ...(policy.spec.builtin ?? []).map((entry) => ({ name: builtinId(entry) })),
      ].map(({ name }) => ruleOf({ policy, name })),
    ),
  );

/** A misspelt rule in an expectation would be a case that nothing can fail. */
const unknownRules = (test: PolicyTest, rules: ReadonlySet<string>): PolicyCause[] =>
  test.cases.flatMap(({ expect }, i) =>
    (['causes', 'excepted'] as const).flatMap((list) =>
      (expect[list] ?? []).flatMap(({ rule }, j): PolicyCause[] => {
        if (rules.has(rule)) return [];
        const near = suggest(rule, rules);
        const instead =
          near === undefined ? `write policy/NAME/VALIDATION of ${test.policies.join(', ')}` : `did you mean ${near}?`;
        const field = `cases[${i}].expect.${list}[${j}].rule`;
        const message = `${field} is ${JSON.stringify(rule)}, which no policy here has; ${instead}`;
        return [{ type: 'FieldValueNotFound', field, message, rule: 'test.rule' }];
      }),
    ),
  );

interface Prepared {
  readonly given: Given;
  readonly test: PolicyTest;
  readonly now: number;
  readonly objects: ObjectReader;
  readonly config: ClusterConfig;
  readonly coverage: Coverage;
}

/** The namespace of a case, as far as the file says it. */
const namespaceFor = ({ namespace }: TestCase, { namespaces = {} }: PolicyTest, object: TestObject): string => {
  const declared = Object.keys(namespaces);
  return namespace ?? namespaceOf(object.object, declared.length === 1 ? (declared[0] ?? 'default') : 'default');
};

const needOf = (given: Given, need: 'namespace' | 'user'): string | undefined =>
  given.policies.find((policy) => needsOf(policy)[need])?.name;

/** Where the webhook asks no policy. */
const isNobodysBusiness = (namespace: string, old: TestObject | undefined): boolean =>
  isExemptNamespace(namespace, INSTALL_NAMESPACE) || isBeingDeleted(old?.object);

/** The stored object of a case. One that is being deleted has been stored: alone it is its own update. */
const storedOf = (each: TestCase, object: TestObject, old: TestObject | undefined): TestObject | undefined => {
  if (!isBeingDeleted(object.object) || isBeingDeleted(old?.object)) return old;
  if (old === undefined && each.operation !== 'CREATE') return object;
  const why = old === undefined ? 'what is created is not being deleted' : 'the stored object has none, and it counts';
  throw new CaseError('object', `metadata.deletionTimestamp: ${why}; write it in oldObject, or take it out`);
};

/** @throws CaseError for a case that cannot be judged */
const runCase = async (
  each: TestCase,
  { given, test, now, objects, config, coverage }: Prepared,
): Promise<Omit<CaseResult, 'line' | 'column'>> => {
  const object = await objects.read(each.object, 'object');
  const written = each.oldObject === undefined ? undefined : await objects.read(each.oldObject, 'oldObject');
  const old = storedOf(each, object, written);
  const namespace = namespaceFor(each, test, object);
  const known = Object.hasOwn(test.namespaces ?? {}, namespace) ? test.namespaces?.[namespace] : undefined;
  const asksNamespace = needOf(given, 'namespace');
  if (known === undefined && asksNamespace !== undefined)
    throw new CaseError(
      'namespace',
      `policy ${asksNamespace} asks for the namespace; write namespaces: {${namespace}: {labels: {…}}}`,
    );
  const user = each.user ?? test.user;
  const asksUser = needOf(given, 'user');
  if (user === undefined && asksUser !== undefined)
    throw new CaseError('user', `policy ${asksUser} asks who the user is; write user: {name: alice, groups: […]}`);
  const question = questionOf({
    ...{ kind: object.kind, object: object.object, oldObject: old?.object, operation: each.operation, namespace, user },
    ...{
      namespaceLabels: known === undefined ? undefined : (known.labels ?? {}),
      namespaceAnnotations: known?.annotations,
    },
  });
  const verdict = verdictOf({
    ...question,
    ...given,
    effective: effectiveSpec(object.kind, { config, namespace }),
    ...(isNobodysBusiness(namespace, old) ? { policies: [] } : {}),
    now,
    own: ownRulesOf(
      {
        kind: object.kind,
        operation: question.subject.operation,
        object: object.object,
        oldObject: old?.object,
        namespace,
      },
      { config },
      object.causes,
    ),
    passed: (policy, name) => coverage.passed(ruleOf({ policy, name })),
    met: coverage.met,
  });
  for (const violation of verdict.findings) if (violation.outcome !== 'error') coverage.failed(ruleOf(violation));
  const word = verdictWord(verdict.findings, verdict.warnings.length);
  return {
    ...{ name: each.name, verdict: word, problems: compareCase(each.expect, word, verdict.findings) },
    rules: verdict.findings.filter(({ outcome }) => outcome !== 'excepted').map(ruleOf),
  };
};

/** The manifest of a file of tests, with what its paths are relative to. */
export const runFile = async (io: Io, manifest: Manifest, coverage: Coverage): Promise<FileResult> => {
  const { file } = manifest;
  const { test, findings } = readTests(manifest);
  if (test === undefined) return { file, errors: findings, cases: [], read: [] };
  const directory = dirname(file);
  const pathOf = (path: string): string => (isAbsolute(path) ? path : join(directory, path));
  const [policies, exceptions] = [test.policies.map(pathOf), (test.exceptions ?? []).map(pathOf)];
  const read = [...policies, ...exceptions];
  const errorAt = (field: string, message: string): Finding =>
    findingIn(manifest, { type: 'FieldValueInvalid', field, message, rule: 'test.case' }, 'error');
  try {
    const { clusterConfig, readConfig } = await import('../offline/admission.js');
    const config: ClusterConfig = clusterConfig(await readConfig(io, test.config && pathOf(test.config)));
    const given = await readGiven(io, { policies, exceptions, observe: coverage.sides.observe });
    coverage.know(given.policies, given.sources);
    const unknown = unknownRules(test, rulesOf(given));
    if (unknown.length > 0)
      return { file, errors: unknown.map((cause) => findingIn(manifest, cause, 'error')), cases: [], read };
    const objects = new ObjectReader(io, pathOf, config);
    const now = test.now === undefined ? Date.now() : Date.parse(test.now);
    const errors: Finding[] = [];
    const cases: CaseResult[] = [];
    for (const [i, each] of test.cases.entries()) {
      try {
        cases.push({
          ...(await runCase(each, { given, test, now, objects, config, coverage })),
          ...manifest.positionOf(`cases[${i}]`),
        });
      } catch (error) {
        // A file that is not there is this case's alone.
        const field = error instanceof CaseError ? error.field : isCliError(error) ? 'object' : undefined;
        if (field === undefined) throw error;
        errors.push(errorAt(`cases[${i}].${field}`, `cases[${i}] (${each.name}): ${messageOf(error)}`));
      }
    }
    return { file, errors, cases, read: [...read, ...objects.files] };
  } catch (error) {
    if (!isCliError(error)) throw error;
    return { file, errors: [errorAt('policies', error.message)], cases: [], read };
  }
};
