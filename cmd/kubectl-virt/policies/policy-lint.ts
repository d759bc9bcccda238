import { visibleLine } from '../../../src/api/visible-text.js';
import { CliError, ExitCode } from '../errors.js';
import { note, type Io } from '../io.js';
import type { Finding } from '../offline/findings.js';
import { printAs } from '../output.js';
import { readPolicySet } from './policy-set.js';
import { readTests } from './test-file.js';

export interface PolicyLintFlags {
  namespace?: string;
  files?: string[];
  filename?: string[];
  output: string;
  strict?: boolean;
}

/** `policy lint`: 0 without errors, 1 with, 2 where there is no policy. */
export const policyLint = async (io: Io, flags: PolicyLintFlags): Promise<number> => {
  const [{ readManifests }, { isOfPolicies }, { findingOf }, { printFindings }, report] = await Promise.all([
    import('../offline/manifests.js'),
    import('../offline/of-policies.js'),
    import('../offline/findings.js'),
    import('../offline/print-findings.js'),
    import('../offline/report.js'),
  ]);
  report.checkFormat(flags.output);
  const { manifests, problems } = await readManifests(io, flags);
  const own = manifests.filter(isOfPolicies);
  const { findings, tests } = readPolicySet(own, { namespace: flags.namespace ?? 'default', warn: true });
  const found = [...problems.map(findingOf), ...findings, ...tests.flatMap((manifest) => readTests(manifest).findings)];
  const all = report.sorted(
    flags.strict === true ? found.map((one): Finding => ({ ...one, severity: 'error' })) : found,
  );
  if (own.length === 0 && problems.length === 0)
    throw new CliError('there is no policy among these files', {
      remedy: `Other manifests are checked by: ${io.program} lint -f FILE`,
      exitCode: ExitCode.usage,
    });
  const skipped = manifests.length - own.length;
  if (flags.output === 'text') printFindings(io, all);
  else await printAs(io, flags.output, { findings: all, checked: own.length, skipped });
  if (skipped > 0)
    note(io, visibleLine(`${skipped} of other kinds not checked: ${io.program} lint checks virtual machines`));
  if (flags.output === 'text') report.noteSummary(io, own.length, all);
  return report.exitCodeOf(all, false);
};
