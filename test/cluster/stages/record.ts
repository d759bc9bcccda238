/** What a run of Mocha leaves behind for the summary: one line of JSON for each test and each hook. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';

export interface Entry {
  readonly kind: 'test' | 'hook';
  /** With the titles of all suites around it. */
  readonly title: string;
  /** A hook that passes counts nowhere; one that fails is a failure like a test's. */
  readonly state: 'passed' | 'failed' | 'skipped';
  readonly ms: number;
  readonly error?: string;
  /** Relative to the repository. */
  readonly file?: string;
}

/** The variable in which a run of Mocha is given the path of its record. */
export const RECORD = 'TEST_RECORD';

/** Written at once: a run that is killed leaves what it had. */
export const record = (entry: Entry): void => {
  const file = process.env[RECORD];
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(entry)}\n`);
};

export const readRecord = (file: string): Entry[] =>
  existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line.endsWith('}'))
        .map((line) => JSON.parse(line) as Entry)
    : [];
