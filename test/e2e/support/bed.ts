/** Tests that reach behind the API need the node: its containerd, its processes. Only the test bed gives them that. */
import type { Context } from 'mocha';

export const isTestBed = (): boolean => process.env.TEST_CLUSTER !== 'existing';

/** Skips a test, saying why, on a cluster that is not our test bed. */
export const needsTestBed = (test: Context, what: string): void => {
  if (isTestBed()) return;
  process.stdout.write(`      skipped with TEST_CLUSTER=existing: ${what}\n`);
  test.skip();
};
