import { GROUP, POLICY_GROUP, PolicyAnnotation, STORED_VERSION } from '../../../src/api/names.js';
import { POLICY_RESOURCES, type PolicyResourceKind } from '../../../src/api/policy/policy-kinds.js';
import { visibleLine } from '../../../src/api/visible-text.js';
import type { ApiClient } from '../client/client.js';
import { ApiStatusError } from '../client/status.js';
import { connectTo } from '../connect.js';
import { parseDuration } from '../duration.js';
import { CliError, ExitCode, UsageError } from '../errors.js';
import type { GlobalFlags } from '../global-flags.js';
import { note, noteError, print, type Io } from '../io.js';
import { fetchSettings, policyPath } from './fetch.js';

/*
 * `policy pause` and `policy resume`: annotations, whose time is compared at each verdict. Nothing has to run for a
 * pause to end; who it was is written by the webhook.
 */

export interface PauseFlags extends GlobalFlags {
  names?: string[];
  for: string;
  reason?: string;
}

/** The webhook refuses longer ones, and no verdict looks at them. */
const LONGEST_MS = 4 * 60 * 60_000;
const LONGEST_REASON = 500;

interface Target {
  readonly path: string;
  /** As it is said. */
  readonly what: string;
}

const WORDS: Readonly<Record<string, PolicyResourceKind>> = {
  vmcpol: 'VirtualMachineClusterPolicy',
  virtualmachineclusterpolicy: 'VirtualMachineClusterPolicy',
  virtualmachineclusterpolicies: 'VirtualMachineClusterPolicy',
  vmpol: 'VirtualMachinePolicy',
  virtualmachinepolicy: 'VirtualMachinePolicy',
  virtualmachinepolicies: 'VirtualMachinePolicy',
};

const NAME = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;

/** `vm-size`, `vmcpol/vm-size`, `vmpol/vm-size`. */
const targetOf = (word: string, namespace: string): Target => {
  const [, type = 'vmcpol', name = ''] = /^(?:([^/]+)\/)?([^/]+)$/.exec(word) ?? [];
  const kind = Object.hasOwn(WORDS, type.toLowerCase()) ? WORDS[type.toLowerCase()] : undefined;
  if (kind === undefined || !NAME.test(name) || name.length > 253)
    throw new UsageError(`invalid policy "${word}"`, {
      remedy: 'Write NAME for a policy of the cluster, vmpol/NAME for one of the namespace (-n).',
    });
  const isOfCluster = kind === 'VirtualMachineClusterPolicy';
  return {
    path: policyPath(kind, namespace, name),
    what: `policy ${name}${isOfCluster ? '' : ` of namespace ${namespace}`}`,
  };
};

const allPolicies = async (client: ApiClient): Promise<Target> => {
  const { name, namespace } = (await fetchSettings(client))?.metadata ?? {};
  if (name === undefined || namespace === undefined)
    throw new CliError('there is no KubeVirt object, on which a pause of all policies stands', {
      remedy: 'Create it (docs/install.md), or name the policies.',
    });
  const path = `/apis/${GROUP}/${STORED_VERSION}/namespaces/${namespace}/kubevirts/${name}`;
  return { path, what: 'all policies' };
};

const targetsOf = async (client: ApiClient, names: readonly string[]): Promise<readonly Target[]> =>
  names.length === 0 ? [await allPolicies(client)] : names.map((word) => targetOf(word, client.namespace));

const explained = (error: unknown, verb: string, { what, path }: Target): unknown => {
  if (!(error instanceof ApiStatusError)) return error;
  const missing = `See what there is: kubectl get ${POLICY_RESOURCES.VirtualMachineClusterPolicy.plural} (and vmpol -A)`;
  const forbidden = `It takes the verbs patch and pause on ${path.split('/').slice(-2).join('/')} in ${POLICY_GROUP}.`;
  const remedy = error.code === 404 ? missing : error.code === 403 ? forbidden : error.remedy;
  return new CliError(`cannot ${verb} ${what}: ${error.message}`, { remedy, cause: error });
};

/** Writes the annotations of each; one that fails does not keep the others. */
const annotate = async (
  io: Io,
  { client, verb, targets }: { client: ApiClient; verb: 'pause' | 'resume'; targets: readonly Target[] },
  annotations: Readonly<Record<string, string | null>>,
  done: string,
): Promise<number> => {
  let exitCode: number = ExitCode.ok;
  for (const target of targets) {
    try {
      await client.request({ method: 'PATCH', path: target.path, body: { metadata: { annotations } } });
      print(io, `${target.what} ${done}`);
    } catch (error) {
      if (targets.length === 1) throw explained(error, verb, target);
      noteError(io, explained(error, verb, target));
      exitCode = ExitCode.failure;
    }
  }
  return exitCode;
};

const checkedReason = (reason: string | undefined): string => {
  const text = reason?.trim() ?? '';
  if (text === '')
    throw new UsageError('--reason is missing', { remedy: 'Say why: --reason "restoring db-1, INFRA-17".' });
  if (text.length > LONGEST_REASON)
    throw new UsageError(`--reason has ${text.length} characters`, { remedy: `Write at most ${LONGEST_REASON}.` });
  return visibleLine(text);
};

const untilOf = (duration: string): string => {
  const milliseconds = parseDuration('for', duration, 'm');
  if (milliseconds <= 0 || milliseconds > LONGEST_MS)
    throw new UsageError(`invalid --for "${duration}"`, { remedy: 'A pause is longer than nothing, at most 4h.' });
  return new Date(Date.now() + milliseconds).toISOString().replace(/\.\d+Z$/, 'Z');
};

export const pausePolicies = async (io: Io, flags: PauseFlags): Promise<number> => {
  const [reason, until] = [checkedReason(flags.reason), untilOf(flags.for)];
  const client = await connectTo(io, flags);
  const targets = await targetsOf(client, flags.names ?? []);
  const annotations = { [PolicyAnnotation.pausedUntil]: until, [PolicyAnnotation.pauseReason]: reason };
  const done = `paused until ${until}`;
  const exitCode = await annotate(io, { client, verb: 'pause', targets }, annotations, done);
  note(io, `They count as Audit until then; it ends by itself. Sooner: ${io.program} policy resume`);
  return exitCode;
};

export const resumePolicies = async (io: Io, flags: GlobalFlags & { names?: string[] }): Promise<number> => {
  const client = await connectTo(io, flags);
  const targets = await targetsOf(client, flags.names ?? []);
  const { pausedUntil, pausedBy, pauseReason } = PolicyAnnotation;
  const annotations = { [pausedUntil]: null, [pausedBy]: null, [pauseReason]: null };
  return annotate(io, { client, verb: 'resume', targets }, annotations, 'resumed');
};
