import { visibleLine } from '../../../src/api/visible-text.js';
import { clientVersion } from '../version-info.js';
import { casesOf, errorsIn, failedIn, type TestReport } from './test-report.js';

/*
 * Reports of tests for programs: JUnit's XML and SARIF. Names and messages are others' texts: what is not seen is made
 * visible first, what XML acts on is escaped.
 */

const REFERENCES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

const xml = (text: string): string => visibleLine(text).replace(/[&<>"']/g, (character) => REFERENCES[character] ?? '');

/** Lines are kept as references. */
const xmlLines = (lines: readonly string[]): string => lines.map(xml).join('&#10;');

const attributes = (values: Readonly<Record<string, string | number>>): string =>
  Object.entries(values)
    .map(([name, value]) => ` ${name}="${typeof value === 'number' ? value : xml(value)}"`)
    .join('');

/** A suite a file, a case a case; what could not be run is an error. */
export const junit = (report: TestReport): string => {
  const suites = report.files.map(({ file, errors, cases }) => {
    const failures = cases.filter(({ problems }) => problems.length > 0).length;
    const tests = cases.length + errors.length;
    const lines = [
      ...cases.map(({ name, line, problems }) => {
        const open = `    <testcase${attributes({ classname: file, name, file, line })}`;
        if (problems.length === 0) return `${open}/>`;
        return `${open}>\n      <failure message="${xml(problems[0] ?? '')}">${xmlLines(problems)}</failure>\n    </testcase>`;
      }),
      ...errors.map(({ line, message, field = '' }) => {
        const open = `    <testcase${attributes({ classname: file, name: field === '' ? 'file' : field, file, line })}>`;
        return `${open}\n      <error message="${xml(message)}"/>\n    </testcase>`;
      }),
    ];
    const counts = attributes({ name: file, tests, failures, errors: errors.length });
    return [`  <testsuite${counts}>`, ...lines, '  </testsuite>'].join('\n');
  });
  const tests = casesOf(report).length + errorsIn(report);
  const counts = attributes({ tests, failures: failedIn(report), errors: errorsIn(report) });
  return ['<?xml version="1.0" encoding="UTF-8"?>', `<testsuites${counts}>`, ...suites, '</testsuites>'].join('\n');
};

const SCHEMA = 'https://json.schemastore.org/sarif-2.1.0.json';
const FAILED = 'policy-test/case';
const NOT_RUN = 'policy-test/not-run';

interface Placed {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** As SARIF wants files: relative, with slashes. */
const uriOf = (file: string): string => encodeURI(file.replaceAll('\\', '/'));

const resultOf = (ruleId: string, text: string, { file, line, column }: Placed, key: string) => ({
  ruleId,
  level: 'error',
  message: { text: visibleLine(text) },
  locations: [
    { physicalLocation: { artifactLocation: { uri: uriOf(file) }, region: { startLine: line, startColumn: column } } },
  ],
  partialFingerprints: { 'ruleAndPath/v1': visibleLine(`${ruleId} ${file} ${key}`) },
});

/** A rule a validation, a result a case that failed or could not be run. */
export const sarif = (report: TestReport): object => {
  const results = report.files.flatMap(({ file, errors, cases }) => [
    ...cases.flatMap(({ name, problems, rules, line, column }) =>
      problems.length === 0
        ? []
        : [resultOf(rules[0] ?? FAILED, `${name}: ${problems.join('; ')}`, { file, line, column }, name)],
    ),
    ...errors.map(({ message, field = '', line, column }) => resultOf(NOT_RUN, message, { file, line, column }, field)),
  ]);
  const rules = [
    { id: FAILED, shortDescription: { text: 'A case of a test of policies is not as expected' } },
    { id: NOT_RUN, shortDescription: { text: 'A test of policies could not be run' } },
    ...report.rules.map(({ id, description, help }) => ({
      id,
      shortDescription: { text: visibleLine(description) },
      ...(help === undefined ? {} : { help: { text: visibleLine(help) } }),
    })),
  ];
  const driver = { name: 'kubectl-virt', version: clientVersion.gitVersion, rules };
  return { $schema: SCHEMA, version: '2.1.0', runs: [{ tool: { driver }, columnKind: 'utf16CodeUnits', results }] };
};
