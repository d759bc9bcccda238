import { describeValue } from '../../../src/api/schema-check/describe-value.js';
import { ExitCode, isCliError, CliError } from '../errors.js';
import type { Io } from '../io.js';
import type { Finding } from '../offline/findings.js';
import type { Manifest } from '../offline/manifests.js';

/*
 * The files of tests that a command line names. In a directory they are known by their names; a file that is named is
 * one.
 */

const TEST_FILE = /\.policytest\.(ya?ml|json)$/;

export const isTestFile = (file: string): boolean => TEST_FILE.test(file);

interface TestManifests {
  readonly manifests: readonly Manifest[];
  readonly errors: readonly Finding[];
  readonly files: readonly string[];
}

const notATest = ({ file, object, positionOf }: Manifest): Finding => ({
  ...{ file, ...positionOf('kind'), severity: 'error', rule: 'manifest.kind', field: 'kind' },
  message: `kind is ${describeValue(object['kind'])}; a file of tests has kind PolicyTest`,
});

export const readTestManifests = async (io: Io, paths: readonly string[]): Promise<TestManifests> => {
  const [{ readManifests }, { expandPath }, { findingOf }, { isOfPolicies }] = await Promise.all([
    import('../offline/manifests.js'),
    import('../offline/read-text.js'),
    import('../offline/findings.js'),
    import('../offline/of-policies.js'),
  ]);
  const files = paths.flatMap((path) => {
    if (path === '-') return [path];
    const all = expandPath(path);
    return all.length === 1 && all[0] === path ? all : all.filter(isTestFile);
  });
  const manifests: Manifest[] = [];
  const errors: Finding[] = [];
  for (const file of files) {
    try {
      const { manifests: found, problems } = await readManifests(io, { files: [file] });
      errors.push(...problems.map(findingOf).filter(({ severity }) => severity === 'error'));
      for (const each of found) {
        if (isOfPolicies(each) && each.object['kind'] === 'PolicyTest') manifests.push(each);
        else errors.push(notATest(each));
      }
    } catch (error) {
      // A file that is empty, or gone: the others are run all the same.
      if (!isCliError(error)) throw error;
      errors.push({ file, line: 1, column: 1, severity: 'error', rule: 'test.file', message: error.message });
    }
  }
  if (files.length === 0)
    throw new CliError(`there is no test in ${paths.join(', ')}`, {
      remedy: 'Name files of kind PolicyTest, or a directory with *.policytest.yaml.',
      exitCode: ExitCode.usage,
    });
  return { manifests, errors, files };
};
