import type { ClusterConfig } from '../../../src/api/settings/cluster-config.js';
import type { Io } from '../io.js';
import type { Admitted, AdmittedSet } from '../offline/admission.js';
import type { Finding } from '../offline/findings.js';
import { benchOf, type GivenFlags } from './given.js';
import { judge } from './judge.js';
import { readPolicySet } from './policy-set.js';
import { readTests } from './test-file.js';

/*
 * What `lint` says of policies among its files, and what the policies that it is given say of the rest.
 */

export interface PoliciesSaid {
  readonly findings: readonly Finding[];
  readonly notes: readonly string[];
  /** What of the product's own rules and warnings policies have decided about, by object. */
  readonly settled: ReadonlyMap<Admitted, ReadonlySet<string>>;
  /** What could not be judged. */
  readonly unchecked: readonly string[];
  /** How many policies, exceptions and tests were looked at. */
  readonly checked: number;
}

/** Policies, exceptions and tests among the files: whether they compile. */
const lintFiles = async ({ others }: AdmittedSet, namespace: string): Promise<PoliciesSaid> => {
  const { isOfPolicies } = await import('../offline/of-policies.js');
  const manifests = others.filter(isOfPolicies);
  const { findings, tests } = readPolicySet(manifests, { namespace, warn: true });
  const wrong = tests.flatMap((manifest) => readTests(manifest).findings);
  return { findings: [...findings, ...wrong], notes: [], unchecked: [], settled: new Map(), checked: manifests.length };
};

interface ToLint {
  readonly set: AdmittedSet;
  readonly config: ClusterConfig;
}

export const lintPolicies = async (io: Io, flags: GivenFlags, { set, config }: ToLint): Promise<PoliciesSaid> => {
  const files = await lintFiles(set, flags.namespace ?? 'default');
  if ((flags.policy ?? []).length === 0) return files;
  const shaped = set.admitted.filter((each) => each.shaped);
  const objects = shaped.map(({ object }) => object);
  const bench = await benchOf(io, flags, { objects, config });
  const each = shaped.map((admitted) => [admitted, judge(admitted, bench)] as const);
  const judged = each.map(([, said]) => said);
  return {
    findings: [...files.findings, ...judged.flatMap(({ findings }) => findings)],
    notes: [...bench.notes, ...judged.flatMap(({ notes }) => notes)],
    settled: new Map(each.map(([admitted, { settled }]) => [admitted, settled])),
    unchecked: judged.flatMap(({ unchecked }) => unchecked),
    checked: files.checked,
  };
};
