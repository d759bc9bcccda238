import { visibleLine } from '../../../src/api/visible-text.js';
import { ExitCode, UsageError } from '../errors.js';
import { note, print, type Io } from '../io.js';
import type { Finding } from '../offline/findings.js';
import { describeBranch, isCovered } from './branch-coverage.js';
import { Coverage } from './coverage.js';
import { runFile, type FileResult } from './run-test.js';
import { readTestManifests } from './test-manifests.js';
import { casesOf, errorsIn, failedIn, type TestReport } from './test-report.js';
import { watchFiles } from './watch-files.js';

const TEST_FORMATS = ['table', 'json', 'junit', 'sarif'] as const;

export interface TestFlags {
  paths?: string[];
  output: string;
  coverage?: boolean;
  'min-coverage'?: number;
  watch?: boolean;
}

const check = ({ output, 'min-coverage': least }: TestFlags): void => {
  if (!(TEST_FORMATS as readonly string[]).includes(output))
    throw new UsageError(`unsupported output format "${output}"`, { remedy: `Use -o ${TEST_FORMATS.join(', -o ')}.` });
  if (least !== undefined && !(least >= 0 && least <= 100))
    throw new UsageError(`invalid --min-coverage ${least}`, { remedy: 'Write a number from 0 to 100.' });
};

const printCase = (io: Io, { name, problems }: FileResult['cases'][number]): void => {
  if (problems.length === 0) print(io, `  ok      ${visibleLine(name)}`);
  else {
    io.stdout.write('  ');
    io.stdout.paint('red', 'FAILED');
    io.stdout.write(`  ${visibleLine(name)}\n`);
  }
  for (const problem of problems) print(io, `          ${visibleLine(problem)}`);
};

const printTable = async (io: Io, report: TestReport): Promise<void> => {
  const { renderFinding } = await import('../offline/admission.js');
  for (const { file, cases, errors } of report.files) {
    print(io, visibleLine(file));
    for (const each of cases) printCase(io, each);
    for (const error of errors) print(io, renderFinding(error));
  }
};

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`;

/** @param all sides of expressions too, which do not count */
const noteCoverage = (io: Io, coverage: TestReport['coverage'], all: boolean): void => {
  const { validations, entries, branches, percent } = coverage;
  const line = (rule: string, missing: readonly string[]): void =>
    note(io, visibleLine(`  ${rule}: ${missing.length === 0 ? 'covered' : missing.join(', ')}`));
  for (const { rule, passed, failed } of validations)
    line(rule, [...(passed > 0 ? [] : ['none that passes']), ...(failed > 0 ? [] : ['none that fails'])]);
  for (const { rule, decided } of entries) line(rule, decided > 0 ? [] : ['none about which it decides']);
  if (all && branches.length > 0) {
    const half = branches.filter((branch) => !isCovered(branch));
    for (const branch of half) note(io, `  ${describeBranch(branch)}`);
    note(io, `Branches: ${branches.length - half.length} of ${count(branches.length, 'side')} both ways (not counted)`);
  }
  const own = entries.length === 0 ? '' : ` and ${count(entries.length, 'rule')} of the product`;
  note(io, `Coverage: ${percent}% of ${count(validations.length, 'validation')}${own}`);
};

const noteSummary = (io: Io, report: TestReport, { coverage = false, 'min-coverage': least }: TestFlags): void => {
  const [cases, failed, errors] = [casesOf(report).length, failedIn(report), errorsIn(report)];
  const notRun = errors === 0 ? '' : `, ${count(errors, 'error')}`;
  note(io, `${count(cases, 'case')}: ${cases - failed} passed, ${failed} failed${notRun}`);
  if (coverage || least !== undefined) noteCoverage(io, report.coverage, coverage);
};

const written = ({ file, cases, errors }: FileResult) => ({
  file,
  cases: cases.map(({ name, line, verdict, problems }) => ({
    name,
    line,
    passed: problems.length === 0,
    verdict,
    problems,
  })),
  errors: errors.map(({ line, column, message, field }: Finding) => ({ line, column, field, message })),
});

const printReport = async (io: Io, report: TestReport, flags: TestFlags): Promise<void> => {
  const { junit, sarif } = await import('./test-formats.js');
  const { printAs } = await import('../output.js');
  switch (flags.output) {
    case 'json':
      await printAs(io, 'json', {
        files: report.files.map(written),
        coverage: report.coverage.validations,
        builtin: report.coverage.entries,
        branches: report.coverage.branches,
        percent: report.coverage.percent,
      });
      break;
    case 'junit':
      print(io, junit(report));
      break;
    case 'sarif':
      await printAs(io, 'json', sarif(report));
      break;
    default:
      await printTable(io, report);
  }
  noteSummary(io, report, flags);
};

/** 2 where something could not be run, whatever else failed; 1 where a case failed or too little is covered. */
const exitCodeOf = (report: TestReport, { 'min-coverage': least = 0 }: TestFlags): number => {
  if (errorsIn(report) > 0) return ExitCode.usage;
  return failedIn(report) > 0 || report.coverage.percent < least ? ExitCode.failure : ExitCode.ok;
};

const runOnce = async (io: Io, flags: TestFlags): Promise<{ exitCode: number; read: readonly string[] }> => {
  const { manifests, errors, files: named } = await readTestManifests(io, flags.paths ?? ['.']);
  const coverage = new Coverage();
  const files: FileResult[] = errors.map((error) => ({ file: error.file, errors: [error], cases: [], read: [] }));
  for (const manifest of manifests) files.push(await runFile(io, manifest, coverage));
  const report = { files, coverage, rules: coverage.rules };
  await printReport(io, report, flags);
  return { exitCode: exitCodeOf(report, flags), read: [...named, ...files.flatMap(({ read }) => read)] };
};

/** `policy test`: once, or at each change of a file until somebody interrupts it. */
export const testPolicies = async (io: Io, flags: TestFlags): Promise<number> => {
  check(flags);
  if (flags.watch !== true) return (await runOnce(io, flags)).exitCode;
  for (;;) {
    if (io.stdout.isTTY) io.stdout.clearScreen();
    const { read } = await runOnce(io, flags);
    note(io, 'Waiting for a change of these files.');
    await watchFiles(read);
  }
};
