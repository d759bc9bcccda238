import { print } from '../io.js';
import type { Io } from '../io.js';
import { printAs } from '../output.js';
import { admitAll, clusterConfig, readConfig, renderFinding } from './admission.js';
import type { LintFlags } from './flags.js';
import { readManifests } from './manifests.js';
import { checkFormat, exitCodeOf, noteSummary, noteUnchecked, sorted } from './report.js';
import { isLookedAt, serviceFindings } from './services.js';

/**
 * `lint`: exit code 0 without errors, 1 with, 2 when it could not check, or had nothing to. Warnings alone are no
 * failure.
 */
export const lint = async (io: Io, flags: LintFlags): Promise<number> => {
  checkFormat(flags.output);
  const config = clusterConfig(await readConfig(io, flags.config));
  const set = admitAll(await readManifests(io, flags), config, isLookedAt);
  const { admitted, findings, others } = set;
  const all = sorted([...findings, ...admitted.flatMap((each) => each.findings), ...serviceFindings(set)]);
  if (flags.output === 'text') for (const finding of all) print(io, renderFinding(finding));
  else await printAs(io, flags.output, { findings: all, checked: admitted.length, skipped: others.length });
  noteUnchecked(io, set, all);
  if (flags.output === 'text') noteSummary(io, admitted.length, all);
  return exitCodeOf(all, set.unchecked);
};
