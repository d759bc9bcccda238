import type { Coverage, Rule } from './coverage.js';
import type { FileResult } from './run-test.js';

/*
 * What tests of policies gave, for whoever prints it.
 */

export interface TestReport {
  readonly files: readonly FileResult[];
  readonly coverage: Pick<Coverage, 'validations' | 'entries' | 'branches' | 'percent'>;
  /** What was tested. */
  readonly rules: readonly Rule[];
}

export const casesOf = ({ files }: TestReport): FileResult['cases'] => files.flatMap(({ cases }) => cases);

export const failedIn = (report: TestReport): number =>
  casesOf(report).filter(({ problems }) => problems.length > 0).length;

export const errorsIn = ({ files }: TestReport): number => files.reduce((sum, { errors }) => sum + errors.length, 0);
