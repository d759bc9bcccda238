import { ruleOf, type Finding } from '../../../src/policies/verdict.js';
import type { TestCase, TestVerdict } from './test-schema.js';

/*
 * What a case gave beside what was expected of it: one more or one less is a failure.
 */

type Expectation = TestCase['expect'];
type ExpectedCause = NonNullable<Expectation['causes']>[number];

const fits = ({ rule, field, contains }: ExpectedCause, finding: Finding): boolean =>
  ruleOf(finding) === rule &&
  (field === undefined || finding.field === field) &&
  (contains === undefined || finding.message.includes(contains));

const found = (finding: Finding): string => `${ruleOf(finding)} at ${finding.field}: ${finding.message}`;

const wanted = ({ rule, field, contains }: ExpectedCause): string =>
  [
    rule,
    ...(field === undefined ? [] : [`at ${field}`]),
    ...(contains === undefined ? [] : [`with ${JSON.stringify(contains)}`]),
  ].join(' ');

/** Each expected one takes one that was found; those that ask for most choose first. */
const pairOff = <E>(
  expected: readonly E[],
  findings: readonly Finding[],
  is: (one: E, finding: Finding) => boolean,
): { readonly missing: readonly E[]; readonly more: readonly Finding[] } => {
  const more = [...findings];
  const missing = expected.filter((one) => {
    const index = more.findIndex((finding) => is(one, finding));
    if (index >= 0) more.splice(index, 1);
    return index < 0;
  });
  return { missing, more };
};

const precision = ({ field, contains }: ExpectedCause): number =>
  (field === undefined ? 0 : 2) + (contains === undefined ? 0 : 1);

const compareCauses = (causes: Expectation['causes'], findings: readonly Finding[]): string[] => {
  if (causes === undefined) return [];
  const { missing, more } = pairOff(
    causes.toSorted((one, other) => precision(other) - precision(one)),
    findings.filter(({ outcome }) => outcome !== 'excepted'),
    fits,
  );
  return [
    ...missing.map((one) => `expected, and not found: ${wanted(one)}`),
    ...more.map((one) => `found, and not expected: ${found(one)}`),
  ];
};

const compareExcepted = (excepted: Expectation['excepted'], findings: readonly Finding[]): string[] => {
  if (excepted === undefined) return [];
  const { missing, more } = pairOff(
    excepted,
    findings.filter(({ outcome }) => outcome === 'excepted'),
    ({ rule, exception }, finding) =>
      ruleOf(finding) === rule && (exception ?? finding.exception) === finding.exception,
  );
  return [
    ...missing.map(
      ({ rule, exception }) => `not excepted: ${rule}${exception === undefined ? '' : ` by ${exception}`}`,
    ),
    ...more.map((one) => `excepted, and not expected: ${ruleOf(one)} by ${one.exception ?? ''}`),
  ];
};

export const compareCase = (expect: Expectation, verdict: TestVerdict, findings: readonly Finding[]): string[] => {
  const causes = compareCauses(expect.causes, findings);
  const word = verdict === expect.verdict ? [] : [`verdict ${verdict}, expected ${expect.verdict}`];
  // Who expects no causes is told why the verdict is another.
  const why = word.length > 0 && expect.causes === undefined ? findings.map((one) => `found: ${found(one)}`) : [];
  return [...word, ...causes, ...compareExcepted(expect.excepted, findings), ...why];
};
