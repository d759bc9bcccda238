import type { ClusterConfig } from '../../../src/api/settings/cluster-config.js';
import type { Io } from '../io.js';
import { printAs } from '../output.js';
import { admitAll, clusterConfig, readConfig } from './admission.js';
import { UsageError } from '../errors.js';
import type { Admitted, AdmittedSet } from './admission.js';
import type { LintFlags } from './flags.js';
import { isOfPolicies } from './of-policies.js';
import { readInstancetypes } from './instancetypes.js';
import { noteExpansions } from './note-expansions.js';
import { printFindings } from './print-findings.js';
import { readManifests } from './manifests.js';
import { checkFormat, exitCodeOf, noteSummary, noteUnchecked, sorted } from './report.js';
import { isLookedAt, serviceFindings } from './services.js';

const NO_POLICIES = {
  ...{ findings: [], notes: [], unchecked: [], checked: 0 },
  settled: new Map<Admitted, ReadonlySet<string>>(),
};

/** The engine of policies is loaded for whoever has some. */
const policiesSay = async (io: Io, flags: LintFlags, set: AdmittedSet, config: ClusterConfig) => {
  const given = (flags.policy ?? []).length > 0;
  const alone = (['exceptions', 'namespace-labels', 'now'] as const).find((name) => flags[name] !== undefined);
  if (!given && alone !== undefined)
    throw new UsageError(`--${alone} stands alone`, { remedy: 'It is about policies: give them with --policy.' });
  if (!given && !set.others.some(isOfPolicies)) return NO_POLICIES;
  return (await import('../policies/lint.js')).lintPolicies(io, flags, { set, config });
};

/**
 * `lint`: exit code 0 without errors, 1 with, 2 when it could not check, or had nothing to. Warnings alone are no
 * failure.
 */
export const lint = async (io: Io, flags: LintFlags): Promise<number> => {
  checkFormat(flags.output);
  const config = clusterConfig(await readConfig(io, flags.config));
  const files = await readManifests(io, flags);
  const known = await readInstancetypes(io, flags);
  const set = admitAll(files, config, (each, all) => isOfPolicies(each) || isLookedAt(each, all), known);
  const { admitted, findings, others } = set;
  const policies = await policiesSay(io, flags, set, config);
  const found = sorted([
    ...[
      ...findings,
      ...admitted.flatMap((each) =>
        each.findings.filter(({ rule }) => !(policies.settled.get(each)?.has(rule) ?? false)),
      ),
      ...serviceFindings(set),
    ],
    ...policies.findings,
  ]);
  const checked = admitted.length + set.named + policies.checked;
  const quiet = flags.quiet === true;
  const all = quiet ? found.filter(({ severity }) => severity === 'error') : found;
  if (flags.output === 'text') printFindings(io, all);
  else await printAs(io, flags.output, { findings: all, checked, skipped: others.length - policies.checked });
  // That something was not checked is no warning.
  const notes = quiet ? policies.unchecked : [...set.notes, ...policies.notes, ...policies.unchecked];
  noteUnchecked(io, { ...set, notes }, all);
  if (flags.output === 'text' && !quiet) noteExpansions(io, admitted, config);
  if (flags.output === 'text' && !quiet) noteSummary(io, checked, all);
  return exitCodeOf(all, set.unchecked || (flags.strict === true && policies.unchecked.length > 0));
};
