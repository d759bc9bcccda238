import type { KnownException } from '../../../src/policies/exceptions.js';
import type { ClusterConfig } from '../../../src/api/settings/cluster-config.js';
import { CliError, ExitCode, UsageError } from '../errors.js';
import type { GlobalFlags } from '../global-flags.js';
import type { Io } from '../io.js';
import type { Finding } from '../offline/findings.js';
import type { Manifest } from '../offline/manifests.js';
import { namespaceOf, type Bench } from './judge.js';
import { readPolicySet, type PolicySet, type ReadPolicyOptions } from './policy-set.js';
import { isTestFile } from './test-manifests.js';

/*
 * What the command line gives to judge by: policies, exceptions, who asks, of which namespace, and when.
 */

export interface GivenFlags extends GlobalFlags {
  policy?: string[];
  exceptions?: string[];
  'namespace-labels'?: string[];
  now?: string;
}

/** The policies of the cluster that kubectl's flags name. */
const CLUSTER = 'cluster';

const RFC3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/;

const parseNow = (text: string | undefined): number => {
  if (text === undefined) return Date.now();
  const now = RFC3339.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(now))
    throw new UsageError(`invalid --now "${text}"`, { remedy: 'Write a time such as 2027-02-01T00:00:00Z.' });
  return now;
};

/** `k=v`, also several with commas between. */
const parseLabels = (texts: readonly string[] | undefined): Readonly<Record<string, string>> | undefined => {
  if (texts === undefined) return undefined;
  const pairs = texts.flatMap((text) => text.split(',')).filter((text) => text !== '');
  return Object.fromEntries(
    pairs.map((pair): [string, string] => {
      const [, key, value] = /^([^=\s]+)=([^=\s]*)$/.exec(pair) ?? [];
      if (key === undefined || value === undefined)
        throw new UsageError(`invalid --namespace-labels "${pair}"`, { remedy: 'Write KEY=VALUE, such as env=prod.' });
      return [key, value];
    }),
  );
};

const manifestsOf = async (io: Io, files: readonly string[]): Promise<readonly Manifest[]> => {
  if (files.length === 0) return [];
  const [{ readManifests }, { renderFinding }, { findingOf }, { expandPath }] = await Promise.all([
    import('../offline/manifests.js'),
    import('../offline/admission.js'),
    import('../offline/findings.js'),
    import('../offline/read-text.js'),
  ]);
  // In a folder tests lie beside policies.
  const all = files.flatMap((file) => (file === '-' ? [file] : expandPath(file)));
  const { manifests, problems } = await readManifests(io, { files: all.filter((file) => !isTestFile(file)) });
  const wrong = problems.map(findingOf).filter(({ severity }) => severity === 'error');
  if (wrong.length > 0)
    throw new CliError(`the policies cannot be read:\n${wrong.map(renderFinding).join('\n')}`, {
      exitCode: ExitCode.usage,
    });
  return manifests;
};

const START = { line: 1, column: 1 };

/** As if it were of a file. */
const manifestOfCluster = (object: Record<string, unknown>): Manifest => ({
  ...{ file: CLUSTER, object, positionOf: () => START, positionWithin: () => START },
  ...{ sourceOf: () => undefined, isOpen: () => false },
});

const refuseErrors = async (findings: readonly Finding[], what: string): Promise<void> => {
  const errors = findings.filter(({ severity }) => severity === 'error');
  if (errors.length === 0) return;
  const { renderFinding } = await import('../offline/admission.js');
  throw new CliError(`${what}:\n${errors.map(renderFinding).join('\n')}`, { exitCode: ExitCode.usage });
};

export interface Given extends Pick<PolicySet, 'policies' | 'sources'> {
  readonly exceptions: readonly KnownException[];
}

interface Sources {
  readonly named: readonly string[];
  /** Of objects that name none. */
  readonly namespace: string;
  readonly manifests: readonly Manifest[];
  readonly observe?: ReadPolicyOptions['observe'];
}

/** @throws CliError (exit code 2) where a policy or an exception is wrong, or none is found */
const givenBy = async ({ named, namespace, manifests, observe }: Sources): Promise<Given> => {
  const { isOfPolicies } = await import('../offline/of-policies.js');
  const set = readPolicySet(manifests.filter(isOfPolicies), { namespace, warn: false, observe });
  const { policies, sources, exceptions, findings } = set;
  await refuseErrors(findings, 'a policy or an exception is wrong, so nothing was judged by them');
  if (policies.length === 0)
    throw new CliError(`there is no policy in ${named.join(', ')}`, {
      remedy: 'Name files with a VirtualMachineClusterPolicy or a VirtualMachinePolicy, or --policy cluster.',
      exitCode: ExitCode.usage,
    });
  return { policies, sources, exceptions };
};

/** Of files alone. */
export const readGiven = async (
  io: Io,
  { policies, exceptions, observe }: Pick<Sources, 'observe'> & Readonly<Record<'policies' | 'exceptions', string[]>>,
): Promise<Given> => {
  const manifests = await manifestsOf(io, [...policies, ...exceptions]);
  return givenBy({ named: policies, namespace: 'default', manifests, observe });
};

interface ToJudge {
  /** Of a cluster, the policies of their namespaces are read. */
  readonly objects: readonly unknown[];
  readonly config: ClusterConfig;
}

export const benchOf = async (io: Io, flags: GivenFlags, { objects, config }: ToJudge): Promise<Bench> => {
  const [namespaceLabels, now] = [parseLabels(flags['namespace-labels']), parseNow(flags.now)];
  const { as: name, 'as-group': groups = [], policy: named = [], exceptions = [] } = flags;
  const user = name === undefined ? undefined : { name, groups };
  const manifests = [...(await manifestsOf(io, [...named.filter((one) => one !== CLUSTER), ...exceptions]))];
  let namespace = flags.namespace ?? 'default';
  let all: Pick<Bench, 'pausedUntil' | 'notes'> = { pausedUntil: undefined, notes: [] };
  if (named.includes(CLUSTER)) {
    const { fetchPolicyObjects } = await import('../policy-objects/fetch.js');
    // `--as` says who would ask for the VM; the policies are read by who runs the command.
    const own = { ...flags, as: undefined, 'as-group': undefined };
    const found = await fetchPolicyObjects(io, own, (otherwise) => objects.map((one) => namespaceOf(one, otherwise)));
    ({ namespace } = found);
    all = { pausedUntil: found.pausedUntil, notes: found.notes };
    manifests.push(...found.objects.map(manifestOfCluster));
  }
  return { ...(await givenBy({ named, namespace, manifests })), ...all, namespace, namespaceLabels, config, now, user };
};
