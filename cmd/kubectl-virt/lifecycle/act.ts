import type { ApiClient } from '../client/client.js';
import { ApiStatusError } from '../client/status.js';
import { type VirtualMachineState, whyNotRunning } from '../client/why-not-running.js';
import { CliError, ExitCode, UsageError, messageOf } from '../errors.js';
import { connectTo } from '../connect.js';
import { print } from '../io.js';
import type { Io } from '../io.js';
import { printAs } from '../output.js';
import { objectPath, subresourcePath } from '../paths.js';
import { parseKind, parseTarget } from '../target.js';
import type { Target, TargetKind } from '../target.js';
import type { ActFlags } from './act-flags.js';
import type { Action } from './action.js';

export type DryRun = 'none' | 'client' | 'server';

const KIND_NAME: Readonly<Record<TargetKind, string>> = { vm: 'VirtualMachine', vmi: 'VirtualMachineInstance' };

/** kubectl's values, and `true`/`false` of KubeVirt's boolean flag. Source: docs/reference/control.md §8. */
export const parseDryRun = (text: string | undefined): DryRun => {
  if (text === undefined || text === 'none' || text === 'false') return 'none';
  if (text === 'client') return 'client';
  if (text === 'server' || text === 'true' || text === '') return 'server';
  throw new UsageError(`invalid --dry-run "${text}"`, { remedy: 'Use none, client or server.' });
};

const targetOf = (flags: ActFlags, action: Action): Target => {
  const target =
    flags.name === undefined
      ? parseTarget(flags.target)
      : { ...parseTarget(flags.name), kind: parseKind(flags.target) };
  if (action.on === 'vm' && target.kind === 'vmi') {
    throw new UsageError(`${action.name} acts on a VirtualMachine, not on a VirtualMachineInstance`, {
      remedy: `Name the VM: vm/${target.name}. An instance without a VM starts when it is created and stops when it is deleted.`,
    });
  }
  return target;
};

/**
 * The request's body. `--force` and `--grace-period` only together (docs/reference/control.md §1.4), because a forced
 * stop without a time is ambiguous and a time alone looks like a graceful stop.
 */
const actionBody = (action: Action, flags: ActFlags, dryRun: DryRun): Record<string, unknown> => {
  const { force = false, 'grace-period': gracePeriod } = flags;
  if (action.gracePeriodField !== undefined && force !== (gracePeriod !== undefined)) {
    throw new UsageError('--force and --grace-period belong together', {
      remedy: `For example: ${action.name} ${flags.target} --force --grace-period=0`,
    });
  }
  if (gracePeriod !== undefined && (!Number.isInteger(gracePeriod) || gracePeriod < 0)) {
    throw new UsageError(`invalid --grace-period ${gracePeriod}`, { remedy: 'Give whole seconds, 0 or more.' });
  }
  return {
    ...(flags.paused === true ? { paused: true } : {}),
    ...(action.gracePeriodField === undefined || gracePeriod === undefined
      ? {}
      : { [action.gracePeriodField]: gracePeriod }),
    ...(dryRun === 'server' ? { dryRun: ['All'] } : {}),
  };
};

const remedyFor = (error: ApiStatusError, action: Action, namespace: string, name: string): string | undefined => {
  if (error.remedy !== undefined) return error.remedy;
  const resource = action.on === 'vm' ? 'virtualmachines' : 'virtualmachineinstances';
  switch (error.code) {
    case 403:
      return `You need the verb update on ${resource}/${action.subresource} in subresources.kubevirt.io, for example from the ClusterRole kubevirt.io:edit.`;
    case 404:
      return `See what there is: kubectl get ${resource} -n ${namespace}`;
    case 409:
      return `See its state: kubectl get ${resource} ${name} -n ${namespace}`;
    default:
      return undefined;
  }
};

/** For `pause vm/x` when there is no VMI: whether the VM itself is missing or just not running. */
const explainMissingVmi = async (client: ApiClient, namespace: string, name: string): Promise<CliError> => {
  let vm: VirtualMachineState;
  try {
    vm = await client.get<VirtualMachineState>(objectPath('vm', namespace, name));
  } catch (error) {
    return error instanceof CliError ? error : new CliError(messageOf(error));
  }
  const why = whyNotRunning(vm);
  return new CliError(`VirtualMachine ${name} is not running${why === undefined ? '' : `: ${why}`}`, {
    remedy: `Start it first: start ${name} -n ${namespace}`,
  });
};

const report = async (io: Io, client: ApiClient, action: Action, name: string, flags: ActFlags): Promise<void> => {
  if (flags.output === 'name') print(io, `${KIND_NAME[action.on].toLowerCase()}.kubevirt.io/${name}`);
  else if (flags.output !== undefined) {
    await printAs(io, flags.output, await client.get(objectPath(action.on, client.namespace, name)));
  } else print(io, `${action.on.toUpperCase()} ${name} was scheduled to ${action.scheduledTo}`);
};

const checkOutput = (output: string | undefined): void => {
  if (output === undefined || ['json', 'yaml', 'name'].includes(output)) return;
  throw new UsageError(`unsupported output format "${output}"`, { remedy: 'Use -o json, -o yaml or -o name.' });
};

/** Runs start, stop, restart, pause, unpause or soft-reboot. Returns when the server has accepted it. */
export const act = async (io: Io, action: Action, flags: ActFlags): Promise<number> => {
  const target = targetOf(flags, action);
  const dryRun = parseDryRun(flags['dry-run']);
  const body = actionBody(action, flags, dryRun);
  checkOutput(flags.output);
  const client = await connectTo(io, flags, target.namespace);
  const { namespace } = client;
  if (dryRun !== 'none' && flags.output === undefined) print(io, 'Dry Run execution');
  // What the server cannot rehearse is not sent.
  if (dryRun === 'none' || (dryRun === 'server' && action.serverDryRun)) {
    try {
      const path = subresourcePath(action.on, namespace, target.name, action.subresource);
      await client.request({ method: 'PUT', path, body });
    } catch (error) {
      if (!(error instanceof ApiStatusError)) throw error;
      const missingVmi =
        error.code === 404 && error.remedy === undefined && action.on === 'vmi' && target.kind === 'vm';
      const cause = missingVmi ? await explainMissingVmi(client, namespace, target.name) : error;
      throw new CliError(`cannot ${action.name} ${KIND_NAME[action.on]} ${target.name}: ${cause.message}`, {
        remedy: cause.remedy ?? remedyFor(error, action, namespace, target.name),
        cause: error,
      });
    }
  }
  await report(io, client, action, target.name, flags);
  return ExitCode.ok;
};
