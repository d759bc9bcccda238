import type { Io } from '../io.js';
import { printAs } from '../output.js';
import { admitAll, clusterConfig, readConfig } from './admission.js';
import type { LintFlags } from './flags.js';
import { printFindings } from './print-findings.js';
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
  const found = sorted([...findings, ...admitted.flatMap((each) => each.findings), ...serviceFindings(set)]);
  const quiet = flags.quiet === true;
  const all = quiet ? found.filter(({ severity }) => severity === 'error') : found;
  if (flags.output === 'text') printFindings(io, all);
  else await printAs(io, flags.output, { findings: all, checked: admitted.length, skipped: others.length });
  // That something was not checked is no warning.
  noteUnchecked(io, quiet ? { ...set, notes: [] } : set, all);
  if (flags.output === 'text' && !quiet) noteSummary(io, admitted.length, all);
  return exitCodeOf(all, set.unchecked);
};
